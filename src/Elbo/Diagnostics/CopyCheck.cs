using System.Globalization;
using MathNet.Numerics.Distributions;

namespace Elbo.Diagnostics;

/// <summary>
/// Whether samples are copies of training rows, exact or nearly so: new data lie at some distance from the nearest training row, and samples of a
/// model that has learned the distribution, not the rows, as far (Meehan, Chaudhuri and Dasgupta, 2020).
/// </summary>
/// <param name="Copies">The share of samples that are training rows exactly.</param>
/// <param name="CopiesAmongData">The same of held-out rows: above 0 where rows repeat.</param>
/// <param name="Nearer">The probability that a sample is nearer to a training row than a held-out row is, ties counting half; ½ where neither is.</param>
/// <param name="PValue">The probability of as much by chance (Mann and Whitney, 1947; by its normal limit).</param>
public sealed record CopyCheck(double Copies, double CopiesAmongData, double Nearer, double PValue)
{
    private const double Noticeable = 0.75;
    private const double Sure = 0.001;

    /// <summary>Whether samples lie so much nearer to training rows than new data do, beyond chance, that they must be called copies.</summary>
    public bool AreCopies => Nearer > Noticeable && PValue < Sure;

    /// <summary>Compares samples and held-out rows by their distances to the nearest training row.</summary>
    /// <param name="samples">At least 2.</param>
    /// <param name="heldOut">At least 2 rows of the same origin as the training rows, but none of them.</param>
    /// <param name="training">The training rows.</param>
    /// <param name="threads">Null for all the machine has. Results do not depend on it.</param>
    public static CopyCheck Of(Points samples, Points heldOut, Points training, int? threads = null)
    {
        Points.RequireSame(samples, training);
        Points.RequireSame(heldOut, training);
        var (ofSamples, ofData) = (SquaredDistances.ToNearest(samples, training, threads), SquaredDistances.ToNearest(heldOut, training, threads));
        var (nearer, p) = MannWhitney(ofSamples, ofData);
        return new(ofSamples.Count(d => d == 0) / (double)ofSamples.Length, ofData.Count(d => d == 0) / (double)ofData.Length, nearer, p);
    }

    /// <summary>The check in a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Copies:P1} of samples are training rows ({CopiesAmongData:P1} of held-out rows); a sample is nearer to one than a held-out row is with probability {Nearer:F2}, p = {PValue:G2}");

    // P(first < second) + ½P(first = second), and the probability of as much or more where both are draws of the same.
    private static (double Share, double PValue) MannWhitney(double[] first, double[] second)
    {
        var (m, n) = ((double)first.Length, (double)second.Length);
        var all = first.Select(v => (Value: v, IsFirst: true)).Concat(second.Select(v => (Value: v, IsFirst: false))).OrderBy(v => v.Value).ToArray();
        var (rankSum, ties) = (0.0, 0.0);
        for (var start = 0; start < all.Length;)
        {
            var end = start;
            while (end < all.Length && all[end].Value == all[start].Value)
                end++;
            var tied = (double)(end - start);
            rankSum += all[start..end].Count(v => v.IsFirst) * (start + end + 1) / 2.0;
            ties += tied * tied * tied - tied;
            start = end;
        }
        // Pairs in which the first is greater; ties count half.
        var greater = rankSum - m * (m + 1) / 2;
        var share = 1 - greater / (m * n);
        var variance = m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
        return (share, variance > 0 ? Normal.CDF(0, 1, -(share - 0.5) * m * n / Math.Sqrt(variance)) : 1);
    }
}
