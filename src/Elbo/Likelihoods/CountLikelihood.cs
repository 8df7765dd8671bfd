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

    /// <inheritdoc/>
    // A normal of ln(1 + y) that is cut half-way between counts.
    internal override Tensor LogDensityNear(Tensor features, Tensor values, Tensor logDeviation)
    {
        var inverse = Exp(-logDeviation);
        var scale = Tensor.FromArray([.. Columns.Select(c => c.Scale)], [1, Columns.Count]);
        var centred = (Features(values, Tensor.Full(values.Shape, 1, values.Type)) - features) * inverse;
        // What half a count more or less is, without the difference of two large numbers.
        var (more, less) = (Log1p(0.5 / (1.0 + values)) / scale * inverse, -Log1p(-0.5 / (1.0 + values)) / scale * inverse);
        var isNarrow = more + less < NarrowStretch;
        var between = CutNormal.LogBetween(centred - Where(isNarrow, Tensor.Scalar(1), less), centred + Where(isNarrow, Tensor.Scalar(1), more));
        var density = -0.5 * (centred * centred) - 0.5 * Math.Log(2 * Math.PI) + Log(more + less);
        return Where(values < 0.5, LogNormalCdf(centred + more), Where(isNarrow, density, between));
    }

    // A density is as good as even over so small a part of a standard deviation.
    private const double NarrowStretch = 0.01;

    // Counts up to here are told apart one by one, and room is left for greater ones than were seen.
    private const int MostTold = 128;

    private static int ToldOf(ModelledColumn column) => 2 * (int)Math.Min(column.Maximum, MostTold) + 10;

    /// <inheritdoc/>
    internal override bool IsMeanOfValues(int column) => ToldOf(Columns[column]) <= MostTold;

    /// <inheritdoc/>
    // By N(seen; place, σ²) at the place of each count, which behind little noise leaves one alone.
    internal override Tensor Seen(Tensor output, Tensor seen, Tensor noisy, Tensor signal, Tensor noise)
    {
        var told = Enumerable.Range(0, Columns.Count).Where(IsMeanOfValues).Select(c => ToldOf(Columns[c])).DefaultIfEmpty(0).Max();
        if (told == 0)
            return seen;
        var (rows, count) = (seen.Shape[0], Columns.Count);
        var places = Tensor.FromArray([.. Columns.SelectMany(c => Enumerable.Range(0, told).Select(k => (Math.Log(1 + k) - c.Location) / c.Scale))], [1, count, told]);
        var away = (seen.Reshape([rows, count, 1]) - places) / (noise.Shape.Rank == 0 ? noise : noise.Reshape([rows, 1, 1]));
        // Counts lie the closer the greater they are; each weighs as much as the room that it has.
        var room = Tensor.FromArray([.. Enumerable.Range(0, told).Select(k => -Math.Log(1 + k))], [1, 1, told]);
        var mean = (Exp(LogSoftmax(room - 0.5 * (away * away))) * places).Sum(-1);
        return Where(Tensor.FromArray([.. Enumerable.Range(0, count).Select(c => IsMeanOfValues(c) ? 1.0 : 0)], [1, count]) > 0.0, mean, seen);
    }

    /// <inheritdoc/>
    internal override double ValueNear(int column, ReadOnlySpan<double> features, double deviation, RandomNumbers? random)
    {
        var model = Columns[column];
        return model.Nearest(double.ExpM1((features[0] + (random is null ? 0 : deviation * random.NextNormal())) * model.Scale + model.Location));
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
