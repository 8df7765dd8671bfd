using Elbo.Compute;
using Elbo.Distributions;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>
/// Normals as z = μ + σ·(I + B)u with u standard normal and B strictly lower triangular, so that ln|σ(I + B)| is that of σ alone.
/// </summary>
/// <param name="Mean">μ, [codes, numbers].</param>
/// <param name="LogVariance">ln σ², [codes, numbers].</param>
/// <param name="Below">B, [codes, numbers, numbers]; null for independent numbers.</param>
internal readonly record struct CorrelatedNormal(Tensor Mean, Tensor LogVariance, Tensor? Below)
{
    /// <summary>Logarithms of the variances of the numbers.</summary>
    public Tensor LogVariances => Below is null ? LogVariance : LogVariance + Log1p(SquaresBelow);

    private Tensor SquaresBelow => (Below! * Below!).Sum(2);

    /// <summary>Ones below the diagonal, [1, numbers, numbers].</summary>
    public static Tensor PlacesBelow(int numbers) => Tensor.FromArray([.. Enumerable.Range(0, numbers * numbers).Select(i => i % numbers < i / numbers ? 1.0 : 0)], [1, numbers, numbers]);

    /// <summary>z of standard normal numbers.</summary>
    public Tensor Draw(Tensor noise)
    {
        var correlated = Below is null ? noise : noise + (Below * noise.Reshape([noise.Shape[0], 1, noise.Shape[1]])).Sum(2);
        return Mean + Exp(0.5 * LogVariance) * correlated;
    }

    /// <summary>ln of the density of what <see cref="Draw"/> makes of the same numbers, [codes].</summary>
    public Tensor LogDensityOfDraw(Tensor noise) => (-0.5 * (noise * noise + LogVariance)).Sum(1) - noise.Shape[1] * Normal.HalfLogTwoPi;

    /// <summary>KL(this‖other) in parts, a sum over numbers: ½((μ − μ′)²/σ′² + σ²(1 + Σⱼ Bᵢⱼ²)/σ′² − ln σ²/σ′² − 1).</summary>
    public Tensor DivergenceFrom(DiagonalNormal other)
    {
        var apart = new DiagonalNormal(Mean, LogVariance).DivergenceFrom(other);
        return Below is null ? apart : apart + 0.5 * Exp(LogVariance - other.LogVariance) * SquaresBelow;
    }
}
