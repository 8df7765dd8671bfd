using Elbo.Tables;

namespace Elbo.Data;

/// <summary>What a user says a column is, against what would be inferred.</summary>
/// <param name="Name">The exact name of the column.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Levels">The levels of an ordinal, lowest first, or null to take them from the data (numbers in their order).</param>
public sealed record ColumnRequest(string Name, ColumnKind Kind, IReadOnlyList<string>? Levels = null)
{
    /// <summary>The words for the kinds, as <see cref="Parse"/> knows them.</summary>
    public static IReadOnlyList<string> KindNames { get; } =
        [.. Enum.GetValues<ColumnKind>().Select(NameOf)];

    /// <summary>The word for a kind: its name in small letters.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>The word, such as "ordinal".</returns>
    public static string NameOf(ColumnKind kind) => kind switch
    {
        ColumnKind.Real => "real",
        ColumnKind.Positive => "positive",
        ColumnKind.Count => "count",
        ColumnKind.Binary => "binary",
        ColumnKind.Category => "category",
        ColumnKind.Ordinal => "ordinal",
        ColumnKind.Date => "date",
        ColumnKind.Identifier => "identifier",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind."),
    };

    /// <summary>The kind of a word.</summary>
    /// <param name="word">The word, such as "ordinal", in any case.</param>
    /// <param name="kind">The kind, when there is one of this name.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParseKind(string word, out ColumnKind kind)
    {
        foreach (var candidate in Enum.GetValues<ColumnKind>())
        {
            if (NameOf(candidate).Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                kind = candidate;
                return true;
            }
        }

        kind = default;
        return false;
    }

    /// <summary>Reads <c>name=kind</c>, or <c>name=ordinal:low&lt;mid&lt;high</c>. The name may hold equals signs: the last one
    /// that a kind follows counts.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The request.</returns>
    /// <exception cref="FormatException">The text is not of this form; the message lists the kinds and names the nearest.</exception>
    public static ColumnRequest Parse(string text)
    {
        for (var at = text.LastIndexOf('='); at > 0; at = text.LastIndexOf('=', at - 1))
        {
            var right = text[(at + 1)..];
            var colon = right.IndexOf(':', StringComparison.Ordinal);
            var word = (colon < 0 ? right : right[..colon]).Trim();
            if (TryParseKind(word, out var kind))
                return new ColumnRequest(text[..at], kind, colon < 0 ? null : ParseLevels(text, kind, right[(colon + 1)..]));
        }

        var first = text.IndexOf('=', StringComparison.Ordinal);
        if (first <= 0)
            throw new FormatException($"'{text}' is not name=kind. The kinds are {string.Join(", ", KindNames)}.");
        var meant = text[(first + 1)..].Split(':')[0];
        var nearest = Names.Nearest(meant, KindNames);
        throw new FormatException($"'{meant}' is not a kind of column{(nearest is null ? "" : $" (did you mean '{nearest}'?)")}. "
            + $"The kinds are {string.Join(", ", KindNames)}.");
    }

    private static string[] ParseLevels(string text, ColumnKind kind, string list)
    {
        if (kind != ColumnKind.Ordinal)
            throw new FormatException($"'{text}': only an ordinal column takes an order of levels.");
        var levels = list.Split('<', StringSplitOptions.TrimEntries);
        if (levels.Length < 2 || levels.Any(string.IsNullOrEmpty) || levels.Distinct(StringComparer.Ordinal).Count() != levels.Length)
        {
            throw new FormatException(
                $"'{text}': write the levels from the lowest to the highest, each once, as in name=ordinal:low<mid<high.");
        }

        return levels;
    }
}
