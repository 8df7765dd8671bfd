using Elbo.Autoencoders;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Training;

namespace Elbo.Recording;

/// <summary>
/// Something that happened in a fit. Fits report such events, on the thread that fits and in the order in which they happen, to the <see cref="IProgress{T}"/> that their
/// options name: <see cref="TrainingOptions.Recorder"/>, <see cref="Inference.FitOptions.Recorder"/>. Reporting changes nothing of a fit: the same seed gives the same bits with
/// and without it.
/// </summary>
public abstract record FitEvent
{
    private protected FitEvent()
    {
    }
}

/// <summary>A word for an option of a fit, and what it was set to, for people.</summary>
/// <param name="Name">The option.</param>
/// <param name="Value">What it was set to.</param>
public sealed record FitSetting(string Name, string Value);

/// <summary>A fit began, or went on where it had been stopped.</summary>
/// <param name="Kind">What kind of model is fitted: "table-vae", "image-vae", "vae", "model", "diffusion", "topics", "text-classifier".</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Settings">Its options.</param>
public sealed record FitStarted(string Kind, ulong Seed, IReadOnlyList<FitSetting> Settings) : FitEvent
{
    /// <summary>The epochs that there will be at most; null where there are none.</summary>
    public int? Epochs { get; init; }

    /// <summary>Epochs that were done before; above 0 for a fit that goes on.</summary>
    public int EpochsDone { get; init; }

    /// <summary>Rows that steps are taken on; null where there are no rows.</summary>
    public int? TrainingRows { get; init; }

    /// <summary>Rows that judge; 0 where none are held out.</summary>
    public int HeldOutRows { get; init; }
}

/// <summary>
/// Steps were taken. Not each is reported: at most some forty a second to begin with, and fewer the longer the fit goes on, so that a record of it stays small; each report is of
/// all steps since the one before.
/// </summary>
/// <param name="Step">The number of the last of them, from 1.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Elbo">The mean over them of what each found the bound to be, before it was taken: nats per row of an autoencoder, total of a Bayesian model; NaN of a diffusion model, which has a <see cref="Loss"/>.</param>
public sealed record StepsTaken(long Step, int Count, double Elbo) : FitEvent
{
    /// <summary>Of a diffusion model the mean over them of what is minimised, a number of a row; null for others.</summary>
    public double? Loss { get; init; }

    /// <summary>Epochs at the last of them, with the part of the one that goes on; null where there are none.</summary>
    public double? Epoch { get; init; }

    /// <summary>The mean divergence, in the same units; null where it is not known.</summary>
    public double? Kl { get; init; }

    /// <summary>The length of the last gradient before clipping; null where it is not known.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>The size of the last step; null where the optimiser has none.</summary>
    public double? Rate { get; init; }

    /// <summary>What the divergence counts at the last of them; null where that is not changed.</summary>
    public double? KlWeight { get; init; }
}

/// <summary>An epoch of an autoencoder ended.</summary>
/// <param name="Report">What it came to.</param>
/// <param name="OfHeldOutRows">Whether its bounds are of held-out rows.</param>
public sealed record EpochEnded(EpochReport Report, bool OfHeldOutRows) : FitEvent;

/// <summary>An epoch of a diffusion model ended.</summary>
/// <param name="Report">What it came to.</param>
public sealed record DiffusionEpochEnded(DiffusionEpoch Report) : FitEvent;

/// <summary>A sweep over everything in a fit of closed form ended.</summary>
/// <param name="Sweep">From 1, of its start.</param>
/// <param name="Start">Of which start, from 1.</param>
/// <param name="Elbo">The bound, nats, total.</param>
public sealed record SweepEnded(int Sweep, int Start, double Elbo) : FitEvent;

/// <summary>Something that is good to know and no reason for doubt.</summary>
/// <param name="Text">A sentence.</param>
public sealed record FitNotice(string Text) : FitEvent
{
    /// <summary>The epoch in which it was noticed; null where that does not matter.</summary>
    public int? Epoch { get; init; }
}

/// <summary>A reason for doubt.</summary>
/// <param name="About">What it is about, in a word: "collapse", "constraint", "HeavyTail" and others.</param>
/// <param name="Text">What is wrong, in sentences, with the remedy unless that stands apart.</param>
public sealed record FitWarning(string About, string Text) : FitEvent
{
    /// <summary>What to do about it; null where <see cref="Text"/> says it.</summary>
    public string? Remedy { get; init; }
}

/// <summary>The bound of a diffusion model, level by level.</summary>
/// <param name="Bound">The terms, nats per row.</param>
/// <param name="Epoch">After which epoch; null at the end of the fit.</param>
public sealed record LevelsJudged(DiffusionBound Bound, int? Epoch) : FitEvent;

/// <summary>Columns of numbers or words were made: codes of rows, samples, a posterior.</summary>
/// <param name="Kind">What they are: see <see cref="FitTableKind"/>.</param>
/// <param name="Title">A heading.</param>
/// <param name="Columns">Columns of equal length.</param>
public sealed record TableMade(string Kind, string Title, IReadOnlyList<FitColumn> Columns) : FitEvent
{
    /// <summary>After which epoch; null at the end of the fit.</summary>
    public int? Epoch { get; init; }

    /// <summary>The number of rows.</summary>
    public int Rows => Columns.Count == 0 ? 0 : Columns[0].Count;
}

/// <summary>A column of a table that a fit made: of numbers, or of words.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Numbers">Its numbers, NaN where there is none; null for a column of words.</param>
/// <param name="Words">Its words, null where there is none; null for a column of numbers.</param>
public sealed record FitColumn(string Name, IReadOnlyList<double>? Numbers, IReadOnlyList<string?>? Words)
{
    /// <summary>A column of numbers.</summary>
    public static FitColumn Of(string name, IReadOnlyList<double> numbers) => new(name, numbers ?? throw new ArgumentNullException(nameof(numbers)), null);

    /// <summary>A column of words.</summary>
    public static FitColumn Of(string name, IReadOnlyList<string?> words) => new(name, null, words ?? throw new ArgumentNullException(nameof(words)));

    /// <summary>How many cells it has.</summary>
    public int Count => Numbers?.Count ?? Words?.Count ?? 0;
}

/// <summary>The kinds of tables that fits make.</summary>
public static class FitTableKind
{
    /// <summary>Codes of rows: "row", from 1; of more than two latent numbers "pc1" and "pc2", along which codes vary most; z1 … zK, the means of q(z|x), of those of many that vary most; then columns of the data, dates as years, or "label" and, by a model with a label, "class", to colour by.</summary>
    public const string Latent = "latent";

    /// <summary>Quantiles of columns of numbers and shares of levels, of the data beside samples of the model: "column", "what" ("2.5 %", or a level), "data", "model". Dates are years.</summary>
    public const string Marginals = "marginals";

    /// <summary>New rows from the model.</summary>
    public const string Samples = "samples";

    /// <summary>Observed cells that were hidden and filled in, one a row: "row", from 1, "column", "data", "imputed"; of numbers "lower" and "upper" of an interval of 90 %, of levels the "probability" of the true one. Dates are years.</summary>
    public const string Imputations = "imputations";

    /// <summary>Each number of a posterior, the prior beside: "name", "mean", "sd", "q05", "median", "q95", "effective", "prior mean", "prior sd", "prior q05", "prior median", "prior q95".</summary>
    public const string Posterior = "posterior";

    /// <summary>Data beside what the posterior predicts: "name", "data", "mean", "q05", "median", "q95", "rank", the share of predictions below.</summary>
    public const string Predictive = "predictive";

    /// <summary>Of texts whose labels were hidden, for what is answered from some probability up: "probability", "answered" and, of the answers, "wrong", both shares.</summary>
    public const string Answers = "answers";

    /// <summary>Topics and their words: "topic", "share", "word", "probability".</summary>
    public const string Topics = "topics";
}

/// <summary>Images were made, or chosen, to be looked at.</summary>
/// <param name="Kind">What they are: see <see cref="FitPictureKind"/>.</param>
/// <param name="Title">A heading.</param>
/// <param name="Images">The images, row by row of the picture.</param>
/// <param name="Across">How many images stand beside each other.</param>
public sealed record ImagesMade(string Kind, string Title, ImageSet Images, int Across) : FitEvent
{
    /// <summary>After which epoch; null at the end of the fit.</summary>
    public int? Epoch { get; init; }
}

/// <summary>The kinds of pictures that fits make.</summary>
public static class FitPictureKind
{
    /// <summary>Rows of images of the data, each above a row of what the model makes of them.</summary>
    public const string Reconstructions = "reconstructions";

    /// <summary>New images from the model.</summary>
    public const string Samples = "samples";

    /// <summary>A row of images for each latent number, as it goes from low to high.</summary>
    public const string Traversals = "traversals";
}

/// <summary>A fitted autoencoder was judged.</summary>
/// <param name="Evaluation">Its bounds.</param>
/// <param name="OfHeldOutRows">Whether they are of held-out rows.</param>
public sealed record FitJudged(Evaluation Evaluation, bool OfHeldOutRows) : FitEvent
{
    /// <summary>The best epoch, whose weights the model has; null where that is not known.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>How the constraint stands; null where there is none.</summary>
    public Objectives.ConstraintReport? Constraint { get; init; }
}

/// <summary>A fitted posterior has its certificate.</summary>
/// <param name="Certificate">The certificate.</param>
public sealed record FitCertified(Certificate Certificate) : FitEvent;

/// <summary>How a fit ended.</summary>
public enum FitOutcome
{
    /// <summary>By itself.</summary>
    Finished,

    /// <summary>By request, before its end; it may go on.</summary>
    Stopped,

    /// <summary>By an error.</summary>
    Failed,
}

/// <summary>A fit ended. What is made of the model afterwards may still be reported.</summary>
/// <param name="Outcome">How.</param>
public sealed record FitEnded(FitOutcome Outcome) : FitEvent
{
    /// <summary>What went wrong; null where nothing did.</summary>
    public string? Message { get; init; }
}
