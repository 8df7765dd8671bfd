using Elbo.Autoencoders;
using Elbo.Diffusion;
using Elbo.Training;

namespace Elbo.Recording;

/// <summary>Tells a recorder of the training of a diffusion model, from its start to its end: the bound level by level, and samples.</summary>
internal sealed class DiffusionRecording
{
    private const int RowsMeanwhile = 128;
    private const int RowsAtTheEnd = 1000;
    private const int Visits = 16;
    private const int StepsOfSamples = 25;

    private readonly LookPace _looks = new();
    private readonly IProgress<FitEvent> _recorder;
    private readonly DiffusionModel _model;
    private readonly IRows _rows;
    private readonly DiffusionTrainer _trainer;
    private readonly IDiffusionViews _views;

    private DiffusionRecording(IProgress<FitEvent> recorder, DiffusionModel model, IRows rows, DiffusionTrainer trainer, IDiffusionViews views) =>
        (_recorder, _model, _rows, _trainer, _views) = (recorder, model, rows, trainer, views);

    /// <summary>Tells of the start.</summary>
    /// <returns>What tells of the rest; null where there is no recorder.</returns>
    public static DiffusionRecording? Begin(TrainingOptions training, DiffusionModel model, IRows rows, DiffusionTrainer trainer, int epochsDone, IDiffusionViews views)
    {
        if (training.Recorder is not { } recorder)
            return null;
        trainer.TellStepsTo(recorder);
        recorder.Report(new FitStarted("diffusion", model.Options.Seed, [.. FitSettings.Of(model), .. FitSettings.Of(training)])
        {
            Epochs = training.Epochs,
            EpochsDone = epochsDone,
            TrainingRows = trainer.Training.Length,
            HeldOutRows = trainer.HeldOut.Length,
        });
        return new(recorder, model, rows, trainer, views);
    }

    /// <summary>How samples are drawn to be looked at.</summary>
    public static SamplingOptions QuickSamples(DiffusionModel model) => new() { Path = SamplingPath.Implicit, Steps = Math.Min(StepsOfSamples, model.Chain.Count) };

    /// <summary>An epoch has ended.</summary>
    public void Epoch(DiffusionEpoch report)
    {
        _recorder.Report(new DiffusionEpochEnded(report));
        if (_looks.IsDue())
            _trainer.WithJudgedWeights(() => _looks.Take(Views(report.Epoch), _recorder, report.Epoch));
    }

    /// <summary>Training has ended, and the best weights are in the model.</summary>
    public void End(bool isFinished)
    {
        _looks.Take(Views(null), _recorder, null);
        _recorder.Report(new FitEnded(isFinished ? FitOutcome.Finished : FitOutcome.Stopped));
    }

    /// <summary>Training cannot go on.</summary>
    public void Fail(Exception e) => _recorder.Report(new FitEnded(e is OperationCanceledException ? FitOutcome.Stopped : FitOutcome.Failed) { Message = e.Message });

    private IEnumerable<FitEvent> Views(int? epoch)
    {
        int[] judged = [.. (_trainer.HeldOut.Length > 0 ? _trainer.HeldOut : _trainer.Training).Take(epoch is null ? RowsAtTheEnd : RowsMeanwhile)];
        yield return new LevelsJudged(_model.Evaluate(new SelectedRows(_rows, judged), Math.Min(Visits, _model.Chain.Count - 1)), epoch);
        foreach (var view in _views.Of(judged, epoch))
            yield return view;
    }
}
