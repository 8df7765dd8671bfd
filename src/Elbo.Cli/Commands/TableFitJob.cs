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

    public override string? Assumption(ModelFile file) =>
        _read.Columns.Any(c => c.LeftOut is null && c.MissingCount > 0) ? ((TableModelFile)file).Description.Missing.Assumption : null;

    public static TableFitJob New(FitRequest request)
    {
        request.RefuseImageOptions();
        var read = TableReader.Read(request.Data, request.Reading);
        var table = read.Table;
        var likelihoods = LikelihoodWords.Resolve(request.Likelihoods, table.Columns);
        var shape = request.Shape(likelihoods);
        var training = request.Training(new());
        var columns = Refusing(request.Data, () => table.Columns
            .Select((c, i) => LikelihoodChoice.Choose(c, table.Values(i), likelihoods.TryGetValue(c.Name, out var asked) ? asked : null)).ToList());
        Refusing(request.Data, () => shape.Missing.In(table, columns));
        return new(request.Data, read, columns, training, progress => Refusing(request.Data, () => TableVae.Fit(table, shape, training, progress)));
    }

    public static TableFitJob Resumed(FitRequest request)
    {
        var file = TableModelFile.Load(request.Model);
        var (state, training, notice) = Continued(request, file);
        var read = request.SaysHowToRead ? TableReader.Read(request.Data, request.Reading) : TableReader.Read(request.Data, file.Schema);
        ResumeCheck.Same(request, file, read);
        var description = file.Description with { Training = training };
        return new(request.Data, read, description.Columns, training, progress => Refusing(request.Model, () => TableVae.Resume(description, file.Weights, state, read.Table, progress)))
        {
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
