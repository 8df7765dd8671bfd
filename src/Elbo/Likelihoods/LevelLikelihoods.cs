using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>Columns of two levels: a log-odds each from the decoder.</summary>
public sealed class BernoulliLikelihood(IReadOnlyList<ModelledColumn> columns) : Likelihood(columns, columns.Count)
{
    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(mask);
        return (2.0 * values - 1.0) * mask;
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        return values * parameters - Softplus(parameters);
    }

    /// <inheritdoc/>
    // Levels at −1 and 1: ((f + 1)² − (f − 1)²)/2s² = 2f/s².
    internal override Tensor LogDensityNear(Tensor features, Tensor values, Tensor logDeviation) => LogDensity(2.0 * features * Exp(-2.0 * logDeviation), values);

    /// <inheritdoc/>
    internal override bool IsMeanOfValues(int column) => true;

    /// <inheritdoc/>
    // The mean of −1 and 1 of which the log-odds are 2(αz/σ² + output).
    internal override Tensor Seen(Tensor output, Tensor seen, Tensor noisy, Tensor signal, Tensor noise) => Tanh(output + noisy * (signal / (noise * noise)));

    /// <inheritdoc/>
    internal override double ValueNear(int column, ReadOnlySpan<double> features, double deviation, RandomNumbers? random) =>
        (random?.NextUniform() ?? 0.5) < 1 / (1 + Math.Exp(-2 * features[0] / (deviation * deviation))) ? 1 : 0;

    internal override int LevelWidth => 2;

    /// <inheritdoc/>
    internal override Tensor LogLevels(Tensor parameters)
    {
        var logit = parameters.Reshape(Shape.Create([.. parameters.Shape, 1]));
        return Tensor.Concatenate(parameters.Shape.Rank, LogSigmoid(-logit), LogSigmoid(logit));
    }

    /// <inheritdoc/>
    public override int StatisticCount(int column) => 2;

    /// <inheritdoc/>
    public override void AddExpectation(int column, ReadOnlySpan<float> parameters, double weight, Span<double> statistics)
    {
        var p = 1 / (1 + Math.Exp(-parameters[column]));
        statistics[0] += weight * (1 - p);
        statistics[1] += weight * p;
    }

    /// <inheritdoc/>
    public override double Draw(int column, ReadOnlySpan<float> parameters, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return random.NextUniform() < 1 / (1 + Math.Exp(-parameters[column])) ? 1 : 0;
    }

    /// <inheritdoc/>
    public override double Point(int column, ReadOnlySpan<double> statistics) => statistics[1] > statistics[0] ? 1 : 0;
}

/// <summary>What columns of several levels share: each is padded to the most levels of the block, so that one tensor holds them.</summary>
public abstract class LevelLikelihood : Likelihood
{
    // Where a column has fewer levels than its block: far enough below any logit to have probability 0, near enough to stay finite.
    private protected const double NoLevel = -1e9;

    private protected LevelLikelihood(IReadOnlyList<ModelledColumn> columns, int width, int parametersPerColumn) : base(columns, columns.Count * parametersPerColumn)
    {
        Width = width;
    }

    /// <summary>The most levels of a column of the block.</summary>
    private protected int Width { get; }

    internal override int LevelWidth => Width;

    /// <inheritdoc/>
    public override int StatisticCount(int column) => Columns[column].Column.Levels.Count;

    /// <inheritdoc/>
    public override void AddExpectation(int column, ReadOnlySpan<float> parameters, double weight, Span<double> statistics)
    {
        Span<double> probabilities = stackalloc double[Columns[column].Column.Levels.Count];
        Probabilities(column, parameters, probabilities);
        for (var level = 0; level < probabilities.Length; level++)
            statistics[level] += weight * probabilities[level];
    }

    /// <inheritdoc/>
    public override double Draw(int column, ReadOnlySpan<float> parameters, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<double> probabilities = stackalloc double[Columns[column].Column.Levels.Count];
        Probabilities(column, parameters, probabilities);
        var u = random.NextUniform();
        for (var level = 0; level < probabilities.Length - 1; level++)
        {
            u -= probabilities[level];
            if (u < 0)
                return level;
        }
        return probabilities.Length - 1;
    }

    /// <inheritdoc/>
    public override double Point(int column, ReadOnlySpan<double> statistics)
    {
        var best = 0;
        for (var level = 1; level < StatisticCount(column); level++)
        {
            if (statistics[level] > statistics[best])
                best = level;
        }
        return best;
    }

    /// <inheritdoc/>
    internal override int FeaturesEach => Width;

    /// <inheritdoc/>
    // 1 at the level among zeros, also where levels have an order: along a line many would lie too near to each other to be told apart.
    internal override Tensor Places(Tensor values, Tensor mask) =>
        (Indicator(values).Convert(values.Type) * mask.Reshape(Shape.Create([.. mask.Shape, 1]))).Reshape([values.Shape[0], Columns.Count * Width]);

    /// <inheritdoc/>
    internal override bool IsMeanOfValues(int column) => true;

    /// <inheritdoc/>
    // N(z; αe, σ²) is in proportion to exp(αz/σ²) at the level.
    internal override Tensor Seen(Tensor output, Tensor seen, Tensor noisy, Tensor signal, Tensor noise) => Exp(LogSoftmax(Levels(output + noisy * (signal / (noise * noise))))).Reshape(output.Shape);

    /// <inheritdoc/>
    // Distances squared from levels differ by −2f.
    internal override Tensor LogDensityNear(Tensor features, Tensor values, Tensor logDeviation)
    {
        var logits = Levels(features * Exp(-2.0 * logDeviation));
        return Where(Indicator(values), logits, Tensor.Scalar(0)).Sum(-1) - LogSumExp(logits, -1);
    }

    private Tensor Levels(Tensor features) => features.Reshape([features.Shape[0], Columns.Count, Width]) + Padding().Reshape([1, Columns.Count, Width]);

    /// <inheritdoc/>
    internal override double ValueNear(int column, ReadOnlySpan<double> features, double deviation, RandomNumbers? random)
    {
        var (best, most) = (0, double.NegativeInfinity);
        for (var level = 0; level < Columns[column].Column.Levels.Count; level++)
        {
            // The level with the greatest logit, with a Gumbel draw on each, is a draw.
            var logit = features[level] / (deviation * deviation) - (random is null ? 0 : Math.Log(-Math.Log(random.NextUniform())));
            if (logit > most)
                (best, most) = (level, logit);
        }
        return best;
    }

    private protected abstract void Probabilities(int column, ReadOnlySpan<float> parameters, Span<double> probabilities);

    /// <summary>1 at the level of each cell: [..., columns, width].</summary>
    private protected Tensor Indicator(Tensor codes)
    {
        var shape = Shape.Create([.. codes.Shape, Width]);
        return codes.Reshape(Shape.Create([.. codes.Shape, 1])).BroadcastTo(shape).EqualTo(Tensor.Iota(shape, shape.Rank - 1, codes.Type));
    }

    /// <summary>What keeps levels that a column does not have out, [1, 1, columns, width].</summary>
    private protected Tensor Padding() => Tensor.FromArray(
        [.. Columns.SelectMany(c => Enumerable.Range(0, Width).Select(level => level < c.Column.Levels.Count ? 0 : NoLevel))],
        [1, 1, Columns.Count, Width]);

    private protected static int WidthOf(IReadOnlyList<ModelledColumn> columns) => columns.Max(c => c.Column.Levels.Count);
}

/// <summary>Columns of several levels without order: a logit for each level from the decoder.</summary>
public sealed class CategoricalLikelihood(IReadOnlyList<ModelledColumn> columns) : LevelLikelihood(columns, WidthOf(columns), WidthOf(columns))
{
    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(mask);
        return Places(values, mask);
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        var logits = Logits(parameters);
        var chosen = Where(Indicator(values), logits, Tensor.Scalar(0)).Sum(-1);
        return chosen - LogSumExp(logits, -1);
    }

    /// <inheritdoc/>
    internal override Tensor LogLevels(Tensor parameters) => LogSoftmax(Logits(parameters));

    private Tensor Logits(Tensor parameters) => parameters.Reshape([parameters.Shape[0], parameters.Shape[1], Columns.Count, Width]) + Padding();

    private protected override void Probabilities(int column, ReadOnlySpan<float> parameters, Span<double> probabilities)
    {
        var logits = parameters.Slice(column * Width, probabilities.Length);
        var (max, sum) = (float.NegativeInfinity, 0.0);
        foreach (var logit in logits)
            max = Math.Max(max, logit);
        for (var level = 0; level < logits.Length; level++)
            sum += probabilities[level] = Math.Exp(logits[level] - max);
        for (var level = 0; level < logits.Length; level++)
            probabilities[level] /= sum;
    }

}

/// <summary>
/// Columns of ordered levels: P(y ≤ k) = σ(θₖ − η), with one η from the decoder and increasing thresholds θ of the column
/// (McCullagh, 1980). Thresholds are kept in order by learning the logarithms of their distances.
/// </summary>
public sealed class OrdinalLikelihood : LevelLikelihood
{
    private readonly Variable _first;
    private readonly Variable _logGaps;

    /// <summary>A block of ordinal columns.</summary>
    public OrdinalLikelihood(IReadOnlyList<ModelledColumn> columns) : base(columns, Math.Max(2, WidthOf(columns)), 1)
    {
        // A model has a block for each range of level counts. Thresholds are vectors, so that no weight decay takes them for weights.
        _first = Share($"Ordinal{Width}.first", [columns.Count], -1);
        _logGaps = Share($"Ordinal{Width}.logGaps", [columns.Count * GapCount], 0);
    }

    private int GapCount => Math.Max(1, Width - 2);

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(mask);
        var centre = Tensor.FromArray([.. Columns.Select(c => (c.Column.Levels.Count - 1) / 2.0)], [1, Columns.Count]);
        return (values - centre) / (centre + 0.5) * mask;
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        return Where(Indicator(values), LogProbabilities(parameters), Tensor.Scalar(0)).Sum(-1);
    }

    /// <inheritdoc/>
    internal override Tensor LogLevels(Tensor parameters) => LogProbabilities(parameters) + Padding();

    private Tensor LogProbabilities(Tensor parameters)
    {
        // Level k lies between thresholds k − 1 and k; below the first and above the last there is none.
        // ln(σ(a) − σ(b)) = ln σ(a) + ln σ(−b) + ln(1 − e^(b − a)), exact where a and b are far out.
        var eta = parameters.Reshape([parameters.Shape[0], parameters.Shape[1], Columns.Count, 1]);
        var thresholds = Thresholds();
        var below = Constants((k, levels) => k == 0 ? 0 : 1);
        var above = Constants((k, levels) => k >= levels - 1 ? 0 : 1);
        var between = below * above;
        var upper = Lined(thresholds, 0) - eta;
        var lower = Lined(thresholds, 1) - eta;
        var gap = Where(between > 0.0, Lined(GapBefore(), 0), Tensor.Scalar(1));
        return above * LogSigmoid(upper) + below * LogSigmoid(-lower) + between * Log(-Expm1(-gap));
    }

    private protected override void Probabilities(int column, ReadOnlySpan<float> parameters, Span<double> probabilities)
    {
        var threshold = (double)_first.AsSpan<float>()[column];
        var gaps = _logGaps.AsSpan<float>().Slice(column * GapCount, GapCount);
        var before = 0.0;
        for (var level = 0; level < probabilities.Length - 1; level++)
        {
            if (level > 0)
                threshold += Math.Exp(gaps[level - 1]);
            var cumulative = 1 / (1 + Math.Exp(parameters[column] - threshold));
            probabilities[level] = cumulative - before;
            before = cumulative;
        }
        probabilities[^1] = 1 - before;
    }

    private Tensor First => _first.Value.Reshape([Columns.Count, 1]);

    private Tensor Gaps => Exp(_logGaps.Value.Reshape([Columns.Count, GapCount]));

    // θ₀ … θ_{W−2} of each column: the first, and sums of the gaps after it.
    private Tensor Thresholds() => Width == 2
        ? First
        : Tensor.Concatenate(1, First, First + Gaps.CumulativeSum(1));

    // θₖ − θₖ₋₁ at place k, where both exist.
    private Tensor GapBefore() => Width == 2
        ? Tensor.Full([Columns.Count, 1], 1)
        : Tensor.Concatenate(1, Tensor.Full([Columns.Count, 1], 1), Gaps);

    // Thresholds laid along the levels, from place `start` on: θₖ for 0, θₖ₋₁ for 1; what is outside is 0.
    private Tensor Lined(Tensor thresholds, int start) =>
        thresholds.Pad([0, start], [0, Width - start - thresholds.Shape[1]]).Reshape([1, 1, Columns.Count, Width]);

    private Tensor Constants(Func<int, int, double> number) => Tensor.FromArray(
        [.. Columns.SelectMany(c => Enumerable.Range(0, Width).Select(k => number(k, c.Column.Levels.Count)))],
        [1, 1, Columns.Count, Width]);
}
