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
        // With δ = ln μ − ln y, y·ln μ − μ − ln y! is −y(e^δ − 1 − δ) − ½ ln 2πy − R(y), R the remainder of Stirling's formula:
        // large numbers that would cancel never arise (Loader, 2000). Zeros take the place of y by 1, and make up for it.
        var counted = Maximum(values, Tensor.Scalar(1));
        var delta = logRate - Log(counted);
        var excess = counted * Expm1(delta) + (counted - values);
        var known = values * delta - Where(values > 0.0, 0.5 * Log(counted * (2 * Math.PI)) + Remainder(counted), Tensor.Scalar(0));
        if (_logDispersion is null)
            return known - excess;
        // Γ(y + r)/(Γ(r) y!) (r/(r + μ))ʳ (μ/(r + μ))ʸ in the same terms; it goes over into the above as r grows without end.
        var r = Exp(_logDispersion.Value);
        var all = values + r;
        return known - all * LogRatio(excess, Exp(logRate) + r, all) - 0.5 * Log1p(values / r) + Remainder(all) - Remainder(r);
    }

    // ln(a/b) where a − b is known better than a and b. The bound is where the difference no longer matters; b could be all of it.
    private static Tensor LogRatio(Tensor difference, Tensor a, Tensor b)
    {
        var share = difference / b;
        return Where(share > -0.5, Log1p(Maximum(share, Tensor.Scalar(-0.5))), Log(a / b));
    }

    // ln Γ(x) − (x − ½) ln x + x − ½ ln 2π. From 8 on two terms of its series are exact in single precision.
    private static Tensor Remainder(Tensor x)
    {
        const double Far = 8;
        var near = Where(x < Far, x, Tensor.Scalar(1));
        var inverse = 1.0 / Maximum(x, Tensor.Scalar(Far));
        return Where(
            x < Far,
            LogGamma(near) - (near - 0.5) * Log(near) + near - 0.5 * Math.Log(2 * Math.PI),
            inverse * (1.0 / 12 - inverse * inverse / 360));
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
