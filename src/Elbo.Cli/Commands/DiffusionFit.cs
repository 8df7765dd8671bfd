using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Diffusion;

namespace Elbo.Cli.Commands;

/// <summary>One run of <c>elbo fit --model diffusion</c>: read, train with checkpoints, evaluate, save, report.</summary>
internal sealed class DiffusionFit(DiffusionRequest request, Terminal terminal)
{
    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromSeconds(10);

    // A long run should still be seen at a glance.
    private const int MostLines = 45;

    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly FitRequest _fit = request.Fit;
    private TimeSpan _lastCheckpoint;

    public int Run() => RunRecord.Around(_fit.Record, Notice, Fit);

    private int Fit()
    {
        FileNames.CheckOutput(_fit.Model, _fit.Data);
        FileNames.CheckModel(_fit.Model);
        var job = DiffusionJob.Of(request);
        if (_fit.Label is null)
            _fit.RefuseLabelOptions();
        using (new AtomicFile(_fit.Model))
        {
            // Better to know before the training than after it that it can be written.
        }

        var isPlain = !_fit.Json && !terminal.IsQuiet;
        if (isPlain)
        {
            foreach (var line in job.Shown(terminal.Width, terminal.HasColour))
                terminal.Out.WriteLine(line);
            terminal.Out.WriteLine();
        }

        foreach (var notice in job.Found.Where(n => _fit.Json || !n.Contains("is left out: ", StringComparison.Ordinal)))
            Notice(notice);
        if (job.From is { } from)
        {
            if (from.History.Count > 0)
                _fit.Record?.GoOnFrom(from.History.Count, "heldOut", from.History[^1].HeldOut);
            Notice(from.History.Count >= job.Training.Epochs
                ? $"Training of {_fit.Model} had reached its {from.History.Count} epochs. To go on, raise --epochs."
                : $"Training of {_fit.Model} goes on after epoch {from.History.Count}; the best so far was epoch {from.BestEpoch}.");
        }

        terminal.FinishWhenInterrupted();
        _sinceStart.Restart();
        using var model = Train(job, isPlain);
        var seconds = job.SecondsBefore + _sinceStart.Elapsed.TotalSeconds;
        if (terminal.Interrupted.IsCancellationRequested)
        {
            model.FileOf(seconds).Save(_fit.Model);
            terminal.Error.WriteLine();
            terminal.Fail($"interrupted after epoch {model.Stand.History.Count}. The model of epoch {model.Stand.BestEpoch}, the best so far, is saved in {_fit.Model}. To go on: elbo fit {FitRun.ShellWord(_fit.Data)} -o {FitRun.ShellWord(_fit.Model)} --resume");
            return ExitCode.Interrupted;
        }

        var report = model.Judge(job.Training, request.Visits);
        var file = model.FileOf(seconds, report);
        file.Save(_fit.Model);
        Report(job, file, report);
        return ExitCode.Done;
    }

    private FittedDiffusion Train(DiffusionJob job, bool isPlain)
    {
        var done = job.From?.History.Count ?? 0;
        var every = Math.Max(1, (job.Training.Epochs - done + MostLines - 1) / MostLines);
        if (isPlain)
        {
            terminal.Out.WriteLine(TextLines.Wrap($"{Capital(DiffusionWords.Of(job.Parts.Denoiser is null ? job.Parts with { Denoiser = Denoiser.FullyConnected() } : job.Parts))}.", terminal.Width));
            terminal.Out.WriteLine(TextLines.Wrap($"Training; what is minimised, {Unit(job)}{(job.Row == "row" ? ", of training rows with some cells hidden or given" : "")}; + marks a new best.", terminal.Width));
            terminal.Out.WriteLine(Ansi.Bold(" epoch    training    held-out", terminal.HasColour));
        }

        DiffusionEpoch? last = null;
        var shown = 0;
        void Show(DiffusionEpoch epoch, double scale, string mark)
        {
            shown = epoch.Epoch;
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{epoch.Epoch,6}{epoch.Training * scale,12:F4}{epoch.HeldOut * scale,12:F4}  {mark}").TrimEnd());
        }
        var scale = 1.0;
        var model = job.Train((epoch, fitted) =>
        {
            (last, scale) = (epoch, IsBound(job) ? fitted.Width : 1);
            if (_fit.Json && !terminal.IsQuiet)
                terminal.Out.WriteLine(JsonText.Line("epoch", new JsonObject { ["epoch"] = epoch.Epoch, ["of"] = job.Training.Epochs, ["training"] = JsonText.Number(epoch.Training * scale), ["heldOut"] = JsonText.Number(epoch.HeldOut * scale), ["isBest"] = epoch.IsBest }));
            else if (isPlain && (epoch.Epoch == done + 1 || epoch.Epoch % every == 0))
                Show(epoch, scale, epoch.IsBest ? "+" : "");
            foreach (var notice in epoch.Notices)
                Notice($"Epoch {epoch.Epoch}: {notice}");
            if (_sinceStart.Elapsed - _lastCheckpoint > BetweenCheckpoints)
            {
                fitted.FileOf(job.SecondsBefore + _sinceStart.Elapsed.TotalSeconds).Save(_fit.Model);
                _lastCheckpoint = _sinceStart.Elapsed;
            }

            return !terminal.Interrupted.IsCancellationRequested;
        });
        if (isPlain && last is not null && shown != last.Epoch)
            Show(last, scale, "last");
        if (isPlain)
            terminal.Out.WriteLine();
        return model;
    }

    private void Report(DiffusionJob job, DiffusionModelFile file, DiffusionReport report)
    {
        var stand = file.Stand!;
        if (_fit.Json)
        {
            var json = new JsonObject { ["model"] = _fit.Model, ["rowsInAll"] = job.Count, ["epochs"] = stand.History.Count, ["bestEpoch"] = stand.BestEpoch, ["seconds"] = JsonText.Number(file.Seconds), ["rows"] = JsonText.Rows(report.OfHeldOutRows) };
            DiffusionText.AddBound(json, report.Bound, report.Limit);
            json["missing"] = job.Missing;
            terminal.Out.WriteLine(JsonText.Line("result", json));
            return;
        }

        if (terminal.IsQuiet)
            return;
        var rows = report.OfHeldOutRows ? $"{Numbers.Of(report.Bound.Rows, $"held-out {job.Row}")} (they chose the epoch, which flatters the model a little)" : $"{Numbers.Of(report.Bound.Rows, job.Row)} it was trained on, so the numbers flatter it";
        terminal.Out.WriteLine(TextLines.Wrap($"{Ansi.Bold("Trained", terminal.HasColour)} for {Numbers.Of(stand.History.Count, "epoch")} in {Numbers.Duration(file.Seconds)}. The best was epoch {stand.BestEpoch}; the model is the one of that epoch.", terminal.Width));
        terminal.Out.WriteLine();
        foreach (var line in DiffusionText.Lines(report.Bound, report.Limit, rows, file, job.Row, terminal.Width, terminal.HasColour))
            terminal.Out.WriteLine(line);
        if (job.Missing is { } missing)
        {
            terminal.Out.WriteLine();
            terminal.Out.WriteLine(TextLines.Wrap(missing, terminal.Width));
        }

        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"{Ansi.Green("Saved", terminal.HasColour)} {_fit.Model}. Next, for example:");
        terminal.Out.WriteLine(job.Row == "image" ? $"  elbo sample -m {_fit.Model} -n 64 --steps 50 -o samples.png" : $"  elbo impute {_fit.Data} -m {_fit.Model} -o filled.csv");
        terminal.Out.WriteLine($"  elbo diagnose {_fit.Data} -m {_fit.Model}");
        if (_fit.Record?.Path is { } run)
            terminal.Out.WriteLine($"  elbo runs show {run}");
    }

    private static bool IsBound(DiffusionJob job) => job.Parts.Objective == DiffusionObjective.Bound;

    private static string Unit(DiffusionJob job) => IsBound(job) ? $"the negative bound by one visit of each {job.Row}, in nats per {job.Row}" : "per number";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private void Notice(string sentence)
    {
        if (!_fit.Json)
            terminal.Notice(sentence);
        else if (!terminal.IsQuiet)
            terminal.Out.WriteLine(JsonText.Line("notice", new JsonObject { ["message"] = sentence }));
    }
}
