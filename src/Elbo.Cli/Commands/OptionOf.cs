using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Elbo.Cli.Commands;

/// <summary>Options and arguments that several commands share, and options of numbers with their ranges.</summary>
internal static class OptionOf
{
    public static Argument<string> Data() => new("DATA") { Description = "A table as CSV, TSV or .npy, plain or compressed (.gz), or images: an IDX, .npy or .npz file, or a folder of PNG files; or texts, as a column of a table or a folder of .txt files." };

    public static Option<string> Model() =>
        new("--model", "-m") { Description = "The model, as 'elbo fit' saved it.", HelpName = "MODEL", Required = true };

    public static Option<string?> Output(string what) => new("--output", "-o") { Description = what, HelpName = "FILE" };

    public static Option<int?> Samples(int usual) => Whole(
        "--samples", "K", 1, $"Draws of the code for each row: more make the importance-weighted bound tighter and slower to get. [default: {usual}]");

    public static Option<int?> Threads() =>
        Whole("--threads", "N", 1, "Threads to share the work among; the results do not depend on it. [default: all there are]");

    public static Option<bool> Json(string what) => new("--json") { Description = what };

    public static Option<ulong?> Seed(string what) => new("--seed")
    {
        Description = what,
        HelpName = "N",
        CustomParser = result => ulong.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Wrong<ulong?>(result, "--seed", "a whole number from zero up"),
    };

    public static Option<int?> Whole(string name, string valueName, int least, string what, params string[] aliases) => new(name, aliases)
    {
        Description = what,
        HelpName = valueName,
        CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : Wrong<int?>(result, name, $"a whole number from {least} up"),
    };

    /// <summary>An option of a number within a range.</summary>
    public static Option<double?> Number(string name, string valueName, Func<double, bool> holds, string range, string what) => new(name)
    {
        Description = what,
        HelpName = valueName,
        CustomParser = result => double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) && holds(number)
            ? number
            : Wrong<double?>(result, name, range),
    };

    /// <summary>An option of one of several words; what the words do not give is wrong.</summary>
    public static Option<T?> Word<T>(string name, string valueName, string wanted, Func<string, T?> parse, string what) => new(name)
    {
        Description = what,
        HelpName = valueName,
        CustomParser = result => parse(result.Tokens[0].Value) is { } value ? value : Wrong<T?>(result, name, wanted),
    };

    /// <summary>A finite number; null for text that is none.</summary>
    public static double? Real(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Repeated(string name, string valueName, string what) =>
        new(name) { Description = what, HelpName = valueName, Arity = ArgumentArity.OneOrMore };

    public static T? Wrong<T>(ArgumentResult result, string name, string wanted)
    {
        result.AddError($"{name} is '{result.Tokens[0].Value}', but must be {wanted}.");
        return default;
    }
}
