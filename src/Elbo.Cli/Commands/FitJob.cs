using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>What is to be trained: a new model, or one whose training goes on.</summary>
internal abstract class FitJob
{
    /// <summary>So many labelled rows are many: a fifth of them says enough.</summary>
    public const int ManyLabels = 1000;

    /// <summary>How many rows have a label; null for a model without one.</summary>
    public int? Labelled { get; private protected init; }

    /// <summary>How it is trained.</summary>
    public abstract TrainingOptions Training { get; }

    public int EpochsDone { get; private protected init; }

    public double SecondsBefore { get; private protected init; }

    /// <summary>Whether other rows than those trained on judge.</summary>
    public virtual bool HoldsOut => Training.HoldOut > 0;

    /// <summary>What was found in the data.</summary>
    public abstract IEnumerable<string> Found { get; }

    /// <summary>What is to be said of training that goes on.</summary>
    public IReadOnlyList<string> Notices { get; private protected init; } = [];

    /// <summary>The job of a command.</summary>
    public static FitJob Of(FitRequest request)
    {
        if (request.Resume && !File.Exists(request.Model))
            throw new DataException(request.Model, "there is no such file", "Check the path; without --resume a model is fitted anew");
        if (ImageReader.Holds(request.Data, request.Images))
            return request.Resume ? ImageFitJob.Resumed(request) : ImageFitJob.New(request);
        return request.Resume ? TableFitJob.Resumed(request) : TableFitJob.New(request);
    }

    /// <summary>What was assumed of missing cells; null where none are.</summary>
    public virtual string? Assumption(ModelFile file) => null;

    /// <summary>Shows what is to be fitted.</summary>
    public abstract void Show(IFitDisplay display);

    /// <summary>Trains.</summary>
    /// <param name="progress">Told of each epoch; returning false ends training.</param>
    public abstract FittedModel Train(Func<EpochReport, FittedModel, bool> progress);

    /// <summary>The state and the options with which training goes on.</summary>
    private protected static (TrainingState State, TrainingOptions Training, string Notice) Continued(FitRequest request, ModelFile file)
    {
        if (file.State is not { } state)
            throw new UsageException($"{request.Model}: the model was saved without the state of its training, so it cannot go on. Fit it anew without --resume.");
        var training = file.Training with
        {
            Epochs = request.Epochs ?? file.Training.Epochs,
            Patience = request.Patience ?? file.Training.Patience,
            Threads = request.Threads,
            Recorder = request.Record,
        };
        if (state.History.Count > 0)
            request.Record?.GoOnFrom(state.Epoch, "elbo", state.History[^1].HeldOutElbo);
        // More patience than before may bring more.
        if (state.IsFinished && training.Patience > file.Training.Patience)
            state = state with { IsFinished = false };
        return (state, training, NoticeOf(state, training, request.Model));
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

    private static string NoticeOf(TrainingState state, TrainingOptions training, string model)
    {
        if (state.IsFinished)
            return $"Training of {model} had ended at epoch {state.Epoch}: no better for {training.Patience} epochs. To go on all the same, raise --patience.";
        return state.Epoch >= training.Epochs
            ? $"Training of {model} had reached its {state.Epoch} epochs. To go on, raise --epochs."
            : $"Training of {model} goes on after epoch {state.Epoch}; the best so far was epoch {state.BestEpoch}, with a bound of {Numbers.Nats(state.BestElbo)}.";
    }
}
