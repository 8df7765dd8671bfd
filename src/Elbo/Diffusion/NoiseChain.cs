namespace Elbo.Diffusion;

/// <summary>A schedule cut into levels 1 … T, the first with least noise: what the T terms of the bound are of.</summary>
public sealed class NoiseChain
{
    private readonly NoiseLevel[] _levels;

    /// <summary>The levels of a schedule at evenly spaced times.</summary>
    /// <param name="schedule">How noise grows.</param>
    /// <param name="levels">T, at least 2.</param>
    public NoiseChain(NoiseSchedule schedule, int levels)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 2);
        Schedule = schedule;
        _levels = [.. Enumerable.Range(0, levels).Select(i => schedule.At((double)i / (levels - 1)))];
    }

    /// <summary>How noise grows.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>T.</summary>
    public int Count => _levels.Length;

    /// <summary>Level t.</summary>
    /// <param name="t">From 1 to <see cref="Count"/>.</param>
    public NoiseLevel this[int t] => _levels[t - 1];

    /// <summary>The step from level t − 1 to level t.</summary>
    /// <param name="t">From 2 to <see cref="Count"/>.</param>
    public NoiseStep StepTo(int t) => new(this[t - 1], this[t]);

    /// <summary>When the schedule comes to level t: (t − 1)/(T − 1).</summary>
    public double TimeOf(int t) => (t - 1.0) / (Count - 1);

    /// <summary>Where a level lies between the first and the last, by its γ: from 0 to 1. It is what networks are told of it.</summary>
    public double Place(NoiseLevel level) => (level.LogNoise - _levels[0].LogNoise) / (_levels[^1].LogNoise - _levels[0].LogNoise);

    /// <summary>Levels to draw samples along: some of all, from the last to the first, as evenly spaced as may be.</summary>
    /// <param name="steps">How many, at least 1 and at most <see cref="Count"/>.</param>
    public IReadOnlyList<int> Along(int steps)
    {
        if (steps < 1 || steps > Count)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, $"A chain of {Count} levels can be walked in 1 to {Count} steps.");
        return steps == 1 ? [Count] : [.. Enumerable.Range(0, steps).Select(i => Count - (int)Math.Round((double)i * (Count - 1) / (steps - 1)))];
    }
}
