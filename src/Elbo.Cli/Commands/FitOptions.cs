using System.CommandLine;
using System.Globalization;
using Elbo.Data;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>The options of <c>elbo fit</c>.</summary>
internal sealed class FitOptions
{
    private static readonly TableVaeOptions Usual = new();
    private static readonly TrainingOptions UsualTraining = new();

    public Argument<string> Data { get; } = OptionOf.Data();

    public Option<string?> Output { get; } = OptionOf.Output("The model file to write. [default: DATA's name with .elbo, in the current folder]");

    public Option<bool> Resume { get; } = new("--resume")
    {
        Description = "Go on with the training of the model file, up to --epochs in all; with the same table it ends in the same bits as if it had never stopped.",
    };

    public Option<int?> Latent { get; } = OptionOf.Whole("--latent", "N", 1, "Latent dimensions. [default: half the columns, 2 to 10]");

    public Option<int[]?> Hidden { get; } = new("--hidden")
    {
        Description = $"Sizes of the hidden layers, as in 128,128; 'none' for a linear model. [default: {string.Join(',', Usual.Hidden)}]",
        HelpName = "N,N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text is "none" or "0")
                return [];
            var sizes = text.Split(',').Select(t => int.TryParse(t, NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var n) ? n : 0).ToArray();
            return sizes.All(n => n > 0) ? sizes : OptionOf.Wrong<int[]?>(result, "--hidden", "sizes separated by commas, as in 128,128, or none");
        },
    };

    public Option<int?> Epochs { get; } = OptionOf.Whole("--epochs", "N", 1, $"The most passes over the rows. [default: {UsualTraining.Epochs}]");

    public Option<int?> Patience { get; } =
        OptionOf.Whole("--patience", "N", 1, $"Epochs without a better bound on held-out rows before training stops. [default: {UsualTraining.Patience}]");

    public Option<double?> HoldOut { get; } = OptionOf.Number(
        "--holdout", "FRACTION", x => x is >= 0 and <= 0.5, "a fraction from 0 to 0.5",
        $"The fraction of rows kept out of training, by which it is judged and stopped. [default: {Text(UsualTraining.HoldOut)}]");

    public Option<int?> Batch { get; } = OptionOf.Whole("--batch", "N", 1, "Rows in a step. [default: a fiftieth of the rows, 32 to 512]");

    public Option<double?> LearningRate { get; } = OptionOf.Number(
        "--learning-rate", "X", x => x > 0, "a number above 0", $"The step size of Adam. [default: {Text(UsualTraining.LearningRate)}]");

    public Option<int?> WarmUp { get; } = OptionOf.Whole(
        "--warm-up", "N", 0, $"Epochs over which the weight of the divergence rises from 0 to 1. [default: {UsualTraining.WarmUp}]");

    public Option<double?> WeightDecay { get; } = OptionOf.Number(
        "--weight-decay", "X", x => x >= 0, "a number from 0 up", $"Decay of the weight matrices. [default: {Text(UsualTraining.WeightDecay)}]");

    public Option<ulong?> Seed { get; } = OptionOf.Seed($"Decides everything random; the same seed gives the same model. [default: {Usual.Seed}]");

    public Option<string[]> Likelihood { get; } = OptionOf.Repeated(
        "--likelihood", "COLUMN=FAMILY", $"The likelihood of a column; FAMILY alone is for every column that it suits. May be given several times. Families: {LikelihoodWords.All}.");

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

    public Option<int?> Samples { get; } = OptionOf.Samples(FitCommand.ReportSamples);

    public Option<int?> Threads { get; } = OptionOf.Threads();

    public Option<bool> Profile { get; } = new("--profile")
    {
        Description = "At the end also where the time of a training step goes: each kernel of the compiled step with its operations, bytes, time and share.",
    };

    public Option<bool> Json { get; } = OptionOf.Json("One JSON object a line: events 'columns', 'notice', 'epoch' and 'result', and 'profile' if asked for.");

    public IEnumerable<Option> All =>
    [
        Output, Latent, Hidden, Epochs, Patience, HoldOut, Batch, LearningRate, WarmUp, WeightDecay, Seed, Likelihood, Column, MissingToken,
        Delimiter, Header, NoHeader, Samples, Threads, Resume, Profile, Json,
    ];

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
