using System.Diagnostics.Metrics;
using Elbo.Models;
using Elbo.Recording;
using Elbo.Tests.Training;
using Elbo.Training;
using Microsoft.Extensions.Logging;

namespace Elbo.Tests.Recording;

public sealed class ObservedFitTests
{
    private static readonly TableVaeOptions Small = new() { Latent = 2, Hidden = [8] };
    private static readonly TrainingOptions Short = new() { Epochs = 3, Batch = 32, WarmUp = 0, HoldOut = 0.2, Threads = 1 };

    [Fact]
    public void Meters_give_the_numbers_of_the_epochs()
    {
        var (sums, last, heard) = (new Dictionary<string, double>(), new Dictionary<string, double>(), new Heard());
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == MeterRecorder.MeterName) l.EnableMeasurementEvents(instrument); } };
        var tags = new HashSet<string>();
        // Other tests may fit at the same time.
        void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> with)
        {
            if (with[0].Value as string != "mine")
                return;
            sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + value;
            last[instrument.Name] = value;
            tags.Add($"{with[0].Key} {with[1].Key}={with[1].Value}");
        }
        listener.SetMeasurementEventCallback<double>((i, v, t, _) => Take(i, v, t));
        listener.SetMeasurementEventCallback<long>((i, v, t, _) => Take(i, v, t));
        listener.SetMeasurementEventCallback<int>((i, v, t, _) => Take(i, v, t));
        listener.Start();
        using (var meter = new MeterRecorder("mine"))
        {
            using var model = TableVae.Fit(MixedTable.Of(160), Small, Short with { Recorder = Recorders.All(meter, heard) });
        }
        Assert.Equal(["run kind=table-vae"], tags);
        Assert.Equal((12, 3, 0), (sums["elbo.fit.steps"], sums["elbo.fit.epochs"], sums["elbo.fit.running"]));
        Assert.Equal(heard.All<FitJudged>().Single().Evaluation.Bound.Elbo, last["elbo.fit.elbo"]);
        Assert.Equal(heard.All<EpochEnded>().Last().Report.HeldOut.Kl, last["elbo.fit.kl"]);
        Assert.Equal(heard.All<StepsTaken>().Last().Elbo, last["elbo.fit.step.elbo"]);
        Assert.DoesNotContain("elbo.fit.failures", sums.Keys);
    }

    [Fact]
    public void A_fit_that_fails_goes_on_no_more()
    {
        var (failures, running) = (0L, 0);
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Name is "elbo.fit.failures" or "elbo.fit.running") l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, v, t, _) => failures += t[0].Value as string == "failing" ? v : 0);
        listener.SetMeasurementEventCallback<int>((_, v, t, _) => running += t[0].Value as string == "failing" ? v : 0);
        listener.Start();
        using var meter = new MeterRecorder("failing");
        meter.Report(new FitStarted("model", 1, []));
        Assert.Equal((0, 1), (failures, running));
        meter.Report(new FitEnded(FitOutcome.Failed));
        Assert.Equal((1, 0), (failures, running));
    }

    [Fact]
    public void Loggers_are_told_of_the_start_the_epochs_doubts_and_the_end()
    {
        var (logger, heard) = (new KeptLog(), new Heard());
        using var model = TableVae.Fit(MixedTable.Of(160), Small, Short with { Recorder = Recorders.All(new LoggerRecorder(logger, "nightly"), heard) });
        Assert.Equal((LogLevel.Information, "nightly: the fit of a model of kind table-vae begins, seed 1."), (logger.Entries[0].Level, logger.Entries[0].Text));
        Assert.Equal(3, logger.Entries.Count(e => e.Level == LogLevel.Debug));
        Assert.Equal((LogLevel.Information, "nightly: Finished."), (logger.Entries[^1].Level, logger.Entries[^1].Text));
        var epoch = logger.Entries.First(e => e.Level == LogLevel.Debug);
        Assert.Equal(heard.All<EpochEnded>().First().Report.HeldOut.Elbo, epoch.Fields["Elbo"]);

        var failing = new LoggerRecorder(logger, "other");
        failing.Report(new FitWarning("collapse", "It has collapsed.") { Remedy = "Warm up." });
        Assert.Equal((LogLevel.Warning, "other: collapse: It has collapsed. Warm up."), (logger.Entries[^1].Level, logger.Entries[^1].Text));
        failing.Report(new FitEnded(FitOutcome.Failed) { Message = "no luck" });
        Assert.Equal((LogLevel.Error, "other: the fit failed: no luck"), (logger.Entries[^1].Level, logger.Entries[^1].Text));
    }

    private sealed class KeptLog : ILogger
    {
        public List<(LogLevel Level, string Text, Dictionary<string, object?> Fields)> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Entries.Add(
            (logLevel, formatter(state, exception), state is IEnumerable<KeyValuePair<string, object?>> fields ? fields.ToDictionary(f => f.Key, f => f.Value) : []));
    }
}
