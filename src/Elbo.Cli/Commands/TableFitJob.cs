using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>A table to be fitted.</summary>
internal sealed class TableFitJob : FitJob
{
    private readonly string _data;
    private readonly string _fingerprint;
    private readonly TableReadResult _read;
    private readonly IReadOnlyList<ModelledColumn> _columns;
    private readonly Func<Func<EpochReport, TableVae, bool>, TableVae> _train;

    private TableFitJob(string data, TableReadResult read, IReadOnlyList<ModelledColumn> columns, TrainingOptions training, Func<Func<EpochReport, TableVae, bool>, TableVae> train)
    {
        (_data, _read, _columns, Training, _train) = (data, read, columns, training, train);
        _fingerprint = TableModelFile.FingerprintOf(read.Table);
    }

    public override TrainingOptions Training { get; }

    public override IEnumerable<string> Found => _read.Notices;

    // A row without its label is not one with a hole.
    public override string? Assumption(ModelFile file)
    {
        var modelled = _columns.Select(c => c.Column.Name).ToHashSet(StringComparer.Ordinal);
        return _read.Columns.Any(c => c.MissingCount > 0 && modelled.Contains(c.Name)) ? ((TableModelFile)file).Description.Missing.Assumption : null;
    }

    public static TableFitJob New(FitRequest request)
    {
        request.RefuseImageOptions();
        var (read, label) = FitLabel.Read(request, options => TableReader.Read(request.Data, options));
        var table = read.Table;
        var likelihoods = LikelihoodWords.Resolve(request.Likelihoods, [.. table.Columns.Where(c => c.Name != label)]);
        var shape = request.Shape(likelihoods) with { Label = label };
        var training = request.Training(new());
        var columns = Refusing(request.Data, () => table.Columns.Select((c, i) => (Column: c, Index: i)).Where(p => p.Column.Name != label)
            .Select(p => LikelihoodChoice.Choose(p.Column, table.Values(p.Index), likelihoods.TryGetValue(p.Column.Name, out var asked) ? asked : null)).ToList());
        Refusing(request.Data, () => shape.Missing.In(table, columns));
        return new(request.Data, read, columns, training, progress => Refusing(request.Data, () => TableVae.Fit(table, shape, training, progress))) { Labelled = LabelledOf(read, label) };
    }

    private static int? LabelledOf(TableReadResult read, string? label)
    {
        if (label is null)
            return null;
        var labelled = read.Table.Values(label).ToArray().Count(v => !double.IsNaN(v));
        return labelled;
    }

    public static TableFitJob Resumed(FitRequest request)
    {
        var file = TableModelFile.Load(request.Model);
        var (state, training, notice) = Continued(request, file);
        var label = file.Description.Label?.Column.Name;
        var read = request.SaysHowToRead ? FitLabel.Read(request, options => TableReader.Read(request.Data, options)).Read
            : request.Label is { } labels && labels != label && File.Exists(labels) ? FitLabel.With(TableReader.Read(request.Data, file.Schema, label), labels)
            : TableReader.Read(request.Data, file.Schema);
        ResumeCheck.Same(request, file, read);
        var description = file.Description with { Training = training };
        return new(request.Data, read, description.Columns, training, progress => Refusing(request.Model, () => TableVae.Resume(description, file.Weights, state, read.Table, progress)))
        {
            Labelled = LabelledOf(read, label),
            EpochsDone = state.Epoch,
            SecondsBefore = file.Seconds,
            Notices = [notice],
        };
    }

    public override void Show(IFitDisplay display) => display.Table(new FitTable(_data, _read, _columns));

    public override FittedModel Train(Func<EpochReport, FittedModel, bool> progress) =>
        Fitted(_train((epoch, model) => progress(epoch, Fitted(model))));

    private FittedTableModel Fitted(TableVae model) => new(model, _read, _fingerprint);
}
