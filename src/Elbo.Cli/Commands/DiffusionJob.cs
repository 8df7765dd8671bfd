using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Diffusion;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>A diffusion model to be trained on a table or on images: a new one, or one whose training goes on.</summary>
internal abstract class DiffusionJob
{
    /// <summary>What a row is.</summary>
    public abstract string Row { get; }

    public abstract TrainingOptions Training { get; }

    public abstract DiffusionOptions Parts { get; }

    /// <summary>Rows to fit to.</summary>
    public abstract int Count { get; }

    /// <summary>Where training stood; null to begin.</summary>
    public DiffusionTraining? From { get; private protected init; }

    public double SecondsBefore { get; private protected init; }

    /// <summary>What was found in the data.</summary>
    public abstract IEnumerable<string> Found { get; }

    /// <summary>What the data are, in words.</summary>
    public abstract IEnumerable<string> Shown(int width, bool colour);

    /// <summary>What is to be said of missing cells; null where there are none.</summary>
    public virtual string? Missing => null;

    /// <summary>Trains.</summary>
    public abstract FittedDiffusion Train(Func<DiffusionEpoch, FittedDiffusion, bool> progress);

    public static DiffusionJob Of(DiffusionRequest request)
    {
        var fit = request.Fit;
        if (fit.Resume && !File.Exists(fit.Model))
            throw new DataException(fit.Model, "there is no such file", "Check the path; without --resume a model is fitted anew");
        var file = fit.Resume ? ModelFile.Load(fit.Model) : null;
        if (file is not null and not DiffusionModelFile)
            throw new UsageException($"{fit.Model}: this is no diffusion model. Leave --model out to go on with it, or name another file with -o.");
        return ImageReader.Holds(fit.Data, fit.Images) ? new OfImages(request, file) : new OfTable(request, file);
    }

    private protected static T Refusing<T>(string file, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{file}: {e.Message}", e);
        }
    }

    // What is asked for must be what the model has; epochs and patience may be more.
    private static (TrainingOptions Training, DiffusionTraining From) Continued(DiffusionRequest request, DiffusionModelFile file, bool ofImages)
    {
        var (fit, parts, training, differences) = (request.Fit, file.Options, file.Training, new List<string>());
        void Compare(string option, object? asked, object actual)
        {
            if (asked is not null && !asked.Equals(actual))
                differences.Add(string.Create(CultureInfo.InvariantCulture, $"{option} is {asked}, the model has {actual}"));
        }
        Compare("--steps", request.Levels, parts.Levels);
        Compare("--schedule", request.Schedule is { } schedule ? DiffusionWords.Of(schedule) : null, DiffusionWords.Of(parts.Schedule));
        Compare("--predict", request.Prediction is { } predict ? DiffusionWords.Of(predict) : null, DiffusionWords.Of(parts.Prediction));
        Compare("--objective", request.Objective is { } objective ? DiffusionWords.Of(objective) : null, DiffusionWords.Of(parts.Objective));
        Compare("--variance", request.Variance is { } variance ? DiffusionWords.Of(variance) : null, DiffusionWords.Of(parts.Variance));
        Compare("--network", (fit.Network is not null || fit.Hidden is not null || fit.Filters is not null) && request.Network(ofImages) is { } network ? DiffusionWords.Of(network) : null, DiffusionWords.Of(parts.Denoiser!));
        Compare("--visits-by-cost", request.VisitsByCost ? "given" : null, parts.VisitsByCost ? "given" : "none");
        Compare("--seed", fit.Seed, parts.Seed);
        Compare("--batch", fit.Batch, training.Batch ?? 0);
        Compare("--learning-rate", fit.LearningRate, training.LearningRate);
        Compare("--holdout", fit.HoldOut, training.HoldOut);
        Compare("--weight-decay", fit.WeightDecay, training.WeightDecay);
        Compare("--decay", fit.Decay, training.Decay);
        Compare("--average", fit.Average, training.AveragedSteps);
        if (differences.Count > 0)
            throw new UsageException($"{fit.Model}: training cannot go on with other options: {string.Join("; ", differences)}. Leave these options out to go on as before, or fit anew without --resume.");
        if (file.Stand is not { } stand)
            throw new UsageException($"{fit.Model}: the model was saved without the state of its training, so it cannot go on. Fit it anew without --resume.");
        return (training with { Epochs = fit.Epochs ?? training.Epochs, Patience = fit.Patience ?? training.Patience, Threads = fit.Threads, Recorder = fit.Record }, stand);
    }

    private sealed class OfTable : DiffusionJob
    {
        private readonly string _data;
        private readonly TableReadResult _read;
        private readonly TableDiffusionDescription _description;

        public OfTable(DiffusionRequest request, ModelFile? before)
        {
            var fit = request.Fit;
            _data = fit.Data;
            if (fit.Images.Shape is not null || fit.Images.Channels != ChannelOrder.Guessed || request.Shades is not null)
                throw new UsageException($"--shape, --channels and --shades are for images, and {_data} is a table. Leave them out.");
            if (before is null)
            {
                (_read, var label) = FitLabel.Read(fit, options => TableReader.Read(_data, options));
                var likelihoods = LikelihoodWords.Resolve(fit.Likelihoods, [.. _read.Table.Columns.Where(c => c.Name != label)]);
                var options = new TableDiffusionOptions { Parts = request.Parts(ofImages: false), Label = label, Likelihoods = likelihoods };
                _description = Refusing(_data, () => TableDiffusion.Describe(_read.Table, options, request.Training(ofImages: false)));
                return;
            }

            if (before is not TableDiffusionFile file)
                throw new UsageException($"{_data} is a table, and {fit.Model} is a model of images. Name what it was fitted to, or fit anew without --resume.");
            var (training, stand) = Continued(request, file, ofImages: false);
            var of = file.Description.Label?.Column.Name;
            _read = fit.Label is { } labels && labels != of && File.Exists(labels) ? FitLabel.With(TableReader.Read(_data, file.Schema, of), labels) : TableReader.Read(_data, file.Schema);
            if (TableModelFile.FingerprintOf(_read.Table) != file.Fingerprint)
            {
                throw new UsageException($"{_data}: this is not the table that {fit.Model} was fitted to ({file.Description.Rows} rows there, {_read.Table.RowCount} here). "
                    + "Training can only go on with the same rows; fit anew without --resume.");
            }

            (_description, From, SecondsBefore) = (file.Description with { Training = training }, stand, file.Seconds);
        }

        public override string Row => "row";

        public override TrainingOptions Training => _description.Training;

        public override DiffusionOptions Parts => _description.Parts;

        public override int Count => _read.Table.RowCount;

        public override IEnumerable<string> Found => _read.Notices;

        public override IEnumerable<string> Shown(int width, bool colour) => FitText.Table(new(_data, _read, _description.Columns), width, colour);

        public override string? Missing
        {
            get
            {
                var modelled = _description.Columns.Select(c => c.Column.Name).ToHashSet(StringComparer.Ordinal);
                var missing = _read.Columns.Where(c => modelled.Contains(c.Name)).Sum(c => c.MissingCount);
                return missing == 0 ? null : $"{Numbers.Of(missing, "missing cell")} were left out: the network is told which cells of a row are there, noise is added to those alone, and the bound is of those alone. {Missingness.Ignorable.Assumption} That option is of autoencoders: fit without --model diffusion.";
            }
        }

        public override FittedDiffusion Train(Func<DiffusionEpoch, FittedDiffusion, bool> progress) =>
            Fitted(Refusing(_data, () => TableDiffusion.Train(_description, _read.Table, From, (epoch, model) => progress(epoch, Fitted(model)))));

        private FittedDiffusion Fitted(TableDiffusion model) => new(model.Model, model.Rows(_read.Table), (weights, stand, report, seconds) =>
            new TableDiffusionFile(model.Description, _read.Schema, weights, TableModelFile.FingerprintOf(_read.Table), stand, report, seconds));
    }

    private sealed class OfImages : DiffusionJob
    {
        private readonly string _data;
        private readonly ImageReadResult _read;
        private readonly LabelFile? _labels;
        private readonly ImageDiffusionDescription _description;

        public OfImages(DiffusionRequest request, ModelFile? before)
        {
            var fit = request.Fit;
            _data = fit.Data;
            fit.RefuseTableOptions();
            if (fit.Likelihoods.Count > 0)
                throw new UsageException("--likelihood: a diffusion model of images has shades; --shades says how many. Leave --likelihood out.");
            var file = before is null ? null : before as ImageDiffusionFile
                ?? throw new UsageException($"{_data} holds images, and {fit.Model} is a model of a table. Name what it was fitted to, or fit anew without --resume.");
            _read = ImageReader.Read(_data, file is null ? fit.Images : OpenedDiffusion.ReadingFor(file, fit.Images));
            _labels = fit.Label is { } labels ? LabelFile.Read(labels, _read.Images.Count) : null;
            if (file is null)
            {
                var label = _labels is null ? null : LabelModel.Of(_labels.Classes, new LabelledRows(_read.Images, _labels.Labels));
                _description = Refusing(_data, () => ImageDiffusionDescription.Of(_read.Images, request.Shades ?? 256, request.Parts(ofImages: true), request.Training(ofImages: true)) with { Label = label });
                return;
            }

            var (training, stand) = Continued(request, file, ofImages: true);
            if (request.Shades is { } shades && shades != file.Description.Shades)
                throw new UsageException($"{fit.Model}: training cannot go on with --shades {shades}, the model has {file.Description.Shades}. Leave it out, or fit anew without --resume.");
            if (ImageModelFile.FingerprintOf(_read.Images) != file.Fingerprint)
            {
                throw new UsageException($"{_data}: these are not the images that {fit.Model} was fitted to ({file.Description.Images} there, {_read.Images.Count} here). "
                    + "Training can only go on with the same images; fit anew without --resume.");
            }

            if ((_labels is null) != (file.Classes.Count == 0))
                throw new UsageException(_labels is null ? $"{fit.Model}: the model has a label; name the file of labels that it was fitted with, by --label." : $"{fit.Model}: the model has no label. Leave --label out.");
            (_description, From, SecondsBefore) = (file.Description with { Training = training }, stand, file.Seconds);
        }

        public override string Row => "image";

        public override TrainingOptions Training => _description.Training;

        public override DiffusionOptions Parts => _description.Parts;

        public override int Count => _read.Images.Count;

        public override IEnumerable<string> Found => _read.Notices;

        public override IEnumerable<string> Shown(int width, bool colour)
        {
            var images = _read.Images;
            yield return TextLines.Wrap($"{Ansi.Bold(_data, colour)}: {Numbers.Of(images.Count, "image")} of {images.Height} x {images.Width} pixels{FitText.Colours(images.Channels)}, {_read.Format}, {_description.Shades} shades.", width);
            if (_labels is not null)
                yield return TextLines.Wrap($"{Numbers.Of(_labels.Labels.Count(l => l is not null), "image has a label", "images have a label")}, of {Numbers.Of(_labels.Classes.Count, "class", "classes")}: {Names.List(_labels.Classes)}.", width);
        }

        public override FittedDiffusion Train(Func<DiffusionEpoch, FittedDiffusion, bool> progress)
        {
            IRows rows = _labels is null ? _read.Images : new LabelledRows(_read.Images, _labels.Labels);
            var model = _description.Begin(Training.Threads);
            try
            {
                var fitted = new FittedDiffusion(model, rows, (weights, stand, report, seconds) =>
                    new ImageDiffusionFile(_description with { Parts = model.Options }, weights, ImageModelFile.FingerprintOf(_read.Images), stand, report, seconds));
                return Refusing(_data, () =>
                {
                    model.Train(rows, Training, From, epoch => progress(epoch, fitted));
                    return fitted;
                });
            }
            catch
            {
                model.Dispose();
                throw;
            }
        }
    }
}

/// <summary>A diffusion model while it is trained and after.</summary>
/// <param name="model">The model.</param>
/// <param name="rows">What it is trained on.</param>
/// <param name="file">Its file, from the best weights, where training stands, the report, and seconds.</param>
internal sealed class FittedDiffusion(
    DiffusionModel model, IRows rows, Func<IReadOnlyList<NamedTensor>, DiffusionTraining?, DiffusionReport?, double, DiffusionModelFile> file) : IDisposable
{
    public DiffusionTraining Stand => model.Training!;

    public int Width => model.Width;

    /// <summary>The bounds of the rows that judged it, or of those that it was trained on where none did.</summary>
    public DiffusionReport Judge(TrainingOptions training, int visits)
    {
        var (trained, heldOut) = training.Split(rows.Count, model.Options.Seed);
        var judged = new SelectedRows(rows, heldOut.Length > 0 ? heldOut : trained);
        return new(model.Evaluate(judged, visits) with { Levels = [] }, model.EvaluateContinuous(judged, visits).Total, heldOut.Length > 0, RootCommands.Version);
    }

    public DiffusionModelFile FileOf(double seconds, DiffusionReport? report = null) => file(Stand.Best, Stand, report, seconds);

    public void Dispose() => model.Dispose();
}
