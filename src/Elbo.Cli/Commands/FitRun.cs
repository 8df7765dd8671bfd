using System.Diagnostics;
using Elbo.Classification;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Objectives;
using Elbo.Recording;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>One run of <c>elbo fit</c>: read, train with checkpoints, evaluate, save, report.</summary>
internal sealed class FitRun(FitRequest request, Terminal terminal, IFitDisplay display)
{
    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private TimeSpan _lastCheckpoint;
    private bool _isBestUnsaved;
    private ConstraintReport? _constraint;

    public int Run() => RunRecord.Around(request.Record, display.Notice, Fit);

    private int Fit()
    {
        FileNames.CheckOutput(request.Model, request.Data);
        FileNames.CheckModel(request.Model);
        var job = FitJob.Of(request);
        job.Show(display);
        foreach (var notice in job.Found)
            request.Record?.Report(new FitNotice(notice));
        foreach (var notice in job.Found.Where(IsNews).Concat(job.Notices))
            display.Notice(notice);
        CheckWritable(request.Model);

        _sinceStart.Restart();
        using var model = display.Train(job.Training.Epochs, job.EpochsDone, job.HoldsOut, report => job.Train(
            (epoch, training) => Continue(job, epoch, training, report)));
        var seconds = job.SecondsBefore + _sinceStart.Elapsed.TotalSeconds;
        var file = model.FileOf((model.Weights, model.State), seconds);
        if (terminal.Interrupted.IsCancellationRequested)
            return Stop(file);

        if (Calibrated(job, model) is var calibration && terminal.Interrupted.IsCancellationRequested)
            return Stop(file);
        file = model.WithIntervals(file) with { Calibration = calibration, Report = new(model.Judge(request.Samples), model.HeldOutRows > 0, seconds, RootCommands.Version) };
        file.Save(request.Model);
        request.Record?.Report(new FitJudged(file.Report.Evaluation, file.Report.OfHeldOutRows) { BestEpoch = file.State?.BestEpoch, Constraint = _constraint });
        display.Result(new FitResult(request.Data, request.Model, file, model.TrainingRows, model.HeldOutRows) { Assumption = job.Assumption(file), Run = request.Record?.Path });
        if (request.Profile)
            display.Profile(model.Profile());
        return ExitCode.Done;
    }

    // The table of columns says already which are left out and why.
    private bool IsNews(string notice) => request.Json || !notice.Contains("is left out: ", StringComparison.Ordinal);

    private bool Continue(FitJob job, EpochReport epoch, FittedModel model, Action<EpochReport> report)
    {
        report(epoch);
        _constraint = epoch.Constraint;
        foreach (var notice in epoch.Notices)
            display.Notice($"Epoch {epoch.Epoch}: {notice}");
        _isBestUnsaved |= epoch.IsBest;
        if (_isBestUnsaved && _sinceStart.Elapsed - _lastCheckpoint > BetweenCheckpoints)
        {
            model.FileOf(model.Checkpoint(), job.SecondsBefore + _sinceStart.Elapsed.TotalSeconds).Save(request.Model);
            (_isBestUnsaved, _lastCheckpoint) = (false, _sinceStart.Elapsed);
        }

        return !terminal.Interrupted.IsCancellationRequested;
    }

    private int Stop(ModelFile file)
    {
        file.Save(request.Model);
        var state = file.State!;
        terminal.Error.WriteLine();
        terminal.Fail(
            $"interrupted after epoch {state.Epoch}. The model of epoch {state.BestEpoch}, the best so far (bound {Numbers.Nats(state.BestElbo)}), is saved in {request.Model}. "
            + $"To go on: elbo fit {ShellWord(request.Data)}{(request.Validation is { } judged ? $" --validation {ShellWord(judged)}" : "")} -o {ShellWord(request.Model)} --resume");
        return ExitCode.Interrupted;
    }

    internal static string ShellWord(string text) => text.All(c => char.IsLetterOrDigit(c) || c is '.' or '/' or '_' or '-' or '\\' or ':') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private LabelCalibration? Calibrated(FitJob job, FittedModel model)
    {
        const int fewestLabels = 2;
        if (job.Labelled is not { } labelled || labelled < fewestLabels)
            return null;
        var fits = request.Calibrate ?? (labelled < FitJob.ManyLabels ? LabelCalibration.UsualFolds : 1);
        if (fits == 0)
            return null;
        display.Notice($"To find how sure classes may be, a fifth of the {Numbers.Count(labelled)} labels is hidden {(fits == 1 ? "once, with a fit of its own" : $"{fits} times, each with a fit of its own")}; --calibrate 0 leaves that out.");
        return model.Calibrate(fits, _ => !terminal.Interrupted.IsCancellationRequested);
    }

    // Better to know before the training than after it.
    private static void CheckWritable(string path)
    {
        using var file = new AtomicFile(path);
    }
}
