using Elbo.Compute;
using Elbo.Distributions;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>Independent normals by their means and the logarithms of their variances, numbers along the last axis.</summary>
internal readonly record struct DiagonalNormal(Tensor Mean, Tensor LogVariance)
{
    // Narrower or wider than this is beyond what single precision can learn from.
    private const double SmallestLogVariance = -14;
    private const double LargestLogVariance = 6;

    /// <summary>Means and log-variances side by side along the last axis, as networks give them.</summary>
    public static DiagonalNormal Of(Tensor outputs)
    {
        var (axis, size) = (outputs.Rank - 1, outputs.Shape[-1] / 2);
        return new(outputs.Slice(axis, 0, size), Clamp(outputs.Slice(axis, size, size), SmallestLogVariance, LargestLogVariance));
    }

    public static DiagonalNormal Standard(Shape shape)
    {
        var zero = Tensor.Scalar(0).BroadcastTo(shape);
        return new(zero, zero);
    }

    /// <summary>The normalised product with another: precisions add.</summary>
    public DiagonalNormal Times(DiagonalNormal other)
    {
        var (mine, others) = (Exp(-LogVariance), Exp(-other.LogVariance));
        var precision = mine + others;
        return new((Mean * mine + other.Mean * others) / precision, -Log(precision));
    }

    public DiagonalNormal Held() => new(StopGradient(Mean), StopGradient(LogVariance));

    public Tensor Draw(Tensor noise) => Mean + Exp(0.5 * LogVariance) * noise;

    /// <summary>ln of the density, summed over the last axis.</summary>
    public Tensor LogDensity(Tensor z)
    {
        var standardised = (z - Mean) * Exp(-0.5 * LogVariance);
        var terms = -0.5 * (standardised * standardised + LogVariance);
        return terms.Sum(terms.Rank - 1) - terms.Shape[-1] * Normal.HalfLogTwoPi;
    }

    /// <summary>ln of the density of each number.</summary>
    public Tensor LogDensities(Tensor z)
    {
        var standardised = (z - Mean) * Exp(-0.5 * LogVariance);
        return -0.5 * (standardised * standardised + LogVariance) - Normal.HalfLogTwoPi;
    }

    /// <summary>KL(this‖other) of each number: ½((μ − μ′)²/σ′² + σ²/σ′² − ln σ²/σ′² − 1).</summary>
    public Tensor DivergenceFrom(DiagonalNormal other)
    {
        var away = (Mean - other.Mean) * Exp(-0.5 * other.LogVariance);
        var ratio = LogVariance - other.LogVariance;
        return 0.5 * (away * away + Expm1(ratio) - ratio);
    }
}
