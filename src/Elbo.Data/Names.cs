namespace Elbo.Data;

/// <summary>Lists of names as people read them.</summary>
internal static class Names
{
    private const int MostListed = 12;

    /// <summary>The names in quotes, the first dozen of them.</summary>
    public static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        var text = string.Join(", ", all.Take(MostListed).Select(n => $"'{n}'"));
        return all.Count > MostListed ? $"{text} and {all.Count - MostListed} more" : text;
    }

    /// <summary>The name most like the one that was meant, or null when none is close.</summary>
    public static string? Nearest(string meant, IEnumerable<string> names)
    {
        var best = names
            .Select(name => (name, distance: Distance(meant.ToUpperInvariant(), name.ToUpperInvariant())))
            .OrderBy(x => x.distance)
            .FirstOrDefault();
        return best.name is not null && best.distance <= Math.Max(1, meant.Length / 3) ? best.name : null;
    }

    // Levenshtein's edit distance by its usual two-row recurrence.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
