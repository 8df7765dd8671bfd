namespace Elbo.Diffusion;

/// <summary>The variance of p(z_s|z_t), between the two that are optimal for the widest and for the narrowest data: β, and that of q(z_s|z_t, x) (Ho, Jain and Abbeel, 2020, section 3.2).</summary>
public enum ReverseVariance
{
    /// <summary>That of q(z_s|z_t, x): the smaller one.</summary>
    Posterior,

    /// <summary>β: the larger one.</summary>
    Step,

    /// <summary>Between the two, its logarithm told by the network for each number (Nichol and Dhariwal, 2021, eq. 15).</summary>
    Interpolated,

    /// <summary>Any, its logarithm told by the network for each number, relative to that of q(z_s|z_t, x).</summary>
    Learned,
}

/// <summary>What is minimised, of which <see cref="Bound"/> alone is a bound; the others weigh its terms anew.</summary>
/// <param name="SimpleShare">What the squared error of the noise counts, the same at each level (Ho, Jain and Abbeel, 2020, eq. 14).</param>
/// <param name="BoundShare">What the negative bound counts.</param>
/// <param name="BoundTrainsVariances">Whether the bound trains nothing but the variances, as the errors of the other have shown to train means better.</param>
public sealed record DiffusionObjective(double SimpleShare, double BoundShare, bool BoundTrainsVariances = false)
{
    /// <summary>The squared error of the noise, the same at each level: good samples, and no bound (Ho, Jain and Abbeel, 2020, eq. 14).</summary>
    public static DiffusionObjective Simple { get; } = new(1, 0);

    /// <summary>The negative bound itself.</summary>
    public static DiffusionObjective Bound { get; } = new(0, 1);

    /// <summary>The squared error, and a little of the bound for the variances alone (Nichol and Dhariwal, 2021, section 3.1).</summary>
    /// <param name="share">What the bound counts.</param>
    public static DiffusionObjective Hybrid(double share = 1e-3) => new(1, share, true);
}

/// <summary>The parts of a diffusion model.</summary>
public sealed record DiffusionOptions
{
    /// <summary>The network; null for what suits the rows: a small U-Net for images, residual fully connected layers for others.</summary>
    public Denoiser? Denoiser { get; init; }

    /// <summary>How noise grows.</summary>
    public NoiseSchedule Schedule { get; init; } = NoiseSchedule.Cosine();

    /// <summary>T: levels of noise, at least 2.</summary>
    public int Levels { get; init; } = 1000;

    /// <summary>What the network says.</summary>
    public Prediction Prediction { get; init; } = Prediction.Noise;

    /// <summary>The variance of a step back.</summary>
    public ReverseVariance Variance { get; init; } = ReverseVariance.Posterior;

    /// <summary>What is minimised.</summary>
    public DiffusionObjective Objective { get; init; } = DiffusionObjective.Simple;

    /// <summary>Whether levels are visited as often as what they cost varies, once that is known (Nichol and Dhariwal, 2021, section 3.3). The objective stays the same on average.</summary>
    public bool VisitsByCost { get; init; }

    /// <summary>Decides the initial weights, the held-out rows, the order of rows and every draw.</summary>
    public ulong Seed { get; init; } = 1;

    internal bool LearnsVariances => Variance is ReverseVariance.Interpolated or ReverseVariance.Learned;

    /// <exception cref="ArgumentException">A part is out of its range, or parts do not go together; the message says which and why.</exception>
    internal void Check()
    {
        if (Levels < 2)
            throw new ArgumentException($"Levels is {Levels}; it must be at least 2.");
        if (!(Objective.SimpleShare >= 0 && Objective.BoundShare >= 0 && Objective.SimpleShare + Objective.BoundShare > 0))
            throw new ArgumentException("The shares of an objective must be at least 0, and not all 0.");
        if (Schedule is LearnedSchedule && (Objective.SimpleShare > 0 || Objective.BoundTrainsVariances))
            throw new ArgumentException("A schedule is learned by the bound alone, and other objectives would be made small by noise that hides the data: use DiffusionObjective.Bound, or a schedule that is given.");
        if (LearnsVariances && Objective.BoundShare == 0)
            throw new ArgumentException($"Variances are learned by the bound alone, and the objective has none of it: use DiffusionObjective.Hybrid() or DiffusionObjective.Bound, or {nameof(ReverseVariance)}.{nameof(ReverseVariance.Posterior)}.");
    }
}
