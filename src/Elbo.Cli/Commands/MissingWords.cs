using System.Globalization;
using Elbo.Data;
using Elbo.Likelihoods;

namespace Elbo.Cli.Commands;

/// <summary>The names of assumptions about missing cells on the command line.</summary>
internal static class MissingWords
{
    public const string All = "ignorable, self-masking, self-masking:high, self-masking:low, linear, agnostic, agnostic:N";

    /// <summary>What is assumed: by one word for all columns, or words of single columns.</summary>
    /// <param name="texts">Each is a word, or <c>column=word</c>.</param>
    /// <exception cref="UsageException">There is no such word, or words contradict each other.</exception>
    public static Missingness? Parse(IReadOnlyList<string> texts)
    {
        Missingness? all = null;
        var columns = new List<MaskedColumn>();
        foreach (var text in texts)
        {
            var equals = text.LastIndexOf('=');
            var word = Word(text[(equals + 1)..]);
            if (equals >= 0)
                columns.Add(new(text[..equals], End(text, word)));
            else if (all is not null)
                throw new UsageException($"--missing: '{text}' is a second word for all columns. Give one, or name columns as in income=self-masking:high.");
            else
                all = word;
        }

        if (columns.Count == 0)
            return all;
        return all switch
        {
            null or IgnorableMissingness => Missingness.SelfMasking(columns),
            SelfMaskingMissingness others => others with { Columns = columns },
            _ => throw new UsageException("--missing: linear and agnostic are of whole rows; leave the words of single columns out."),
        };
    }

    /// <summary>The words of an assumption, as they were given for all columns or are stored column by column.</summary>
    public static string Of(Missingness missing) => missing switch
    {
        SelfMaskingMissingness { Columns.Count: 0, Others: { } end } => Of(end),
        SelfMaskingMissingness self => string.Join(", ", self.Columns.Select(c => $"{c.Column}={(c.End is { } end ? Of(end) : "ignorable")}")),
        JointMissingness { Hidden: { } hidden } => string.Create(CultureInfo.InvariantCulture, $"agnostic:{hidden}"),
        JointMissingness => "linear",
        _ => "ignorable",
    };

    private static string Of(MaskedEnd end) => end switch { MaskedEnd.High => "self-masking:high", MaskedEnd.Low => "self-masking:low", _ => "self-masking" };

    private static MaskedEnd? End(string text, Missingness word) => word switch
    {
        IgnorableMissingness => null,
        SelfMaskingMissingness self => self.Others,
        _ => throw new UsageException($"--missing: '{text}': linear and agnostic are of whole rows. Of a single column it can be ignorable, self-masking, self-masking:high or self-masking:low."),
    };

    private static Missingness Word(string text)
    {
        var parts = text.Trim().ToLowerInvariant().Split(':', 2);
        return (parts[0], parts.ElementAtOrDefault(1)) switch
        {
            ("ignorable", null) => Missingness.Ignorable,
            ("self-masking", null) => Missingness.SelfMasking(),
            ("self-masking", "high") => Missingness.SelfMasking(MaskedEnd.High),
            ("self-masking", "low") => Missingness.SelfMasking(MaskedEnd.Low),
            ("linear", null) => Missingness.Linear,
            ("agnostic", null) => Missingness.Agnostic(),
            ("agnostic", var units) when int.TryParse(units, NumberStyles.None, CultureInfo.InvariantCulture, out var hidden) && hidden > 0 => Missingness.Agnostic(hidden),
            _ => throw new UsageException($"--missing: '{text}' is none of {All}{(Names.Nearest(parts[0], ["ignorable", "self-masking", "linear", "agnostic"]) is { } nearest ? $" (did you mean '{nearest}'?)" : "")}. For a single column: income=self-masking:high."),
        };
    }
}
