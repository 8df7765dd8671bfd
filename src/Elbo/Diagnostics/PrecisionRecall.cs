using System.Globalization;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>
/// Whether samples lie where data do, and whether they are everywhere that data are (Kynkäänniemi, Karras, Laine, Lehtinen and Aila, 2019): a point lies where
/// a set does if it is within the ball of one of its points, which reaches to the k-th nearest neighbour of that point in its own set.
/// </summary>
/// <param name="Precision">The share of samples that lie where data do.</param>
/// <param name="Recall">The share of data that lie where samples do.</param>
/// <param name="ByChance">What either comes to where the same points are dealt to two sets at random: what is to be had with so few points in so many dimensions.</param>
/// <param name="Neighbours">k.</param>
/// <param name="Count">Points of each set; equally many, as balls of few points are larger.</param>
public sealed record PrecisionRecall(double Precision, double Recall, double ByChance, int Neighbours, int Count)
{
    // Distances of the same two points may differ so much by the place at which they were computed.
    private const float Rounding = 1e-6f;

    /// <summary>Compares two sets of points. The work grows as the square of their number.</summary>
    /// <param name="samples">More than <paramref name="neighbours"/>; as many as there are data, or as many of them are used.</param>
    /// <param name="data">More than <paramref name="neighbours"/>, of as many numbers; as many as there are samples, or as many of them are used.</param>
    /// <param name="neighbours">k, at least 1.</param>
    /// <param name="seed">That of choices and of the dealing at random.</param>
    /// <param name="threads">Null for all the machine has. Results do not depend on it.</param>
    public static PrecisionRecall Of(Points samples, Points data, int neighbours = 3, ulong seed = 0, int? threads = null)
    {
        Points.RequireSame(samples, data);
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbours, 1);
        var count = Math.Min(samples.Count, data.Count);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(count, neighbours);
        var random = new RandomNumbers(seed, Streams.Subset);
        var pool = samples.AtMost(count, random).With(data.AtMost(count, random));
        return Of(SquaredDistances.All(pool, pool, threads), count, neighbours, seed, threads);
    }

    /// <summary>Of the squared distances of all points of two sets of equally many, the samples first.</summary>
    internal static PrecisionRecall Of(float[] squaredDistances, int count, int neighbours, ulong seed, int? threads)
    {
        int[] order = [.. Enumerable.Range(0, 2 * count)];
        var (precision, recall) = (Within(squaredDistances, order[..count], order[count..], neighbours, threads), Within(squaredDistances, order[count..], order[..count], neighbours, threads));
        new RandomNumbers(seed, Streams.Relabelling).Shuffle<int>(order);
        var byChance = 0.5 * (Within(squaredDistances, order[..count], order[count..], neighbours, threads) + Within(squaredDistances, order[count..], order[..count], neighbours, threads));
        return new(precision, recall, byChance, neighbours, count);
    }

    /// <summary>Both in a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"precision {Precision:P1}, recall {Recall:P1} (equal sets of {Count} have {ByChance:P1}), by {Neighbours} neighbours");

    // The share of some points that lie within a ball of others.
    private static double Within(float[] squared, int[] points, int[] others, int neighbours, int? threads)
    {
        var all = points.Length + others.Length;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads ?? -1 };
        var radii = new float[others.Length];
        Parallel.For(0, others.Length, parallel, i =>
        {
            var nearest = new float[neighbours];
            nearest.AsSpan().Fill(float.PositiveInfinity);
            foreach (var j in others)
            {
                var distance = j == others[i] ? float.PositiveInfinity : squared[(long)others[i] * all + j];
                for (var k = neighbours - 1; k >= 0 && distance < nearest[k]; k--)
                {
                    if (k < neighbours - 1)
                        nearest[k + 1] = nearest[k];
                    nearest[k] = distance;
                }
            }
            radii[i] = nearest[^1] * (1 + Rounding);
        });
        var isWithin = new bool[points.Length];
        Parallel.For(0, points.Length, parallel, i =>
        {
            for (var j = 0; j < others.Length && !isWithin[i]; j++)
                isWithin[i] = squared[(long)points[i] * all + others[j]] <= radii[j];
        });
        return isWithin.Count(w => w) / (double)points.Length;
    }
}
