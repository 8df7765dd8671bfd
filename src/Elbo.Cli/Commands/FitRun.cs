using System.Diagnostics;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>One run of <c>elbo fit</c>: read, train with checkpoints, evaluate, save, report.</summary>
internal sealed class FitRun(FitRequest request, Terminal terminal, IFitDisplay display)
{
    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private TimeSpan _lastCheckpoint;
    private bool _isBestUnsaved;

    public int Run()
    {
        FileNames.CheckOutput(request.Model, request.Data);
        FileNames.CheckModel(request.Model);
        var job = request.Resume ? FitJob.Resumed(request) : FitJob.New(request);
        display.Table(new FitTable(request.Data, job.Read, job.Columns));
        foreach (var notice in job.Read.Notices.Where(IsNews).Concat(job.Notices))
            display.Notice(notice);
        CheckWritable(request.Model);

        _sinceStart.Restart();
        using var model = display.Train(job.Training.Epochs, job.EpochsDone, job.Training.HoldOut > 0, report => job.Train(
            (epoch, training) => Continue(job, epoch, training, report)));
        var seconds = job.SecondsBefore + _sinceStart.Elapsed.TotalSeconds;
        var file = job.FileOf(model, (model.Weights, model.TrainingState!), seconds);
        if (terminal.Interrupted.IsCancellationRequested)
            return Stop(file);

        var heldOut = model.HeldOutRows.Count > 0;
        var rows = heldOut ? model.HeldOutRows : model.TrainingRows;
        var evaluation = model.Evaluate(job.Read.Table.SelectRows([.. rows]), request.Samples);
        file = file with { Report = new(evaluation, heldOut, seconds, RootCommands.Version) };
        file.Save(request.Model);
        display.Result(new FitResult(request.Data, request.Model, file, model.TrainingRows.Count, model.HeldOutRows.Count));
        if (request.Profile)
            display.Profile(model.ProfileTraining(job.Read.Table));
        return ExitCode.Done;
    }

    // The table of columns says already which are left out and why.
    private bool IsNews(string notice) => request.Json || !notice.Contains("is left out: ", StringComparison.Ordinal);

    private bool Continue(FitJob job, EpochReport epoch, TableVae model, Action<EpochReport> report)
    {
        report(epoch);
        foreach (var notice in epoch.Notices)
            display.Notice($"Epoch {epoch.Epoch}: {notice}");
        _isBestUnsaved |= epoch.IsBest;
        if (_isBestUnsaved && _sinceStart.Elapsed - _lastCheckpoint > BetweenCheckpoints)
        {
            job.FileOf(model, model.Checkpoint(), job.SecondsBefore + _sinceStart.Elapsed.TotalSeconds).Save(request.Model);
            (_isBestUnsaved, _lastCheckpoint) = (false, _sinceStart.Elapsed);
        }

        return !terminal.Interrupted.IsCancellationRequested;
    }

    private int Stop(TableModelFile file)
    {
        file.Save(request.Model);
        var state = file.State!;
        terminal.Error.WriteLine();
        terminal.Fail(
            $"interrupted after epoch {state.Epoch}. The model of epoch {state.BestEpoch}, the best so far (ELBO {Numbers.Nats(state.BestElbo)}), is saved in {request.Model}. "
            + $"To go on: elbo fit {ShellWord(request.Data)} -o {ShellWord(request.Model)} --resume");
        return ExitCode.Interrupted;
    }

    private static string ShellWord(string text) => text.All(c => char.IsLetterOrDigit(c) || c is '.' or '/' or '_' or '-' or '\\' or ':') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // Better to know before the training than after it.
    private static void CheckWritable(string path)
    {
        using var file = new AtomicFile(path);
    }
}
