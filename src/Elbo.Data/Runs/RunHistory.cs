namespace Elbo.Data;

/// <summary>What of the events of a run still holds.</summary>
public static class RunHistory
{
    /// <summary>
    /// The events without those of epochs that were done again: a fit that was killed goes on from where its model was saved last, and ends in the same bits, but for the clock.
    /// </summary>
    public static IReadOnlyList<RecordedEvent> Standing(IReadOnlyList<RecordedEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var standing = new List<RecordedEvent>(events.Count);
        foreach (var one in events)
        {
            if (one.Type == RecordedEventType.Started && one.Is("resumed") && one.Number("epoch") is { } epoch)
                standing.RemoveAll(e => e.Type is not (RecordedEventType.Started or RecordedEventType.Ended) && e.Number("epoch") > epoch);
            standing.Add(one);
        }
        return standing;
    }
}

/// <summary>A run in a few figures, as lists show it.</summary>
/// <param name="Id">The name of its folder.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Kind">The kind of model; null where that cannot be read.</param>
/// <param name="State">How it stands.</param>
/// <param name="Started">When it began; null where that cannot be read.</param>
/// <param name="Seconds">How long it was recorded.</param>
/// <param name="Epoch">The last epoch; null where there was none.</param>
/// <param name="Epochs">The epochs that there may be at most; null where there are none.</param>
/// <param name="BestEpoch">The best epoch so far; null where there was none.</param>
/// <param name="Elbo">The bound: of the certificate, otherwise of the best epoch; null where there is none.</param>
/// <param name="Warnings">How many reasons for doubt there are.</param>
/// <param name="Problems">How many things of it cannot be read.</param>
public sealed record RunOverview(
    string Id, string Name, string? Kind, RunState State, DateTimeOffset? Started, double Seconds, int? Epoch, int? Epochs, int? BestEpoch, double? Elbo, int Warnings, int Problems)
{
    /// <summary>Of a run.</summary>
    public static RunOverview Of(RunReader run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var events = RunHistory.Standing(run.Events());
        var epochs = events.Where(e => e.Type == RecordedEventType.Epoch).ToList();
        var best = epochs.LastOrDefault(e => e.Is("isBest")) ?? epochs.LastOrDefault();
        var certificate = events.LastOrDefault(e => e.Type == RecordedEventType.Certificate);
        var info = run.Info;
        return new(
            run.Id, info?.Name ?? run.Id, info?.Kind, run.State, info?.Started, events.Count > 0 ? events[^1].At : 0,
            (int?)epochs.LastOrDefault()?.Number("epoch"), (int?)events.LastOrDefault(e => e.Type == RecordedEventType.Started)?.Number("epochs"), (int?)best?.Number("epoch"),
            certificate?.Number("elbo") ?? best?.Number("elbo") ?? events.LastOrDefault(e => e.Type == RecordedEventType.Ended)?.Number("elbo"),
            events.Where(e => e.Type == RecordedEventType.Warning).DistinctBy(e => e.Text("about")).Count(), run.Problems.Count);
    }
}
