using Elbo.Autoencoders;
using Elbo.Cli.Commands;
using Elbo.Compute;
using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Training;

namespace Elbo.Cli.Output;

/// <summary>The table of a fit.</summary>
/// <param name="Data">The file.</param>
/// <param name="Read">What was found in it.</param>
/// <param name="Columns">How its columns are modelled.</param>
internal sealed record FitTable(string Data, TableReadResult Read, IReadOnlyList<ModelledColumn> Columns);

/// <summary>What a fit came to.</summary>
/// <param name="Data">The file of the data.</param>
/// <param name="Path">The model's file.</param>
/// <param name="File">What is in it; it has a report.</param>
/// <param name="TrainingRows">How many rows were trained on.</param>
/// <param name="HeldOutRows">How many were held out.</param>
internal sealed record FitResult(string Data, string Path, ModelFile File, int TrainingRows, int HeldOutRows)
{
    /// <summary>What was assumed of missing cells; null where none are.</summary>
    public string? Assumption { get; init; }

    /// <summary>The folder of the record of the run; null where there is none.</summary>
    public string? Run { get; init; }
}

/// <summary>Shows a fit as it goes on.</summary>
internal interface IFitDisplay
{
    /// <summary>Shows what the columns were taken for.</summary>
    void Table(FitTable table);

    /// <summary>Shows what the images are and how they will be modelled.</summary>
    void Images(ImageFit images, VaeOptions options);

    /// <summary>Says something that the user should know.</summary>
    void Notice(string sentence);

    /// <summary>Shows training while it goes on.</summary>
    /// <param name="epochs">The most epochs.</param>
    /// <param name="done">Epochs done before.</param>
    /// <param name="heldOut">Whether the reports are of held-out rows.</param>
    /// <param name="train">Trains, telling each epoch to the action it is given.</param>
    /// <returns>What <paramref name="train"/> returned.</returns>
    FittedModel Train(int epochs, int done, bool heldOut, Func<Action<EpochReport>, FittedModel> train);

    /// <summary>Shows what the fit came to.</summary>
    void Result(FitResult result);

    /// <summary>Shows where the time of a training step goes.</summary>
    void Profile(FunctionProfile profile);
}

/// <summary>Shows nothing.</summary>
internal sealed class SilentFitDisplay : IFitDisplay
{
    public void Table(FitTable table)
    {
    }

    public void Images(ImageFit images, VaeOptions options)
    {
    }

    public void Notice(string sentence)
    {
    }

    public FittedModel Train(int epochs, int done, bool heldOut, Func<Action<EpochReport>, FittedModel> train) => train(_ => { });

    public void Result(FitResult result)
    {
    }

    public void Profile(FunctionProfile profile)
    {
    }
}
