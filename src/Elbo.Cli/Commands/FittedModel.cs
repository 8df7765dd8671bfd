using Elbo.Autoencoders;
using Elbo.Classification;
using Elbo.Compute;
using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>A model while it is trained and after, of whatever it was fitted to.</summary>
internal abstract class FittedModel(Vae vae) : IDisposable
{
    /// <summary>What was trained.</summary>
    protected Vae Vae => vae;

    public IReadOnlyList<NamedTensor> Weights => vae.Weights;

    public TrainingState State => vae.TrainingState!;

    public int TrainingRows => vae.TrainingRows.Count;

    public int HeldOutRows => vae.HeldOutRows.Count;

    /// <summary>The best weights so far and where training stands.</summary>
    public (IReadOnlyList<NamedTensor> Best, TrainingState State) Checkpoint() => vae.Checkpoint();

    /// <summary>The bounds of the rows that judged it, or of those that it was trained on where none did.</summary>
    public abstract Evaluation Judge(int samples);

    /// <summary>How sure the classes of its label may be, by so many fits.</summary>
    public abstract LabelCalibration Calibrate(int fits, Func<EpochReport, bool> progress);

    /// <summary>What intervals of filled cells hold is found and put into its file, where there is such a thing.</summary>
    public virtual ModelFile WithIntervals(ModelFile file) => file;

    /// <summary>Where the time of a training step goes.</summary>
    public abstract FunctionProfile Profile();

    /// <summary>Its file.</summary>
    public abstract ModelFile FileOf((IReadOnlyList<NamedTensor> Best, TrainingState State) checkpoint, double seconds);

    public abstract void Dispose();
}

/// <summary>A model of a table.</summary>
internal sealed class FittedTableModel(TableVae model, TableReadResult read, string fingerprint) : FittedModel(model.Vae)
{
    public override Evaluation Judge(int samples) =>
        model.Evaluate(read.Table.SelectRows([.. model.HeldOutRows.Count > 0 ? model.HeldOutRows : model.TrainingRows]), samples);

    public override LabelCalibration Calibrate(int fits, Func<EpochReport, bool> progress) => model.Calibrate(read.Table, fits, progress);

    public override ModelFile WithIntervals(ModelFile file) =>
        model.HeldOutRows.Count > 0 && model.Description.Missing is IgnorableMissingness ? (TableModelFile)file with { Intervals = model.CalibrateIntervals(read.Table) } : file;

    public override FunctionProfile Profile() => model.ProfileTraining(read.Table);

    public override ModelFile FileOf((IReadOnlyList<NamedTensor> Best, TrainingState State) checkpoint, double seconds) =>
        new TableModelFile(model.Description, read.Schema, checkpoint.Best, fingerprint, checkpoint.State, null, seconds);

    public override void Dispose() => model.Dispose();
}

/// <summary>A model of images.</summary>
internal sealed class FittedImageModel(Vae model, ImageFit fit) : FittedModel(model)
{
    public override Evaluation Judge(int samples) => Vae.Evaluate(
        fit.Validation?.Images ?? fit.Read.Images.Select([.. Vae.HeldOutRows.Count > 0 ? Vae.HeldOutRows : Vae.TrainingRows]), samples);

    public override LabelCalibration Calibrate(int fits, Func<EpochReport, bool> progress) =>
        Vae.Calibrate(new LabelledRows(fit.Read.Images, fit.Labels!.Labels), fits, fit.Validation?.Images, progress);

    public override FunctionProfile Profile() => Vae.ProfileTraining(fit.Read.Images);

    public override ModelFile FileOf((IReadOnlyList<NamedTensor> Best, TrainingState State) checkpoint, double seconds) =>
        new ImageModelFile(Vae.Description!, checkpoint.Best, fit.Fingerprint, checkpoint.State, null, seconds);

    public override void Dispose() => Vae.Dispose();
}

/// <summary>The images of a fit.</summary>
/// <param name="Data">Where they came from.</param>
/// <param name="Read">Those to fit.</param>
/// <param name="Validation">Those that judge; null where some of the others do.</param>
internal sealed record ImageFit(string Data, ImageReadResult Read, ImageReadResult? Validation)
{
    /// <summary>Their labels; null for a model without.</summary>
    public LabelFile? Labels { get; init; }

    /// <summary>How many of them have a label; null for a model without.</summary>
    public int? Labelled => Labels?.Labels.Count(l => l is not null);

    /// <summary>Tells them from others.</summary>
    public string Fingerprint { get; } = ImageModelFile.FingerprintOf(Read.Images, Validation?.Images);
}
