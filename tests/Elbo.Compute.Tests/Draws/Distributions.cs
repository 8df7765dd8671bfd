namespace Elbo.Compute.Tests.Draws;

/// <summary>What draws are measured against.</summary>
internal static class Distributions
{
    /// <summary>Φ(x), by the series of erf near 0 and the continued fraction of erfc in the tails.</summary>
    public static double NormalCdf(double x)
    {
        if (Math.Abs(x) < 3)
        {
            var (term, sum) = (x, x);
            for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
                sum += term *= x * x / (2 * n + 1);
            return 0.5 + sum * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
        }
        var (t, fraction) = (Math.Abs(x), 0.0);
        for (var n = 60; n > 0; n--)
            fraction = n / (t + fraction);
        var tail = Math.Exp(-0.5 * t * t) / Math.Sqrt(2 * Math.PI) / (t + fraction);
        return x < 0 ? tail : 1 - tail;
    }

    /// <summary>The greatest distance between the distribution of draws and the one they should have.</summary>
    public static double KolmogorovDistance(double[] draws, Func<double, double> cdf)
    {
        var (sorted, distance) = (draws.Order().ToArray(), 0.0);
        for (var i = 0; i < sorted.Length; i++)
        {
            var p = cdf(sorted[i]);
            distance = Math.Max(distance, Math.Max(p - (double)i / sorted.Length, (i + 1.0) / sorted.Length - p));
        }
        return distance;
    }

    /// <summary>What true draws exceed once in 20,000: 2·exp(−2nd²) = 5e-5 (Kolmogorov).</summary>
    public static double KolmogorovBound(int count) => Math.Sqrt(Math.Log(2 / 5e-5) / (2.0 * count));
}
