using Elbo.Compute;

namespace Elbo.Diagnostics.Factors;

/// <summary>
/// The separated attribute predictability (SAP; Kumar, Sattigeri and Balakrishnan, 2018): on average over factors, by how much the latent number that predicts a
/// factor best does so better than the next. Ordered and cyclic factors are predicted by lines, scored by the share of variance explained; unordered ones by
/// intervals of the latent number, scored by accuracy balanced over levels on other rows, from 0 for chance to 1.
/// </summary>
/// <param name="Factors">Names of the factors.</param>
/// <param name="Predictability">Of each factor by each latent number, from 0 to 1.</param>
public sealed record SeparatedPredictability(IReadOnlyList<string> Factors, IReadOnlyList<IReadOnlyList<double>> Predictability)
{
    private const int Intervals = 20;

    /// <summary>The mean gap, from 0 to 1.</summary>
    public double Score => Gaps.Average();

    /// <summary>The gap of each factor.</summary>
    public IReadOnlyList<double> Gaps => [.. Predictability.Select(p =>
    {
        double[] sorted = [.. p.OrderDescending()];
        return sorted[0] - (sorted.Length > 1 ? sorted[1] : 0);
    })];

    /// <summary>Scores codes.</summary>
    /// <param name="codes">A code for each row.</param>
    /// <param name="factors">The factors of the rows.</param>
    /// <param name="seed">Decides which rows intervals are learned on.</param>
    public static SeparatedPredictability Of(Points codes, FactorTable factors, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(factors);
        factors.Require(codes);
        return new(
            [.. factors.Factors.Select(f => f.Name)],
            [.. factors.Factors.Select(f => (IReadOnlyList<double>)[.. Enumerable.Range(0, codes.Dimensions).Select(j => f.Kind == FactorKind.Unordered ? ByIntervals(codes, j, f, seed) : ByLine(codes, j, f))])]);
    }

    // Squared correlations, weighted by the variances of what is predicted.
    private static double ByLine(Points codes, int j, KnownFactor factor)
    {
        var targets = FactorTable.Targets(factor);
        var (n, mean) = (codes.Count, 0.0);
        for (var i = 0; i < n; i++)
            mean += codes[i][j] / (double)n;
        var (variance, covariances) = (0.0, new double[targets[0].Length]);
        double[] targetMeans = [.. Enumerable.Range(0, covariances.Length).Select(t => targets.Average(row => row[t]))];
        for (var i = 0; i < n; i++)
        {
            var off = codes[i][j] - mean;
            variance += off * off / n;
            for (var t = 0; t < covariances.Length; t++)
                covariances[t] += off * (targets[i][t] - targetMeans[t]) / n;
        }
        // Of a number that does not move there is nothing to tell.
        return variance < 1e-12 ? 0 : covariances.Sum(c => c * c) / variance;
    }

    private static double ByIntervals(Points codes, int j, KnownFactor factor, ulong seed)
    {
        var binned = CodeBins.OfRanks(codes, j, Intervals);
        int[] order = [.. Enumerable.Range(0, codes.Count)];
        new RandomNumbers(seed, Streams.FactorScores + 1).Shuffle<int>(order);
        var half = order.Length / 2;
        var counts = new int[factor.Levels];
        foreach (var value in factor.Values)
            counts[value]++;
        var votes = new double[Intervals, factor.Levels];
        foreach (var row in order.AsSpan(0, half))
            votes[binned[row], factor.Values[row]] += 1.0 / counts[factor.Values[row]];
        int[] chosen = [.. Enumerable.Range(0, Intervals).Select(b => Enumerable.Range(0, factor.Levels).MaxBy(v => votes[b, v]))];
        var (right, seen) = (new double[factor.Levels], new double[factor.Levels]);
        foreach (var row in order.AsSpan(half))
        {
            var level = factor.Values[row];
            seen[level]++;
            if (chosen[binned[row]] == level)
                right[level]++;
        }
        var levels = seen.Count(s => s > 0);
        var accuracy = Enumerable.Range(0, factor.Levels).Where(v => seen[v] > 0).Average(v => right[v] / seen[v]);
        return levels < 2 ? 0 : Math.Max(0, (accuracy - 1.0 / levels) / (1 - 1.0 / levels));
    }
}
