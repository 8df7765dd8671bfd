using Elbo.Objectives;

namespace Elbo.Training;

/// <summary>What an epoch came to, in nats per row.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainingElbo">The mean over the epoch's batches of the ELBO by one draw of the code, before each step.</param>
/// <param name="KlWeight">The weight of the divergence at the end of the epoch: 1 once warm-up is over.</param>
/// <param name="HeldOut">The ELBO of the held-out rows and its terms; of the training rows where none are held out.</param>
/// <param name="ImportanceWeighted">A tighter bound of the same rows.</param>
/// <param name="ActiveLatents">How many latent dimensions the code uses.</param>
/// <param name="IsBest">Whether no epoch before had a better ELBO on these rows.</param>
/// <param name="Notices">Sentences about what went wrong and was mended in this epoch.</param>
public sealed record EpochReport(
    int Epoch, double TrainingElbo, double KlWeight, Bound HeldOut, ImportanceWeightedBound ImportanceWeighted, int ActiveLatents, bool IsBest, IReadOnlyList<string> Notices)
{
    /// <summary>Latent dimensions in all.</summary>
    public int Latents { get; init; } = HeldOut.Latents.Count;

    /// <summary>How the constraint stands; null where there is none.</summary>
    public ConstraintReport? Constraint { get; init; }
}

/// <summary>The line of an epoch that a checkpoint keeps.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainingElbo">As in <see cref="EpochReport"/>.</param>
/// <param name="HeldOutElbo">The ELBO of the held-out rows, nats per row.</param>
/// <param name="ImportanceWeighted">Their importance-weighted bound, nats per row.</param>
/// <param name="Kl">Their divergence, nats per row.</param>
/// <param name="ActiveLatents">How many latent dimensions the code uses.</param>
public sealed record EpochLine(int Epoch, double TrainingElbo, double HeldOutElbo, double ImportanceWeighted, double Kl, int ActiveLatents);
