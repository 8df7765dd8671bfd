using Elbo.Objectives;
using Elbo.Optimisers;

namespace Elbo.Inference;

/// <summary>How a model is fitted.</summary>
public sealed record FitOptions
{
    /// <summary>The seed of everything random: same seed, same bits, at any number of threads.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The standard deviation of every unknown, in unconstrained coordinates, in the guide that a fit begins with; null for that of the
    /// local curvature, which is better where there is one.
    /// </summary>
    public double? InitialScale
    {
        get;
        init => field = value is null or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "An initial scale is a standard deviation: give a positive number.");
    }

    /// <summary>What is maximised, and how its gradient is estimated; the ELBO by default.</summary>
    public Objective Objective { get; init; } = Objective.Elbo;

    /// <summary>Draws in each estimate of the bound's gradient, at least 1; of an importance-weighted objective, groups of draws. More make a step dearer and less noisy.</summary>
    public int Draws { get; init => field = AtLeastOne(value, nameof(Draws)); } = 8;

    /// <summary>
    /// Steps in each of the stages, from one to the next of which the step size falls. A stage becomes twice as long while the guide
    /// still drifts in its second half.
    /// </summary>
    public int StepsPerStage { get; init => field = AtLeastOne(value, nameof(StepsPerStage)); } = 1000;

    /// <summary>How many times <see cref="StepsPerStage"/> a stage may become while the guide drifts.</summary>
    public int LongestStage { get; init => field = AtLeastOne(value, nameof(LongestStage)); } = 16;

    /// <summary>How steps are made of gradients; <see cref="Optimiser.Adam"/> by default, which needs no tuning.</summary>
    public Optimiser Optimiser { get; init; } = Optimiser.Adam();

    /// <summary>
    /// The step sizes, in units of the posterior's rough scale; null for those of the <see cref="Optimiser"/>. An optimiser that finds its
    /// own takes none: a fit with both is refused.
    /// </summary>
    public Schedule? Schedule { get; init; }

    /// <summary>How iterates are averaged; null for the way of the <see cref="Optimiser"/>.</summary>
    public Averaging? Averaging { get; init; }

    /// <summary>Threads; all of the machine by default.</summary>
    public int? Threads { get; init; }

    /// <summary>Who is told what happens in the fit, while it happens and on the thread that fits; null for nobody. Results do not depend on it, and with it the certificate is made at once.</summary>
    public IProgress<Recording.FitEvent>? Recorder { get; init; }

    /// <exception cref="ArgumentException">Options do not go together.</exception>
    internal void Check()
    {
        if (Schedule is not null && !Optimiser.HasStepSize)
            throw new ArgumentException($"{Optimiser} finds its step sizes itself and takes no schedule ({Schedule}): leave FitOptions.Schedule out, or choose an optimiser that has a step size, such as Optimiser.Adam().");
        if (Optimiser.HoldsDraws && !Objective.IsDifferentiated)
            throw new ArgumentException($"{Optimiser} climbs the objective by draws held fixed, and the gradients of {Objective} are not the derivatives of such a function. Use Objective.Elbo, or another optimiser.");
    }

    private static int AtLeastOne(int value, string name) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"FitOptions.{name} is {value}; it must be at least 1.");
}
