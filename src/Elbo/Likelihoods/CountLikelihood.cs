using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>
/// Poisson and negative-binomial columns: a log-rate from the decoder, and for the latter a dispersion r of the column, with
/// variance μ + μ²/r.
/// </summary>
public sealed class CountLikelihood : Likelihood
{
    // ln of the greatest rate: beyond it single precision cannot tell counts apart.
    private const double LargestLogRate = 15;

    private readonly Variable? _logDispersion;

    /// <summary>A block of columns of one of the two families.</summary>
    public CountLikelihood(IReadOnlyList<ModelledColumn> columns) : base(columns, columns.Count)
    {
        if (columns[0].Likelihood == LikelihoodKind.NegativeBinomial)
            _logDispersion = Share("NegativeBinomial.logDispersion", [columns.Count], 0.5);
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        var location = Tensor.FromArray([.. Columns.Select(c => c.Location)], [1, Columns.Count]);
        var scale = Tensor.FromArray([.. Columns.Select(c => c.Scale)], [1, Columns.Count]);
        return (Log1p(values) - location) / scale * mask;
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        // Outputs are in units of the spread of ln(1 + x) about its mean, as the other columns' are in theirs.
        var logRate = Clamp(parameters * PerColumn(c => c.Scale) + PerColumn(c => c.Location), -LargestLogRate, LargestLogRate);
        if (_logDispersion is null)
            return values * logRate - Exp(logRate) - LogGamma(values + 1.0);
        var logR = _logDispersion.Value;
        var r = Exp(logR);
        // ln(r/(r + μ)) = −softplus(ln μ − ln r), and μ/(r + μ) likewise.
        var difference = logRate - logR;
        return LogGamma(values + r) - LogGamma(r) - LogGamma(values + 1.0) - r * Softplus(difference) - values * Softplus(-difference);
    }

    /// <inheritdoc/>
    public override void AddExpectation(int column, ReadOnlySpan<float> parameters, double weight, Span<double> statistics) =>
        statistics[0] += weight * Math.Min(Rate(column, parameters), Columns[column].Maximum);

    /// <inheritdoc/>
    public override double Draw(int column, ReadOnlySpan<float> parameters, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var rate = Rate(column, parameters);
        if (_logDispersion is not null)
        {
            var r = Math.Exp(_logDispersion.AsSpan<float>()[column]);
            rate *= random.NextGamma(r) / r;
        }
        return random.NextPoisson(rate);
    }

    private double Rate(int column, ReadOnlySpan<float> parameters) =>
        Math.Exp(Math.Clamp(parameters[column] * Columns[column].Scale + Columns[column].Location, -LargestLogRate, LargestLogRate));
}
