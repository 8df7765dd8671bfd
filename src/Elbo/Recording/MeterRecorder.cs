using System.Diagnostics.Metrics;

namespace Elbo.Recording;

/// <summary>
/// Tells of fits by <see cref="System.Diagnostics.Metrics"/>: what OpenTelemetry, dotnet-counters and others listen to. The meter is called <see cref="MeterName"/>; each measurement bears the
/// name of the run and the kind of its model. Bounds are in nats.
/// </summary>
/// <example>
/// <code>
/// using var meter = new MeterRecorder("nightly");
/// using var model = TableVae.Fit(table, training: new() { Recorder = meter });
/// </code>
/// </example>
public sealed class MeterRecorder : IProgress<FitEvent>, IDisposable
{
    /// <summary>What the meter is called.</summary>
    public const string MeterName = "Elbo";

    private const string Nats = "nat";

    private readonly Meter _meter;
    private readonly string _run;
    private readonly bool _isOwn;
    private readonly UpDownCounter<int> _running;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _epochs;
    private readonly Counter<long> _notices;
    private readonly Counter<long> _warnings;
    private readonly Counter<long> _failures;
    private readonly Gauge<double> _batchElbo;
    private readonly Gauge<double> _gradient;
    private readonly Gauge<double> _elbo;
    private readonly Gauge<double> _reconstruction;
    private readonly Gauge<double> _kl;
    private readonly Gauge<double> _weighted;
    private readonly Gauge<int> _active;
    private readonly Gauge<double> _excess;
    private readonly Gauge<double> _shape;
    private string _kind = "";
    private bool _isRunning;

    /// <summary>A recorder with a meter.</summary>
    /// <param name="run">What the run is called.</param>
    /// <param name="meters">Makes the meter, and disposes of it; null for one of the recorder's own.</param>
    public MeterRecorder(string run, IMeterFactory? meters = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        (_run, _isOwn) = (run, meters is null);
        _meter = meters?.Create(new MeterOptions(MeterName)) ?? new(MeterName);
        _running = _meter.CreateUpDownCounter<int>("elbo.fit.running", "{fit}", "Fits that go on.");
        _steps = _meter.CreateCounter<long>("elbo.fit.steps", "{step}", "Steps taken.");
        _epochs = _meter.CreateCounter<long>("elbo.fit.epochs", "{epoch}", "Epochs, or sweeps, that ended.");
        _notices = _meter.CreateCounter<long>("elbo.fit.notices", "{notice}", "Things that went wrong and were mended.");
        _warnings = _meter.CreateCounter<long>("elbo.fit.warnings", "{warning}", "Reasons for doubt.");
        _failures = _meter.CreateCounter<long>("elbo.fit.failures", "{fit}", "Fits that ended by an error.");
        _batchElbo = _meter.CreateGauge<double>("elbo.fit.step.elbo", Nats, "The bound as the last steps found it.");
        _gradient = _meter.CreateGauge<double>("elbo.fit.step.gradient_norm", null, "The length of the last gradient before clipping.");
        _elbo = _meter.CreateGauge<double>("elbo.fit.elbo", Nats, "The bound of the rows that judge, per row; of a posterior or a closed form, total.");
        _reconstruction = _meter.CreateGauge<double>("elbo.fit.reconstruction", Nats, "Its reconstruction term, per row.");
        _kl = _meter.CreateGauge<double>("elbo.fit.kl", Nats, "Its divergence, per row.");
        _weighted = _meter.CreateGauge<double>("elbo.fit.importance_weighted", Nats, "The importance-weighted bound of the same rows, per row; of a posterior, total.");
        _active = _meter.CreateGauge<int>("elbo.fit.active_latents", "{dimension}", "Latent dimensions in use.");
        _excess = _meter.CreateGauge<double>("elbo.fit.constraint.excess", null, "By how much a constraint is off its limit, relative to it.");
        _shape = _meter.CreateGauge<double>("elbo.fit.pareto_shape", null, "Pareto k of the importance weights of a posterior.");
    }

    /// <inheritdoc/>
    public void Report(FitEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        switch (value)
        {
            case FitStarted started:
                _kind = started.Kind;
                SetRunning(true);
                break;
            case StepsTaken steps:
                _steps.Add(steps.Count, Tags);
                Record(_batchElbo, steps.Elbo);
                Record(_gradient, steps.GradientNorm);
                break;
            case EpochEnded(var report, _):
                _epochs.Add(1, Tags);
                Record(_elbo, report.HeldOut.Elbo);
                Record(_reconstruction, report.HeldOut.Reconstruction);
                Record(_kl, report.HeldOut.Kl);
                Record(_weighted, report.ImportanceWeighted.Value);
                _active.Record(report.ActiveLatents, Tags);
                Record(_excess, report.Constraint?.Excess);
                AddNotices(report.Notices.Count);
                break;
            case DiffusionEpochEnded(var report):
                _epochs.Add(1, Tags);
                AddNotices(report.Notices.Count);
                break;
            case SweepEnded sweep:
                _epochs.Add(1, Tags);
                Record(_elbo, sweep.Elbo);
                break;
            case LevelsJudged(var bound, _):
                Record(_elbo, bound.Elbo.Value);
                break;
            case FitNotice:
                AddNotices(1);
                break;
            case FitWarning:
                _warnings.Add(1, Tags);
                break;
            case FitJudged judged:
                Record(_elbo, judged.Evaluation.Bound.Elbo);
                Record(_weighted, judged.Evaluation.ImportanceWeighted.Value);
                AddWarnings((judged.Evaluation.Collapse is null ? 0 : 1) + (judged.Constraint?.Doubt is null ? 0 : 1));
                break;
            case FitCertified(var certificate):
                Record(_elbo, certificate.Elbo.Value);
                Record(_weighted, certificate.ImportanceWeighted.Value);
                Record(_shape, certificate.Weights.Shape);
                AddWarnings(certificate.Warnings.Count);
                break;
            case FitEnded ended:
                if (ended.Outcome == FitOutcome.Failed)
                    _failures.Add(1, Tags);
                SetRunning(false);
                break;
        }
    }

    /// <summary>Lets the meter go, where it is the recorder's own.</summary>
    public void Dispose()
    {
        SetRunning(false);
        if (_isOwn)
            _meter.Dispose();
    }

    private KeyValuePair<string, object?>[] Tags => [new("run", _run), new("kind", _kind)];

    private void SetRunning(bool isRunning)
    {
        if (isRunning != _isRunning)
            _running.Add(isRunning ? 1 : -1, Tags);
        _isRunning = isRunning;
    }

    private void AddNotices(int count)
    {
        if (count > 0)
            _notices.Add(count, Tags);
    }

    private void AddWarnings(int count)
    {
        if (count > 0)
            _warnings.Add(count, Tags);
    }

    private void Record(Gauge<double> gauge, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            gauge.Record(number, Tags);
    }
}
