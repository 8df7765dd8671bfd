using Elbo.Autoencoders;
using Elbo.Training;

namespace Elbo.Recording;

/// <summary>Tells a recorder of the training of an autoencoder, from its start to its end.</summary>
internal sealed class TrainingRecording
{
    private readonly LookPace _looks = new();
    private readonly IProgress<FitEvent> _recorder;
    private readonly IModelViews _views;
    private readonly Vae _model;
    private readonly Trainer _trainer;
    private EpochReport? _best;

    private TrainingRecording(IProgress<FitEvent> recorder, IModelViews views, Vae model, Trainer trainer) =>
        (_recorder, _views, _model, _trainer) = (recorder, views, model, trainer);

    private bool HoldsOut => _trainer.HeldOut.Length > 0;

    /// <summary>Tells of the start.</summary>
    /// <returns>What tells of the rest; null where there is no recorder.</returns>
    public static TrainingRecording? Begin(TrainingOptions training, IModelViews views, Vae model, Trainer trainer, int epochsDone)
    {
        if (training.Recorder is not { } recorder)
            return null;
        trainer.TellStepsTo(recorder);
        recorder.Report(new FitStarted(views.Kind, model.Seed, [.. views.Settings, .. FitSettings.Of(training)])
        {
            Epochs = training.Epochs,
            EpochsDone = epochsDone,
            TrainingRows = trainer.Training.Length,
            HeldOutRows = trainer.HeldOut.Length,
        });
        return new(recorder, views, model, trainer);
    }

    /// <summary>An epoch has ended.</summary>
    public void Epoch(EpochReport report)
    {
        _best = report.IsBest ? report : _best;
        _recorder.Report(new EpochEnded(report, HoldsOut));
        if (_looks.IsDue())
            _trainer.WithJudgedWeights(() => Look(report.Epoch));
    }

    /// <summary>Training has ended, and the best weights are in the model.</summary>
    public void End(bool isFinished)
    {
        Look(null);
        if (_best is { } best)
            _recorder.Report(new FitJudged(new(best.HeldOut, best.ImportanceWeighted, best.ActiveLatents) { Latents = best.Latents }, HoldsOut) { BestEpoch = best.Epoch, Constraint = best.Constraint });
        _recorder.Report(new FitEnded(isFinished ? FitOutcome.Finished : FitOutcome.Stopped));
    }

    /// <summary>Training cannot go on.</summary>
    public void Fail(Exception e) => _recorder.Report(new FitEnded(e is OperationCanceledException ? FitOutcome.Stopped : FitOutcome.Failed) { Message = e.Message });

    private void Look(int? epoch) => _looks.Take(_views.Of(_model, _trainer.Judged, epoch), _recorder, epoch);
}
