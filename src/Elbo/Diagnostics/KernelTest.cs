using System.Globalization;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>
/// The maximum mean discrepancy of two sets of points (Gretton, Borgwardt, Rasch, Schölkopf and Smola, 2012), by the kernel exp(−|x − y|²/2h²) with h the
/// median distance between points of both sets together.
/// </summary>
/// <param name="Squared">MMD², by the unbiased U-statistic: E k(x, x′) + E k(y, y′) − 2 E k(x, y). Below 0 by chance where the sets are alike.</param>
/// <param name="ByChance">Its standard deviation over permutations, so where both sets are draws of the same.</param>
/// <param name="PValue">The probability of as much where both sets are draws of the same, by permutations: exact, with the observed labels among them.</param>
/// <param name="Bandwidth">h.</param>
/// <param name="Permutations">How many.</param>
/// <param name="Count">Points of both sets together.</param>
public sealed record KernelTest(double Squared, double ByChance, double PValue, double Bandwidth, int Permutations, int Count)
{
    private const int ColumnsAtOnce = 64;

    /// <summary>Compares two sets of points. The work grows as the square of their number.</summary>
    /// <param name="samples">At least 2.</param>
    /// <param name="data">At least 2, of as many numbers.</param>
    /// <param name="permutations">At least 1; the least p-value is 1/(1 + permutations).</param>
    /// <param name="seed">That of the permutations.</param>
    /// <param name="threads">Null for all the machine has. Results do not depend on it.</param>
    public static KernelTest Of(Points samples, Points data, int permutations = 500, ulong seed = 0, int? threads = null)
    {
        Points.RequireSame(samples, data);
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(samples.Count, data.Count), 2);
        var pool = samples.With(data);
        return Of(SquaredDistances.All(pool, pool, threads), samples.Count, data.Count, permutations, seed, threads);
    }

    /// <summary>The test from the squared distances of all points of both sets, the samples first.</summary>
    internal static KernelTest Of(float[] squaredDistances, int samples, int data, int permutations, ulong seed, int? threads)
    {
        var (count, bandwidth) = (samples + data, Bandwidths(squaredDistances, samples + data));
        using var cpu = new Cpu(threads);
        var kernel = new Variable("kernel", [count, count], DType.Float64);
        var membership = Tensor.Input("membership", [count, ColumnsAtOnce], DType.Float64);
        // Σ over pairs of samples of the kernel, for each column of memberships; a permutation changes nothing else.
        var within = (kernel.Value.MatMul(membership) * membership).Sum(0);
        var rowSums = kernel.Value.Sum(1);
        using var function = cpu.Compile([within, rowSums]);
        var elements = kernel.AsSpan<double>();
        for (var i = 0; i < elements.Length; i++)
            elements[i] = i / count == i % count ? 0 : Math.Exp(-0.5 * squaredDistances[i] / (bandwidth * bandwidth));

        var random = new RandomNumbers(seed, Streams.KernelTest);
        int[] order = [.. Enumerable.Range(0, count)];
        var values = new double[permutations + 1];
        for (var first = 0; first < values.Length; first += ColumnsAtOnce)
        {
            var columns = function.Input<double>(membership);
            columns.Clear();
            var sampleRows = new int[ColumnsAtOnce][];
            for (var column = 0; column < ColumnsAtOnce; column++)
            {
                // The first labels are those observed.
                if (first + column > 0)
                    random.Shuffle<int>(order);
                sampleRows[column] = order[..samples];
                foreach (var row in sampleRows[column])
                    columns[row * ColumnsAtOnce + column] = 1;
            }
            function.Run();
            var ofColumns = function.Output<double>(within);
            var ofRows = function.Output<double>(rowSums).ToArray();
            for (var column = 0; column < ColumnsAtOnce && first + column < values.Length; column++)
                values[first + column] = Statistic(ofColumns[column], sampleRows[column].Sum(row => ofRows[row]), ofRows.Sum(), samples, data);
        }
        kernel.Dispose();
        var permuted = values[1..];
        var mean = permuted.Average();
        return new(
            values[0], Math.Sqrt(permuted.Sum(v => (v - mean) * (v - mean)) / permutations), (1.0 + permuted.Count(v => v >= values[0])) / (1 + permutations),
            bandwidth, permutations, count);
    }

    /// <summary>The test in a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"MMD² {Squared:G3} (by chance {ByChance:G2}), p = {PValue:G2}, by a normal kernel of width {Bandwidth:G3}, the median distance");

    // All pairs are pairs of samples, pairs of data, or one of each; those of samples and those of a sample with any point are known.
    private static double Statistic(double within, double ofSamples, double ofAll, double samples, double data)
    {
        var across = ofSamples - within;
        var ofData = ofAll - ofSamples - across;
        return within / (samples * (samples - 1)) + ofData / (data * (data - 1)) - 2 * across / (samples * data);
    }

    private static double Bandwidths(float[] squaredDistances, int count)
    {
        var pairs = new float[(long)count * (count - 1) / 2];
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            for (var j = i + 1; j < count; j++)
                pairs[at++] = squaredDistances[(long)i * count + j];
        }
        Array.Sort(pairs);
        var median = Math.Sqrt(pairs[pairs.Length / 2]);
        // Where most points are the same, their mean distance tells the scale of the others; where all are, any will do.
        return median > 0 ? median : pairs[^1] > 0 ? pairs.Average(p => Math.Sqrt(p)) : 1;
    }
}
