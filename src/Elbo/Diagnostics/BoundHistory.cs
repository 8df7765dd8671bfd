using Elbo.Training;

namespace Elbo.Diagnostics;

/// <summary>The two terms of a loss, −ELBO.</summary>
public enum BoundTerm
{
    /// <summary>−E_q ln p(x|z): what the code leaves unexplained.</summary>
    Reconstruction,

    /// <summary>KL(q(z|x)‖p(z)): what the code costs.</summary>
    Divergence,
}

/// <summary>The ELBO of an epoch, split.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Reconstruction">Nats per row.</param>
/// <param name="Divergence">Nats per row.</param>
public readonly record struct SplitEpoch(int Epoch, double Reconstruction, double Divergence)
{
    /// <summary>Reconstruction − divergence.</summary>
    public double Elbo => Reconstruction - Divergence;

    /// <summary>The greater of −reconstruction and divergence.</summary>
    public BoundTerm Dominant => Divergence > -Reconstruction ? BoundTerm.Divergence : BoundTerm.Reconstruction;
}

/// <summary>How the terms of a bound came to be what they are, over the epochs of a training: which of them is the greater, since when, and which has moved the bound of late.</summary>
/// <param name="Epochs">The terms of each epoch, of the rows that judged.</param>
/// <param name="Since">The epoch from which on the greater term has been the greater one without a break.</param>
/// <param name="Lately">The epochs that "of late" means: from this one to the last, the last quarter of all.</param>
/// <param name="OverfitBy">By how much the bound of the training rows is above that of those that judge, in the last epoch, nats per row.</param>
public sealed record BoundHistory(IReadOnlyList<SplitEpoch> Epochs, int Since, int Lately, double OverfitBy)
{
    // The last quarter of the epochs is what has happened of late.
    private const int PartsOfTraining = 4;

    /// <summary>The greater term of the loss in the last epoch.</summary>
    public BoundTerm Dominant => Epochs[^1].Dominant;

    /// <summary>The rise of the bound by reconstruction of late; below 0 where it fell.</summary>
    public double RiseByReconstruction => Epochs[^1].Reconstruction - Before.Reconstruction;

    /// <summary>The rise of the bound by divergence of late: above 0 where this became smaller.</summary>
    public double RiseByDivergence => Before.Divergence - Epochs[^1].Divergence;

    private SplitEpoch Before => Epochs.First(e => e.Epoch >= Lately);

    /// <summary>The history of a training; null where it has no epochs.</summary>
    /// <param name="history">The lines of its epochs, as a <see cref="TrainingState"/> has them.</param>
    public static BoundHistory? Of(IReadOnlyList<EpochLine> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Count == 0)
            return null;
        SplitEpoch[] epochs = [.. history.Select(line => new SplitEpoch(line.Epoch, line.HeldOutElbo + line.Kl, line.Kl))];
        var since = epochs.Length - 1;
        while (since > 0 && epochs[since - 1].Dominant == epochs[^1].Dominant)
            since--;
        var lately = Math.Max(0, epochs.Length - 1 - (epochs.Length / PartsOfTraining));
        return new(epochs, epochs[since].Epoch, epochs[lately].Epoch, history[^1].TrainingElbo - history[^1].HeldOutElbo);
    }
}
