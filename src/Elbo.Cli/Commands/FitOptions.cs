using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Classification;
using Elbo.Data;
using Elbo.Diffusion;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Objectives;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>The options of <c>elbo fit</c>.</summary>
internal sealed class FitOptions
{
    private static readonly TableVaeOptions Usual = new();
    private static readonly TrainingOptions UsualTraining = new();
    private static readonly VaeOptions UsualImages = new();
    private static readonly TrainingOptions UsualImageTraining = Vae.ForImages;

    public Argument<string> Data { get; } = OptionOf.Data();

    public Option<string?> Output { get; } = OptionOf.Output("The model file to write. [default: DATA's name with .elbo, in the current folder]");

    public Option<bool> Resume { get; } = new("--resume")
    {
        Description = "Go on with the training of the model file, up to --epochs in all; with the same table it ends in the same bits as if it had never stopped.",
    };

    public Option<ModelKind?> Model { get; } = OptionOf.Word<ModelKind?>(
        "--model", "vae|diffusion", "vae or diffusion", text => text switch { "vae" => ModelKind.Autoencoder, "diffusion" => ModelKind.Diffusion, _ => null },
        "A variational autoencoder, or a diffusion model: of tables and images. [default: vae]");

    public Option<int?> Steps { get; } = OptionOf.Whole("--steps", "T", 2, "Of a diffusion model: levels of noise. [default: 1000]");

    public Option<NoiseSchedule?> Schedule { get; } = OptionOf.Word(
        "--schedule", "linear|cosine|log-linear[:A..B]|learned[:A..B]", "linear, cosine, log-linear or learned, the latter with ends as in log-linear:-8..8", DiffusionWords.Schedule,
        "Of a diffusion model: how noise grows. linear: variances of the steps; cosine; log-linear: the logarithm of noise over signal, from A to B; learned: likewise, with the network. [default: log-linear:-8..8; of images log-linear:-13.3..6]");

    public Option<Prediction?> Predict { get; } = OptionOf.Word<Prediction?>(
        "--predict", "noise|data|velocity", "noise, data or velocity", DiffusionWords.Predicted, "Of a diffusion model: what the network says. [default: velocity]");

    public Option<DiffusionObjective?> Objective { get; } = OptionOf.Word(
        "--objective", "bound|simple|hybrid", "bound, simple or hybrid", DiffusionWords.Objective,
        "Of a diffusion model: what is minimised. The negative bound; the squared error of the noise alike at each level; or that and a thousandth of the bound for the variances. [default: bound]");

    public Option<ReverseVariance?> Variance { get; } = OptionOf.Word<ReverseVariance?>(
        "--variance", "posterior|step|interpolated|learned", "posterior, step, interpolated or learned", DiffusionWords.Variance,
        "Of a diffusion model: the variance of a step back: that of q given the data, that of the step, between the two, or any. [default: posterior]");

    public Option<bool> VisitsByCost { get; } = new("--visits-by-cost") { Description = "Of a diffusion model: visit levels in training as often as their terms of the bound vary." };

    public Option<int?> Shades { get; } = OptionOf.Whole("--shades", "N", 2, "Of a diffusion model of images: shades of each number, of which ln p gives each its probability. [default: 256]");

    public Option<int?> Latent { get; } = OptionOf.Whole("--latent", "N", 1, $"Latent dimensions. [default: half the columns, 2 to 10; of images {UsualImages.Latent}]");

    public Option<int[]?> Hidden { get; } = new("--hidden")
    {
        Description = $"Sizes of the hidden layers, as in 128,128; 'none' for a linear model. [default: {string.Join(',', Usual.Hidden)}; of images 400, behind convolutions 256, of broadcast 128]",
        HelpName = "N,N",
        CustomParser = result => result.Tokens[0].Value is "none" or "0" ? [] : Sizes(result, "--hidden", "sizes separated by commas, as in 128,128, or none"),
    };

    public Option<NetworkKind?> Network { get; } = OptionOf.Word<NetworkKind?>(
        "--network", "mlp|convolutional|broadcast|ladder|unet", "mlp, convolutional, broadcast, ladder or unet",
        text => text switch { "mlp" => NetworkKind.Mlp, "convolutional" => NetworkKind.Convolutional, "broadcast" => NetworkKind.Broadcast, "ladder" => NetworkKind.Ladder, "unet" => NetworkKind.UNet, _ => null },
        "The networks of a model of images; broadcast has a decoder that is the same at every place, a ladder three latent layers along convolutions. Of a diffusion model mlp, with --hidden, or unet, with --filters. [default: mlp; of diffusion models of images unet]");

    public Option<int[]?> Layers { get; } = new("--layers")
    {
        Description = "Latent numbers of each layer of a hierarchy of images, from the data up, as in 50,20; in place of --latent.",
        HelpName = "N,N",
        CustomParser = result => Sizes(result, "--layers", "sizes separated by commas, as in 50,20"),
    };

    public Option<int[]?> Filters { get; } = new("--filters")
    {
        Description = "Channels of the convolutions, each of which halves height and width, as in 32,64. [default: 32,64; of broadcast 16,16,32,32]",
        HelpName = "N,N",
        CustomParser = result => Sizes(result, "--filters", "channels separated by commas, as in 32,64"),
    };

    public Option<CodePrior?> Prior { get; } = OptionOf.Word(
        "--prior", "standard|mixture[:N]|vamp[:N]|flow[:N]", "standard, mixture, vamp or flow, with a number of components, pseudo-inputs or layers as in mixture:20", PartWords.Prior,
        "p(z): standard normal, a mixture of N normals, a VampPrior of N pseudo-inputs, or a flow of N layers. [default: standard]");

    public Option<CodePosterior?> Posterior { get; } = OptionOf.Word(
        "--posterior", "diagonal|full|flow[:N]", "diagonal, full or flow, with a number of layers as in flow:4", PartWords.Posterior,
        "q(z|x): independent normals, a normal with all correlations, or normals bent by N flows. [default: diagonal]");

    public Option<int?> Importance { get; } = OptionOf.Whole(
        "--importance", "K", 1, "Maximise the importance-weighted bound by K draws of the code for each row, in place of the ELBO. [default: 1, the ELBO]");

    public Option<DivergenceBudget?> FreeBits { get; } = OptionOf.Word<DivergenceBudget?>(
        "--free-bits", "NATS", "a number from 0 up", text => OptionOf.Real(text) is >= 0 and var nats ? DivergenceBudget.FreeBits(nats) : null,
        "What the divergence of each latent dimension may be at no cost.");

    public Option<DivergenceBudget?> Capacity { get; } = OptionOf.Word<DivergenceBudget?>(
        "--capacity", "NATS", "a number from 0 up", text => OptionOf.Real(text) is >= 0 and var nats ? DivergenceBudget.Capacity(nats) : null,
        "Draw the divergence of a row to so many nats.");

    public Option<Disentangling?> Disentangle { get; } = OptionOf.Word(
        "--disentangle", "HOW=X", Disentangling.Words, Disentangling.Parse,
        "Train for latent numbers that tell of hidden factors one by one, by what is charged for the divergence: all of it X times (beta=4), drawn to X nats that it grows to (capacity=25), its total "
        + "correlation X times, estimated from batches (tc=6) or by a second network (factor=20), or covariances of means (dip=10) or codes (dip2=10). The ELBO reported stays the plain one.");

    public Option<Constraint?> Constrain { get; } = OptionOf.Word(
        "--constrain", "WHAT=X", "reconstruction=NATS or squared-error=X, as in squared-error=0.01", PartWords.Constraint,
        "Make the divergence as small as can be while the reconstruction loss, in nats a row, or the mean squared error of a number is at most X.");

    public Option<RateDecay?> Decay { get; } = OptionOf.Word<RateDecay?>(
        "--decay", "none|linear|cosine", "none, linear or cosine", text => Enum.TryParse<RateDecay>(text, ignoreCase: true, out var decay) && !int.TryParse(text, out _) ? decay : null,
        "How the step size falls over --epochs. [default: none]");

    public Option<int?> Average { get; } = OptionOf.Whole("--average", "N", 0, "Steps over which the weights are averaged. [default: 0, none]");

    public Option<bool> AggressiveEncoder { get; } = new("--aggressive-encoder")
    {
        Description = "To begin with, take steps of the encoder alone before each of the decoder, as long as they bring a gain: against a code that collapses.",
    };

    public Option<Binarisation?> Binarise { get; } = OptionOf.Word<Binarisation?>(
        "--binarise", "none|threshold|draw", "none, threshold or draw", text => text switch { "none" => Binarisation.None, "threshold" => Binarisation.Threshold, "draw" => Binarisation.Draw, _ => null },
        "How images become black and white: by one half, or drawn by their shades anew each time. [default: draw where the likelihood is bernoulli and they have shades, else none]");

    public Option<string?> Validation { get; } = new("--validation")
    {
        Description = "Images that judge training in place of held-out ones.",
        HelpName = "FILE",
    };

    public Option<ImageShape?> Shape { get; } = OptionOf.Word<ImageShape?>(
        "--shape", "HxW", "a height and a width, as in 28x28, or 32x32x3 for colour", ImageShape.Parse, "The size of images whose pixels stand in one row of an array.");

    public Option<ChannelOrder?> Channels { get; } = OptionOf.Word<ChannelOrder?>(
        "--channels", "first|last", "first or last", text => text switch { "first" => ChannelOrder.First, "last" => ChannelOrder.Last, _ => null },
        "Where the channels of an array of images stand. [default: found out]");

    public Option<int?> Epochs { get; } = OptionOf.Whole("--epochs", "N", 1, $"The most passes over the rows. [default: {UsualTraining.Epochs}; of images {UsualImageTraining.Epochs}]");

    public Option<int?> Patience { get; } =
        OptionOf.Whole("--patience", "N", 1, $"Epochs without a better bound on held-out rows before training stops. [default: {UsualTraining.Patience}; of images {UsualImageTraining.Patience}]");

    public Option<double?> HoldOut { get; } = OptionOf.Number(
        "--holdout", "FRACTION", x => x is >= 0 and <= 0.5, "a fraction from 0 to 0.5",
        $"The fraction of rows kept out of training, by which it is judged and stopped. [default: {Text(UsualTraining.HoldOut)}]");

    public Option<int?> Batch { get; } = OptionOf.Whole("--batch", "N", 1, $"Rows in a step. [default: a fiftieth of the rows, 32 to 512; of images {UsualImageTraining.Batch}]");

    public Option<double?> LearningRate { get; } = OptionOf.Number(
        "--learning-rate", "X", x => x > 0, "a number above 0", $"The step size of Adam. [default: {Text(UsualTraining.LearningRate)}; of images {Text(UsualImageTraining.LearningRate)}]");

    public Option<int?> WarmUp { get; } = OptionOf.Whole(
        "--warm-up", "N", 0, $"Epochs over which the weight of the divergence rises from 0 to 1. [default: {UsualTraining.WarmUp}; of images {UsualImageTraining.WarmUp}]");

    public Option<string?> Label { get; } = new("--label")
    {
        Description = "What is to be known of every row though it is known of some alone: a column of the table, empty where it is not known; or a file of labels, one a line in the order of the rows or images, empty where "
            + "there is none, or IDX.",
        HelpName = "COLUMN|FILE",
    };

    public Option<double?> ClassifierWeight { get; } = OptionOf.Number(
        "--classifier-weight", "X", x => x >= 0, "a number from 0 up",
        $"Of a model with a label: what ln q(label|row) of labelled rows counts beside the bound. [default: {Text(UsualTraining.ClassifierWeight)}]");

    public Option<int?> Calibrate { get; } = new("--calibrate")
    {
        Description = $"Of a model with a label: hide a fifth of the labels so many times, from 0 to {LabelCalibration.UsualFolds}, each with a fit of its own, to find how sure classes may be. "
            + $"[default: {LabelCalibration.UsualFolds} where fewer than {FitJob.ManyLabels} rows are labelled, else 1]",
        HelpName = "N",
        CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var fits) && fits <= LabelCalibration.UsualFolds
            ? fits
            : OptionOf.Wrong<int?>(result, "--calibrate", $"a whole number from 0 to {LabelCalibration.UsualFolds}"),
    };

    public Option<double?> WeightDecay { get; } = OptionOf.Number(
        "--weight-decay", "X", x => x >= 0, "a number from 0 up", $"Decay of the weight matrices. [default: {Text(UsualTraining.WeightDecay)}; of images {Text(UsualImageTraining.WeightDecay)}]");

    public Option<ulong?> Seed { get; } = OptionOf.Seed($"Decides everything random; the same seed gives the same model. [default: {Usual.Seed}]");

    public Option<string[]> Likelihood { get; } = OptionOf.Repeated(
        "--likelihood", "COLUMN=FAMILY", $"The likelihood of a column; FAMILY alone is for every column that it suits. May be given several times. Families: {LikelihoodWords.All}. "
        + "Of images one of bernoulli, continuous-bernoulli, discretised-logistic and gaussian. [default of images: bernoulli where they are black and white, else discretised-logistic]");

    public Option<string[]> Missing { get; } = OptionOf.Repeated(
        "--missing", "WHY",
        "Why cells of a table are missing. ignorable: given the known cells of the row, the value has no part in it. self-masking: high or low values are the more likely to be missing; self-masking:high and "
        + "self-masking:low where you know which. linear, agnostic[:N]: by all values of the row, through a linear function or a network of N units. COLUMN=WHY is for one column, and may be given several times. "
        + "[default: ignorable]");

    public Option<string[]> Column { get; } = OptionOf.Repeated(
        "--column", "NAME=KIND",
        $"What a column is, where the guess is wrong. Kinds: {string.Join(", ", ColumnRequest.KindNames)}; the order of an ordinal as in size=ordinal:small<medium<large. "
        + "May be given several times. An identifier is left out.");

    public Option<string[]> MissingToken { get; } = OptionOf.Repeated(
        "--missing-token", "TEXT",
        $"A text that means a missing cell; may be given several times. Replaces the built-in {string.Join(" ", TableFormat.DefaultMissingTokens)} "
        + $"and, among numbers, {string.Join(" ", TableFormat.DefaultNumericMissingTokens)}. An empty cell is always missing.");

    public Option<char?> Delimiter { get; } = new("--delimiter")
    {
        Description = "The character between fields: comma, semicolon, tab, pipe, or the character itself. [default: found out]",
        HelpName = "CHAR",
        CustomParser = result => result.Tokens[0].Value switch
        {
            "comma" => ',',
            "semicolon" => ';',
            "tab" or "\\t" => '\t',
            "pipe" => '|',
            [var c] when char.IsAscii(c) && c is not ('"' or '\r' or '\n') => c,
            _ => OptionOf.Wrong<char?>(result, "--delimiter", "comma, semicolon, tab, pipe or one ASCII character"),
        },
    };

    public Option<bool> Header { get; } = new("--header") { Description = "The first line names the columns. [default: found out]" };

    public Option<bool> NoHeader { get; } = new("--no-header") { Description = "The first line is a row; columns are called column1, column2, …" };

    public Option<string?> TextColumn { get; } = new("--text")
    {
        Description = "Fit a model of texts: those of this column of DATA. A folder of .txt files needs no column.",
        HelpName = "COLUMN",
    };

    public Option<int?> Topics { get; } = OptionOf.Whole("--topics", "K", 2, "Of texts: how many topics. [default: 10]");

    public Option<string?> StopWords { get; } = new("--stop-words")
    {
        Description = "Of texts: a file of words that are passed over, one a line. [default: none; --max-share leaves out what is everywhere]",
        HelpName = "FILE",
    };

    public Option<int?> MinimumTexts { get; } = OptionOf.Whole("--min-texts", "N", 1, "Of texts: words in fewer texts are left out. [default: 2]");

    public Option<double?> MaximumShare { get; } = OptionOf.Number(
        "--max-share", "FRACTION", x => x is > 0 and <= 1, "a fraction above 0, up to 1", "Of texts: words in a larger share of the texts are left out. [default: 0.5]");

    public Option<int?> Samples { get; } = OptionOf.Samples(FitCommand.ReportSamples);

    public Option<int?> Threads { get; } = OptionOf.Threads();

    public Option<bool> Profile { get; } = new("--profile")
    {
        Description = "At the end also where the time of a training step goes: each kernel of the compiled step with its operations, bytes, time and share.",
    };

    public Option<bool> Json { get; } = OptionOf.Json("One JSON object a line: events 'columns' or 'images', 'notice', 'epoch' and 'result', and 'profile' if asked for.");

    public Option<string?> Runs { get; } = new("--runs")
    {
        Description = $"The folder in which the run is recorded, in a folder of its own. [default: {RunFolder.UsualName}, beside the model]",
        HelpName = "DIR",
    };

    public Option<bool> NoRecord { get; } = new("--no-record") { Description = "Leave the record of the run out." };

    public IEnumerable<Option> All =>
    [
        Output, Model, Steps, Schedule, Predict, Objective, Variance, VisitsByCost, Shades, Latent, Hidden, Network, Layers, Filters, Prior, Posterior, Importance, FreeBits, Capacity, Disentangle, Constrain, Epochs, Patience, HoldOut, Batch, LearningRate, WarmUp, WeightDecay, Decay, Average, AggressiveEncoder, Label, ClassifierWeight, Calibrate, Seed, Likelihood, Missing, Binarise, Validation, Shape, Channels, Column,
        TextColumn, Topics, StopWords, MinimumTexts, MaximumShare, MissingToken, Delimiter, Header, NoHeader, Samples, Threads, Resume, Runs, NoRecord, Profile, Json,
    ];

    private static int[]? Sizes(ArgumentResult result, string name, string wanted)
    {
        var sizes = result.Tokens[0].Value.Split(',')
            .Select(t => int.TryParse(t, NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var n) ? n : 0).ToArray();
        return sizes.All(n => n > 0) ? sizes : OptionOf.Wrong<int[]?>(result, name, wanted);
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The networks of a model of images.</summary>
internal enum NetworkKind
{
    Mlp,
    Convolutional,
    Broadcast,
    Ladder,
    UNet,
}

/// <summary>What is fitted.</summary>
internal enum ModelKind
{
    Autoencoder,
    Diffusion,
}
