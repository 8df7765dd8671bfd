using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>Closed forms for Gaussians with diagonal covariance.</summary>
public static class GaussianDivergence
{
    /// <summary>KL(N(μ, σ²)‖N(0, 1)) of each dimension: ½(μ² + σ² − ln σ² − 1), in nats (Kingma and Welling, 2014, appendix B).</summary>
    public static Tensor ToStandardNormal(Tensor mean, Tensor logVariance)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(logVariance);
        return 0.5 * (mean * mean + Expm1(logVariance) - logVariance);
    }

    /// <summary>ln N(z; 0, 1) − ln N(z; μ, σ²) at z = μ + σε, for each dimension, in nats.</summary>
    public static Tensor LogPriorMinusPosterior(Tensor z, Tensor noise, Tensor logVariance)
    {
        ArgumentNullException.ThrowIfNull(z);
        ArgumentNullException.ThrowIfNull(noise);
        ArgumentNullException.ThrowIfNull(logVariance);
        return 0.5 * (noise * noise - z * z + logVariance);
    }
}
