using Elbo.Compute;
using Elbo.Diffusion;
using static Elbo.Compute.TensorMath;

namespace Elbo.Tests.Diffusion;

/// <summary>The best network for x ~ N(mean, deviation²), each number by itself: E[x|z] = mean + (α·s²/(α²s² + σ²))·(z − α·mean).</summary>
internal sealed class GaussianDenoiser(NoiseSchedule schedule, double mean, double deviation, Prediction prediction) : DenoisingNetwork
{
    private readonly double _first = schedule.LogNoise(0);
    private readonly double _last = schedule.LogNoise(1);

    public override IReadOnlyList<Variable> Variables => [];

    public override Tensor Apply(Tensor noisy, Tensor place, Tensor? classes)
    {
        var gamma = _first + (_last - _first) * place;
        var (signal, noise) = (Exp(-0.5 * Softplus(gamma)), Exp(-0.5 * Softplus(-gamma)));
        // With s = deviation: σ²/α² = e^γ.
        var share = deviation * deviation / (deviation * deviation + Exp(gamma));
        var data = mean + share * (noisy / signal - mean);
        return prediction switch
        {
            Prediction.Data => data,
            Prediction.Noise => (noisy - signal * mean) * (noise / (signal * signal * deviation * deviation + noise * noise)),
            _ => (signal * noisy - data) / noise,
        };
    }
}
