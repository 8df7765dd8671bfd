using System.Globalization;
using Elbo.Tables;

namespace Elbo.Data;

/// <summary>A guess at what a column is, with the reason as half a sentence; left out when there is nothing to learn from it.</summary>
internal sealed record KindGuess(ColumnKind Kind, string Why, bool IsLeftOut = false);

/// <summary>
/// The rules that guess what a column means. They aim at what a person would say who looks at the column, and where that is not
/// clear at the likelihood that does least harm. Every guess is shown with its reason and can be overruled.
/// </summary>
internal static class KindRules
{
    /// <summary>Texts beyond this are names or remarks, not categories.</summary>
    public const int MostCategories = 1000;

    // Grades and codes such as 1, 2, 3: as categories they can have any distribution, at the price of a few parameters.
    private const int MostCodes = 5;
    private const int LargestCode = 20;

    // A category should come often enough to learn something about it.
    private const int FewCategories = 20;
    private const int RowsPerCategory = 5;

    private const double LargestLikelyCount = 1e6;

    private static readonly string[] IdentifierWords =
    [
        "id", "ids", "identifier", "key", "uuid", "guid", "pid", "index", "idx", "rowname", "rownames", "rownum", "row", "rowid", "nr",
        "number", "code", "serial",
    ];

    private static readonly string[][] NoYes =
    [
        ["no", "yes"], ["n", "y"], ["false", "true"], ["f", "t"], ["off", "on"], ["absent", "present"], ["negative", "positive"],
        ["neg", "pos"], ["dead", "alive"], ["bad", "good"], ["0", "1"], ["never", "ever"],
    ];

    /// <summary>Guesses what different texts are.</summary>
    public static KindGuess OfTexts(int distinct, long observed)
    {
        if (distinct == 2)
            return new KindGuess(ColumnKind.Binary, "two different texts");
        if (distinct <= observed / 2 && (distinct <= FewCategories || distinct <= Math.Min(MostCategories, observed / RowsPerCategory)))
            return new KindGuess(ColumnKind.Category, $"{distinct} different texts");
        var many = distinct == observed ? "a different text in every row" : $"{distinct} different texts in {observed} rows";
        return new KindGuess(ColumnKind.Identifier, $"{many}, too many to be categories", IsLeftOut: true);
    }

    /// <summary>Guesses what numbers are.</summary>
    public static KindGuess OfNumbers(NumberFacts facts, string name, int position, bool hasHeader, int missing)
    {
        if (!facts.IsWhole)
            return OfReals(facts, "numbers with decimals");
        if (IsIdentifier(facts, name, position, hasHeader, missing) is { } why)
            return new KindGuess(ColumnKind.Identifier, why, IsLeftOut: true);
        var distinct = facts.Distinct!.Value;
        var range = $"whole numbers from {Text(facts.Min)} to {Text(facts.Max)}";
        if (distinct == 2 && facts.Count > 2)
            return new KindGuess(ColumnKind.Binary, $"two different numbers, {Text(facts.Min)} and {Text(facts.Max)}");
        if (facts.Min >= 1800 && facts.Max <= 2100)
            return new KindGuess(ColumnKind.Real, $"{range}, as years are");
        if (facts.Min < 0)
            return new KindGuess(ColumnKind.Real, range);
        if (distinct <= MostCodes && facts.Max <= LargestCode && facts.Count >= RowsPerCategory * distinct)
        {
            return new KindGuess(
                ColumnKind.Category, $"only {distinct} different whole numbers up to {Text(facts.Max)}, as grades and codes are");
        }


        // Poisson and negative binomial counts reach down to zero or one and spread at least as widely as their mean.
        if (facts.Min <= 1 && facts.Max <= LargestLikelyCount && facts.Variance >= facts.Mean)
            return new KindGuess(ColumnKind.Count, $"{range}, as counts are");
        return OfReals(facts, range);
    }

    /// <summary>The levels of a binary or category column of texts: no before yes, else in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Order(IReadOnlyList<string> levels)
    {
        if (levels.Count == 2)
        {
            var pair = NoYes.FirstOrDefault(p => levels.All(l => p.Contains(l.ToLowerInvariant())));
            if (pair is not null)
                return [.. levels.OrderBy(l => Array.IndexOf(pair, l.ToLowerInvariant()))];
        }

        return [.. levels.Order(StringComparer.Ordinal)];
    }

    // "Strongly skewed": a long tail to the right that a logarithm at least halves, as with incomes and concentrations.
    private static KindGuess OfReals(NumberFacts facts, string what)
    {
        if (facts.Min > 0 && facts.Count >= 20 && facts.Skewness > 1 && Math.Abs(facts.LogSkewness) <= facts.Skewness / 2)
        {
            var skewness = facts.Skewness.ToString("F1", CultureInfo.InvariantCulture);
            var logs = facts.LogSkewness.ToString("F1", CultureInfo.InvariantCulture);
            return new KindGuess(
                ColumnKind.Positive, $"{what}, all above zero with a long tail (skewness {skewness}, of the logarithms {logs})");
        }

        return new KindGuess(ColumnKind.Real, what);
    }

    private static string? IsIdentifier(NumberFacts facts, string name, int position, bool hasHeader, int missing)
    {
        var distinct = facts.Distinct!.Value;
        if (missing == 0 && facts.Count >= 10 && distinct == facts.Count && facts.Min is 0 or 1 && facts.Max - facts.Min == facts.Count - 1)
            return $"the whole numbers from {Text(facts.Min)} to {Text(facts.Max)}, each once, which only number the rows";
        var nearlyDistinct = distinct >= 0.9 * facts.Count;
        if (nearlyDistinct && facts.Count >= 20 && SoundsLikeIdentifier(name))
            return $"{distinct} different whole numbers in {facts.Count} rows under the name of an identifier";
        if (nearlyDistinct && facts.Count >= 100 && position == 0 && !hasHeader)
            return $"{distinct} different whole numbers in {facts.Count} rows of a first column without a name";
        return null;
    }

    // The last word of the name counts: customer_id, CustomerId, "Sample Number".
    private static bool SoundsLikeIdentifier(string name)
    {
        var words = System.Text.RegularExpressions.Regex.Replace(name, "([a-z])([A-Z])", "$1 $2").ToLowerInvariant()
            .Split([' ', '_', '-', '.'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 && IdentifierWords.Contains(words[^1]);
    }

    private static string Text(double value) => NumberText.Shortest(value);
}
