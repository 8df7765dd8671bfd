using Microsoft.Extensions.Logging;

namespace Elbo.Recording;

/// <summary>
/// Tells of fits by a logger: their start and end as information, reasons for doubt as warnings, failures as errors, each epoch for debugging, with the figures as fields. Steps, tables and pictures
/// are not for logs.
/// </summary>
/// <param name="logger">The logger.</param>
/// <param name="run">What the run is called.</param>
public sealed partial class LoggerRecorder(ILogger logger, string run) : IProgress<FitEvent>
{
    private readonly ILogger _logger = logger ?? throw new ArgumentNullException(nameof(logger));

    /// <inheritdoc/>
    public void Report(FitEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        switch (value)
        {
            case FitStarted started when started.EpochsDone > 0:
                GoesOn(run, started.Kind, started.EpochsDone);
                break;
            case FitStarted started:
                Starts(run, started.Kind, started.Seed);
                break;
            case EpochEnded(var report, _):
                Epoch(run, report.Epoch, report.HeldOut.Elbo, report.HeldOut.Kl, report.ImportanceWeighted.Value, report.ActiveLatents, report.Latents);
                foreach (var notice in report.Notices)
                    Notice(run, notice);
                break;
            case DiffusionEpochEnded(var report):
                Loss(run, report.Epoch, report.Training, report.HeldOut);
                foreach (var notice in report.Notices)
                    Notice(run, notice);
                break;
            case SweepEnded sweep:
                Sweep(run, sweep.Start, sweep.Sweep, sweep.Elbo);
                break;
            case FitNotice notice:
                Notice(run, notice.Text);
                break;
            case FitWarning warning:
                Doubt(run, warning.About, warning.Remedy is { } remedy ? $"{warning.Text} {remedy}" : warning.Text);
                break;
            case LevelsJudged(var bound, null):
                Judged(run, bound.Elbo.Value, bound.Elbo.StandardError);
                break;
            case FitJudged judged:
                Judged(run, judged.Evaluation.Bound.Elbo, judged.Evaluation.Bound.StandardError);
                if (judged.Evaluation.Collapse is { } collapse)
                    Doubt(run, "collapse", collapse);
                if (judged.Constraint?.Doubt is { } doubt)
                    Doubt(run, "constraint", doubt);
                break;
            case FitCertified(var certificate):
                Judged(run, certificate.Elbo.Value, certificate.Elbo.StandardError);
                foreach (var warning in certificate.Warnings)
                    Doubt(run, warning.Doubt.ToString(), warning.Text);
                break;
            case FitEnded { Outcome: FitOutcome.Failed } failed:
                Fails(run, failed.Message ?? "");
                break;
            case FitEnded ended:
                Ends(run, ended.Outcome);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Run}: the fit of a model of kind {Kind} begins, seed {Seed}.")]
    private partial void Starts(string run, string kind, ulong seed);

    [LoggerMessage(2, LogLevel.Information, "{Run}: the fit of a model of kind {Kind} goes on after epoch {Epoch}.")]
    private partial void GoesOn(string run, string kind, int epoch);

    [LoggerMessage(3, LogLevel.Debug, "{Run}: epoch {Epoch}, ELBO {Elbo} nats per row, KL {Kl}, importance-weighted {ImportanceWeighted}, {Active} of {Latents} latent dimensions active.")]
    private partial void Epoch(string run, int epoch, double elbo, double kl, double importanceWeighted, int active, int latents);

    [LoggerMessage(4, LogLevel.Debug, "{Run}: epoch {Epoch}, loss {Training} in training, {HeldOut} of held-out rows.")]
    private partial void Loss(string run, int epoch, double training, double heldOut);

    [LoggerMessage(5, LogLevel.Debug, "{Run}: start {Start}, sweep {Sweep}, bound {Elbo} nats.")]
    private partial void Sweep(string run, int start, int sweep, double elbo);

    [LoggerMessage(6, LogLevel.Information, "{Run}: {Notice}")]
    private partial void Notice(string run, string notice);

    [LoggerMessage(7, LogLevel.Warning, "{Run}: {About}: {Doubt}")]
    private partial void Doubt(string run, string about, string doubt);

    [LoggerMessage(8, LogLevel.Information, "{Run}: ELBO {Elbo} nats, standard error {StandardError}.")]
    private partial void Judged(string run, double elbo, double standardError);

    [LoggerMessage(9, LogLevel.Information, "{Run}: {Outcome}.")]
    private partial void Ends(string run, FitOutcome outcome);

    [LoggerMessage(10, LogLevel.Error, "{Run}: the fit failed: {Reason}")]
    private partial void Fails(string run, string reason);
}
