using System.Globalization;

namespace Elbo.Diagnostics.Factors;

/// <summary>What the latent numbers tell of one factor.</summary>
/// <param name="Factor">The factor.</param>
/// <param name="Entropy">H(v) over the rows, nats.</param>
/// <param name="Information">I(zⱼ; v) of each latent number, nats.</param>
public sealed record FactorInformation(string Factor, double Entropy, IReadOnlyList<double> Information)
{
    /// <summary>The latent number that tells most, from 0.</summary>
    public int Best => Information.Index().MaxBy(i => i.Item).Index;

    /// <summary>(I₁ − I₂)/H(v) of the two latent numbers that tell most: 1 where one tells all and no other anything.</summary>
    public double Gap
    {
        get
        {
            double[] sorted = [.. Information.OrderDescending()];
            return (sorted[0] - (sorted.Length > 1 ? sorted[1] : 0)) / Entropy;
        }
    }
}

/// <summary>
/// The mutual information gap (MIG; Chen, Li, Grosse and Duvenaud, 2018, equation 6): on average over factors, by how much the latent number that
/// tells most of a factor tells more than the next, as a share of the factor's entropy.
/// </summary>
/// <remarks>
/// There are two estimators, and they disagree. <see cref="OfPosterior"/> is that of the paper: the information of draws of q(z|x), whose noise counts; here by quadrature of the
/// mixtures in one dimension, so without chance errors. <see cref="OfMeans"/> is the one that later comparisons use (Locatello and others, 2019): means in 20 equal bins, which cannot tell
/// more than ln 20 nats of a factor, and tell ever so little of any by chance.
/// </remarks>
/// <param name="Factors">What is told of each factor.</param>
/// <param name="Estimator">How it was estimated.</param>
public sealed record MutualInformationGap(IReadOnlyList<FactorInformation> Factors, string Estimator)
{
    // Densities are summed within so many standard deviations, on a grid of half the smallest of these.
    private const double Reach = 7;
    private const int MostPoints = 1 << 16;

    /// <summary>The mean gap, from 0 to 1.</summary>
    public double Score => Factors.Average(f => f.Gap);

    /// <summary>The gap by the means of q(z|x) alone, in equal bins from the least mean to the greatest.</summary>
    /// <param name="codes">A mean for each row.</param>
    /// <param name="factors">The factors of the rows.</param>
    /// <param name="bins">How many, at least 2.</param>
    public static MutualInformationGap OfMeans(Points codes, FactorTable factors, int bins = 20)
    {
        ArgumentNullException.ThrowIfNull(factors);
        factors.Require(codes);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        int[][] binned = [.. Enumerable.Range(0, codes.Dimensions).Select(j => CodeBins.Equal(codes, j, bins))];
        return new([.. factors.Factors.Select(f => new FactorInformation(f.Name, FactorTable.Entropy(f), [.. binned.Select(b => CodeBins.Information(b, bins, f))]))], $"means in {bins} bins");
    }

    /// <summary>The gap by draws of q(z|x), whose distributions over all rows, and over those of each level, are integrated.</summary>
    /// <param name="means">Means of q(z|x), a point for each row.</param>
    /// <param name="logVariances">Logarithms of the variances.</param>
    /// <param name="factors">The factors of the rows. The rows should be as the factors are: all their combinations, or drawn from these.</param>
    public static MutualInformationGap OfPosterior(Points means, Points logVariances, FactorTable factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        factors.Require(means);
        Points.RequireSame(means, logVariances);
        factors.Require(logVariances);
        double[][] byLatent = [.. Enumerable.Range(0, means.Dimensions).Select(j => Informations(means, logVariances, j, factors))];
        return new([.. factors.Factors.Select((f, k) => new FactorInformation(f.Name, FactorTable.Entropy(f), [.. byLatent.Select(i => i[k])]))], "draws of q(z|x)");
    }

    /// <summary>The score and what it is made of, a line for each factor.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Factors.Select(f =>
        string.Create(CultureInfo.InvariantCulture, $"  {f.Factor}: gap {f.Gap:F3}, z{f.Best + 1} tells {f.Information[f.Best]:F2} of {f.Entropy:F2} nats")).Prepend(string.Create(CultureInfo.InvariantCulture, $"MIG {Score:F3} ({Estimator})")));

    // I(zⱼ; v) of each factor: H(zⱼ) less the mean of H(zⱼ|v).
    private static double[] Informations(Points means, Points logVariances, int j, FactorTable factors)
    {
        var (rows, deviations) = (means.Count, new double[means.Count]);
        var (low, high, narrowest) = (double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity);
        for (var i = 0; i < rows; i++)
        {
            deviations[i] = Math.Exp(0.5 * logVariances[i][j]);
            (low, high) = (Math.Min(low, means[i][j] - Reach * deviations[i]), Math.Max(high, means[i][j] + Reach * deviations[i]));
            narrowest = Math.Min(narrowest, deviations[i]);
        }
        var step = Math.Max(narrowest / 2, (high - low) / MostPoints);
        var points = (int)Math.Ceiling((high - low) / step) + 1;
        var all = new double[points];
        double[][][] byLevel = [.. factors.Factors.Select(f => Enumerable.Range(0, f.Levels).Select(_ => new double[points]).ToArray())];
        for (var i = 0; i < rows; i++)
        {
            // What is narrower than the grid can show counts as so wide.
            var (mean, deviation) = (means[i][j], Math.Max(deviations[i], 2 * step));
            var (from, to) = (Math.Max(0, (int)((mean - Reach * deviation - low) / step)), Math.Min(points - 1, (int)((mean + Reach * deviation - low) / step) + 1));
            var height = 1 / (deviation * Math.Sqrt(2 * Math.PI));
            for (var p = from; p <= to; p++)
            {
                var off = (low + p * step - mean) / deviation;
                var density = height * Math.Exp(-0.5 * off * off);
                all[p] += density;
                for (var k = 0; k < byLevel.Length; k++)
                    byLevel[k][factors.Factors[k].Values[i]][p] += density;
            }
        }
        var entropy = Entropy(all, rows, step);
        return [.. factors.Factors.Select((f, k) =>
        {
            var counts = new int[f.Levels];
            foreach (var value in f.Values)
                counts[value]++;
            return Math.Max(0, entropy - Enumerable.Range(0, f.Levels).Where(v => counts[v] > 0).Sum(v => (double)counts[v] / rows * Entropy(byLevel[k][v], counts[v], step)));
        })];
    }

    // −∫ q ln q of a density that is a sum over so many rows.
    private static double Entropy(double[] sums, int rows, double step)
    {
        var entropy = 0.0;
        foreach (var sum in sums)
        {
            if (sum > 0)
                entropy -= sum / rows * Math.Log(sum / rows) * step;
        }
        return entropy;
    }
}
