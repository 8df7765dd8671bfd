using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>Probabilities of stretches under a normal.</summary>
internal static class CutNormal
{
    /// <summary>ln(Φ(above) − Φ(below)).</summary>
    // By the side on which both are small: Φ(b) − Φ(a) = Φ(−a) − Φ(−b), and ln(e^u − e^v) = u + ln(1 − e^(v − u)).
    public static Tensor LogBetween(Tensor below, Tensor above)
    {
        var isHigh = below + above > 0.0;
        var (far, near) = (Where(isHigh, -below, above), Where(isHigh, -above, below));
        var (u, v) = (LogNormalCdf(far), LogNormalCdf(near));
        return u + Log(-Expm1(Minimum(v - u, Tensor.Scalar(-1e-7, u.Type))));
    }
}
