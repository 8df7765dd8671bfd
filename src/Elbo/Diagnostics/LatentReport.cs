using System.Globalization;

namespace Elbo.Diagnostics;

/// <summary>What a latent number is used for.</summary>
public enum LatentUse
{
    /// <summary>It tells about rows.</summary>
    Active,

    /// <summary>It costs divergence and tells next to nothing about rows: its codes are off the prior in the same way for all of them.</summary>
    Noise,

    /// <summary>It is the prior for every row: it costs nothing and tells nothing.</summary>
    Collapsed,
}

/// <summary>A latent number, and what it is used for.</summary>
/// <param name="Name">Such as z1.</param>
/// <param name="Divergence">What it costs: E KL(q(zⱼ|x)‖p(zⱼ)), nats per row.</param>
/// <param name="Information">What it tells by itself: I(x; zⱼ) = E KL(q(zⱼ|x)‖p(zⱼ)) − KL(q(zⱼ)‖p(zⱼ)), nats.</param>
/// <param name="MeanVariance">The variance over rows of its posterior mean; above 0.01 it counts as active for Burda, Grosse and Salakhutdinov (2016).</param>
/// <param name="Use">What it is used for.</param>
public sealed record LatentReport(string Name, double Divergence, Estimate Information, double MeanVariance, LatentUse Use)
{
    // Nats per row that are next to nothing: with them one row in a hundred could be told from the others by one bit.
    private const double NextToNothing = 0.01;

    // Chance does not explain information of so many of its errors.
    private const double Errors = 2;

    /// <summary>Every latent number of diagonal normal posteriors against N(0, I).</summary>
    /// <param name="means">Posterior means of all rows.</param>
    /// <param name="logVariances">Logarithms of the posterior variances, of the same shape.</param>
    /// <param name="options">Draws and seed of the split of the divergence; its prior has to be N(0, I).</param>
    /// <exception cref="ArgumentException">Shapes differ, or the prior is another.</exception>
    public static IReadOnlyList<LatentReport> Of(Points means, Points logVariances, AggregateSplitOptions? options = null)
    {
        if (options?.LogPrior is not null)
            throw new ArgumentException("A latent number has a divergence of its own where the prior is N(0, I); under another prior use AggregateSplit for all together.", nameof(options));
        var split = AggregateSplit.Of(means, logVariances, options);
        return [.. Enumerable.Range(0, means.Dimensions).Select(j => Of(j, means, logVariances, split.Dimensions[j]))];
    }

    /// <summary>The number in a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Use switch { LatentUse.Active => "active", LatentUse.Noise => "noise", _ => "collapsed" }}: costs {Divergence:F3} nats, tells {Information.Value:F3}");

    private static LatentReport Of(int j, Points means, Points logVariances, Estimate off)
    {
        var (n, divergence, mean, square) = (means.Count, 0.0, 0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            var (m, logVariance) = ((double)means[i][j], (double)logVariances[i][j]);
            divergence += 0.5 * (m * m + Math.Exp(logVariance) - logVariance - 1) / n;
            mean += m / n;
        }
        for (var i = 0; i < n; i++)
            square += (means[i][j] - mean) * (means[i][j] - mean) / n;
        var information = new Estimate(divergence - off.Value, off.StandardError);
        var use = divergence < NextToNothing ? LatentUse.Collapsed
            : information.Value < NextToNothing + Errors * information.StandardError ? LatentUse.Noise
            : LatentUse.Active;
        return new($"z{j + 1}", divergence, information, square, use);
    }
}
