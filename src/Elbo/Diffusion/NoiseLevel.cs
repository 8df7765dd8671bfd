namespace Elbo.Diffusion;

/// <summary>
/// How much of a noisy row is data: z = α·x + σ·ε with ε ~ N(0, I), where α² + σ² = 1. All of it follows from γ = ln(σ²/α²), the negative logarithm of
/// the signal-to-noise ratio (Kingma, Salimans, Poole and Ho, 2021, section 3.1).
/// </summary>
/// <param name="LogNoise">γ, nats.</param>
public readonly record struct NoiseLevel(double LogNoise)
{
    /// <summary>α: what the data are multiplied by.</summary>
    public double Signal => Math.Exp(-0.5 * Softplus(LogNoise));

    /// <summary>σ: the standard deviation of the noise.</summary>
    public double Noise => Math.Exp(-0.5 * Softplus(-LogNoise));

    /// <summary>σ².</summary>
    public double Variance => Math.Exp(-Softplus(-LogNoise));

    /// <summary>σ/α: the standard deviation of the noise relative to the data.</summary>
    public double RelativeNoise => Math.Exp(0.5 * LogNoise);

    /// <summary>α²/σ².</summary>
    public double SignalToNoise => Math.Exp(-LogNoise);

    internal static double Softplus(double x) => Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)));
}

/// <summary>
/// A step between two levels of noise. From the earlier to the later one, q(z_t|z_s) = N(α_t/α_s·z_s, β) adds noise; back, given the data,
/// q(z_s|z_t, x) = N(<see cref="OfNoisy"/>·z_t + <see cref="OfData"/>·x, <see cref="PosteriorVariance"/>).
/// </summary>
/// <param name="Earlier">With less noise.</param>
/// <param name="Later">With more noise.</param>
public readonly record struct NoiseStep(NoiseLevel Earlier, NoiseLevel Later)
{
    /// <summary>γ_t − γ_s, at least 0.</summary>
    public double Increase => Later.LogNoise - Earlier.LogNoise;

    /// <summary>β: the variance of q(z_t|z_s), −expm1(softplus(γ_s) − softplus(γ_t)) (Kingma et al., 2021, eq. 21).</summary>
    public double Variance => -double.ExpM1(2 * Math.Log(Later.Signal) - 2 * Math.Log(Earlier.Signal));

    /// <summary>The variance of q(z_s|z_t, x): β·σ_s²/σ_t² (Ho, Jain and Abbeel, 2020, eq. 7).</summary>
    public double PosteriorVariance => Variance * Earlier.Variance / Later.Variance;

    /// <summary>ln β − ln of <see cref="PosteriorVariance"/>: how far apart the two natural choices of a reverse variance are.</summary>
    public double LogVarianceRatio => Math.Log(Later.Variance / Earlier.Variance);

    /// <summary>What z_t counts in the mean of q(z_s|z_t, x).</summary>
    public double OfNoisy => Later.Signal / Earlier.Signal * Earlier.Variance / Later.Variance;

    /// <summary>What x counts in it.</summary>
    public double OfData => Earlier.Signal * Variance / Later.Variance;

    /// <summary>What a squared error of the noise costs where the reverse variance is that of the posterior: ½·expm1(γ_t − γ_s), nats (Kingma et al., 2021, eq. 14).</summary>
    public double Cost => 0.5 * double.ExpM1(Increase);
}
