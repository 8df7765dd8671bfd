namespace Elbo.Dashboard;

/// <summary>An epoch, or a sweep, of a run. What is not known is NaN.</summary>
internal sealed record EpochPoint(int Epoch)
{
    public double Elbo { get; init; } = double.NaN;

    public double Error { get; init; } = double.NaN;

    public double Reconstruction { get; init; } = double.NaN;

    public double Kl { get; init; } = double.NaN;

    public double Weighted { get; init; } = double.NaN;

    public double Training { get; init; } = double.NaN;

    public double KlWeight { get; init; } = double.NaN;

    public double Active { get; init; } = double.NaN;

    public double Latents { get; init; } = double.NaN;

    public bool IsBest { get; init; }

    /// <summary>What a diffusion model goes down, of held-out rows and in training.</summary>
    public double Loss { get; init; } = double.NaN;

    public double TrainingLoss { get; init; } = double.NaN;

    public double[] OfColumns { get; init; } = [];

    public double[] OfLatents { get; init; } = [];

    /// <summary>At most so many of the epochs: the first, the last, the best, and of each stretch those with the least and the greatest bound.</summary>
    public static IReadOnlyList<EpochPoint> Chosen(IReadOnlyList<EpochPoint> epochs, int most)
    {
        if (epochs.Count <= most)
            return epochs;
        var chosen = new SortedSet<int> { 0, epochs.Count - 1 };
        if (epochs.Select((e, i) => (e, i)).LastOrDefault(p => p.e.IsBest) is { e: not null } best)
            chosen.Add(best.i);
        var stretches = (most - chosen.Count) / 2;
        for (var s = 0; s < stretches; s++)
        {
            var (begin, end) = ((int)((long)s * epochs.Count / stretches), (int)((long)(s + 1) * epochs.Count / stretches));
            var (least, greatest) = (begin, begin);
            for (var i = begin; i < end; i++)
            {
                least = epochs[i].Elbo < epochs[least].Elbo ? i : least;
                greatest = epochs[i].Elbo > epochs[greatest].Elbo ? i : greatest;
            }
            chosen.Add(least);
            chosen.Add(greatest);
        }
        return [.. chosen.Select(i => epochs[i])];
    }

    /// <summary>At most so many of the epochs, evenly, with the last.</summary>
    public static IReadOnlyList<EpochPoint> Evenly(IReadOnlyList<EpochPoint> epochs, int most) =>
        epochs.Count <= most ? epochs : [.. Enumerable.Range(1, most).Select(i => epochs[(int)((long)i * epochs.Count / most) - 1])];
}
