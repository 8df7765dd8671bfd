using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>What is to be trained: a new model, or one whose training goes on.</summary>
internal sealed class FitJob
{
    private readonly string _fingerprint;
    private readonly Func<Func<EpochReport, TableVae, bool>, TableVae> _train;

    private FitJob(TableReadResult read, IReadOnlyList<ModelledColumn> columns, TrainingOptions training, Func<Func<EpochReport, TableVae, bool>, TableVae> train)
    {
        (Read, Columns, Training, _train) = (read, columns, training, train);
        _fingerprint = TableModelFile.FingerprintOf(read.Table);
    }

    public TableReadResult Read { get; }

    public IReadOnlyList<ModelledColumn> Columns { get; }

    public TrainingOptions Training { get; }

    public int EpochsDone { get; private init; }

    public double SecondsBefore { get; private init; }

    public IReadOnlyList<string> Notices { get; private init; } = [];

    public static FitJob New(FitRequest request)
    {
        var read = TableReader.Read(request.Data, request.Reading);
        var table = read.Table;
        var likelihoods = LikelihoodWords.Resolve(request.Likelihoods, table.Columns);
        var shape = request.Shape(likelihoods);
        var training = request.Training();
        var columns = Refusing(request.Data, () => table.Columns
            .Select((c, i) => LikelihoodChoice.Choose(c, table.Values(i), likelihoods.TryGetValue(c.Name, out var asked) ? asked : null)).ToList());
        return new(read, columns, training, progress => Refusing(request.Data, () => TableVae.Fit(table, shape, training, progress)));
    }

    public static FitJob Resumed(FitRequest request)
    {
        var file = TableModelFile.Load(request.Model);
        var description = file.Description;
        if (file.State is not { } state)
            throw new UsageException($"{request.Model}: the model was saved without the state of its training, so it cannot go on. Fit it anew without --resume.");
        var read = request.SaysHowToRead ? TableReader.Read(request.Data, request.Reading) : TableReader.Read(request.Data, file.Schema);
        ResumeCheck.Same(request, file, read);

        var training = description.Training with
        {
            Epochs = request.Epochs ?? description.Training.Epochs,
            Patience = request.Patience ?? description.Training.Patience,
            Threads = request.Threads,
        };
        // More patience than before may bring more.
        if (state.IsFinished && training.Patience > description.Training.Patience)
            state = state with { IsFinished = false };
        description = description with { Training = training };
        return new(read, description.Columns, training, progress => Refusing(request.Model, () => TableVae.Resume(description, file.Weights, state, read.Table, progress)))
        {
            EpochsDone = state.Epoch,
            SecondsBefore = file.Seconds,
            Notices = [NoticeOf(state, training, request.Model)],
        };
    }

    public TableVae Train(Func<EpochReport, TableVae, bool> progress) => _train(progress);

    public TableModelFile FileOf(TableVae model, (IReadOnlyList<NamedTensor> Best, TrainingState State) checkpoint, double seconds) =>
        new(model.Description, Read.Schema, checkpoint.Best, _fingerprint, checkpoint.State, null, seconds);

    private static string NoticeOf(TrainingState state, TrainingOptions training, string model)
    {
        if (state.IsFinished)
            return $"Training of {model} had ended at epoch {state.Epoch}: no better for {training.Patience} epochs. To go on all the same, raise --patience.";
        return state.Epoch >= training.Epochs
            ? $"Training of {model} had reached its {state.Epoch} epochs. To go on, raise --epochs."
            : $"Training of {model} goes on after epoch {state.Epoch}; the best so far was epoch {state.BestEpoch}, with ELBO {Numbers.Nats(state.BestElbo)}.";
    }

    private static T Refusing<T>(string file, Func<T> action)
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
}
