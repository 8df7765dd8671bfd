using Elbo.Autoencoders;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Training;

namespace Elbo.Recording;

/// <summary>Tells a recorder of the training of a diffusion model, from its start to its end: the bound level by level, and samples.</summary>
internal sealed class DiffusionRecording
{
    private const int RowsMeanwhile = 128;
    private const int RowsAtTheEnd = 1000;
    private const int Visits = 16;
    private const int Sampled = 32;
    private const int SampledRows = 500;
    private const int StepsOfSamples = 25;
    private const int MostColumns = 32;

    private readonly LookPace _looks = new();
    private readonly IProgress<FitEvent> _recorder;
    private readonly DiffusionModel _model;
    private readonly IRows _rows;
    private readonly DiffusionTrainer _trainer;

    private DiffusionRecording(IProgress<FitEvent> recorder, DiffusionModel model, IRows rows, DiffusionTrainer trainer) =>
        (_recorder, _model, _rows, _trainer) = (recorder, model, rows, trainer);

    /// <summary>Tells of the start.</summary>
    /// <returns>What tells of the rest; null where there is no recorder.</returns>
    public static DiffusionRecording? Begin(TrainingOptions training, DiffusionModel model, IRows rows, DiffusionTrainer trainer, int epochsDone)
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
        return new(recorder, model, rows, trainer);
    }

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
        var how = new SamplingOptions { Path = SamplingPath.Implicit, Steps = Math.Min(StepsOfSamples, _model.Chain.Count) };
        var (shape, isImage) = (_model.Shape, _model.Shape is { Height: > 1, Channels: 1 or 3 } && _model.Readout.IsDiscrete);
        var values = _model.Sample(isImage ? Sampled : SampledRows, how, _model.Options.Seed);
        if (isImage)
        {
            yield return new ImagesMade(FitPictureKind.Samples, $"Samples by {how.Steps} steps without fresh noise", ImageSet.Of(shape.Height, shape.Width, shape.Channels, values), 8) { Epoch = epoch };
            yield break;
        }
        var columns = Enumerable.Range(0, Math.Min(_model.Size, MostColumns)).Select(j => FitColumn.Of($"x{j + 1}", [.. Enumerable.Range(0, SampledRows).Select(i => (double)values[i * _model.Size + j])])).ToArray();
        yield return new TableMade(FitTableKind.Samples, $"New rows by {how.Steps} steps without fresh noise", columns) { Epoch = epoch };
    }
}
