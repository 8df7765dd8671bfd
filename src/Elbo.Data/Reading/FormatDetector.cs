using CsvHelper;

namespace Elbo.Data;

/// <summary>Finds out from the start of a file which character separates its fields and whether its first record is a header.</summary>
internal static class FormatDetector
{
    private const int MostRecords = 200;

    private static readonly char[] Candidates = [',', ';', '\t', '|'];

    /// <summary>
    /// The delimiter. A candidate that gives every record the same number of fields, more than one, is better than one that does
    /// not; among these the most fields win. A comma must give two more than a semicolon, because numbers with decimal commas
    /// between semicolons would otherwise look like fields between commas.
    /// </summary>
    public static char Delimiter(ReadOnlyMemory<byte> start, bool isWhole)
    {
        var best = ',';
        var bestScore = 0.0;
        foreach (var candidate in Candidates)
        {
            var counts = Records(start, isWhole, candidate).Select(r => r.Length).ToList();
            if (counts.Count == 0)
                continue;
            var usual = counts.GroupBy(n => n).OrderByDescending(g => g.Count()).ThenByDescending(g => g.Key).First();
            if (usual.Key < 2 || counts[0] < 2)
                continue;
            var agreement = usual.Count() / (double)counts.Count;
            var fields = candidate == ',' ? usual.Key - 1.5 : usual.Key;
            var score = agreement < 1 ? agreement : 1 + fields;
            if (score > bestScore)
                (best, bestScore) = (candidate, score);
        }

        return best;
    }

    /// <summary>The delimiter of a file like one that is known: the one that finds the most of its columns in the header and gives
    /// every record as many fields, or, where there is no header, the known one as long as it divides the first record.</summary>
    public static char Delimiter(ReadOnlyMemory<byte> start, bool isWhole, TableFormat known, IReadOnlyList<string> columns)
    {
        if (!known.HasHeader)
            return Records(start, isWhole, known.Delimiter) is [{ Length: > 1 }, ..] ? known.Delimiter : Delimiter(start, isWhole);
        var best = known.Delimiter;
        var most = 0;
        foreach (var candidate in Candidates.Prepend(known.Delimiter))
        {
            var records = Records(start, isWhole, candidate);
            var found = records.Take(1).SelectMany(r => r).Intersect(columns, StringComparer.Ordinal).Count();
            var score = found == 0 ? 0 : 2 * found + (records.TrueForAll(r => r.Length == records[0].Length) ? 1 : 0);
            if (score > most)
                (best, most) = (candidate, score);
        }

        return most > 0 ? best : Delimiter(start, isWhole);
    }

    /// <summary>
    /// Whether the first record names the columns. It does not when it holds a number, a date or a missing token. It does when
    /// numbers or dates stand under one of its texts. When all is text, it does unless one of its texts comes twice in it or again
    /// in the same column: names are not values.
    /// </summary>
    public static bool HasHeader(ReadOnlyMemory<byte> start, bool isWhole, char delimiter, MissingTokens missing)
    {
        var records = Records(start, isWhole, delimiter);
        if (records.Count == 0)
            return false;
        var first = records[0];
        if (first.Any(IsValue))
            return false;
        var named = first.Where(t => t.Length > 0).ToList();
        if (named.Count == 0 || named.Any(t => missing.Matches(System.Text.Encoding.UTF8.GetBytes(t))))
            return false;
        if (records.Count == 1)
            return true;
        for (var i = 0; i < first.Length; i++)
        {
            var column = i;
            var below = records.Skip(1).Where(r => column < r.Length && r[column].Length > 0).Select(r => r[column]).ToList();
            if (below.Count > 0 && below.Count(IsValue) > below.Count / 2)
                return true;
        }

        return named.Distinct(StringComparer.Ordinal).Count() == named.Count
            && !Enumerable.Range(0, first.Length).Any(i => records.Skip(1).Any(r => i < r.Length && first[i].Length > 0 && r[i] == first[i]));
    }

    private static bool IsValue(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return CellText.TryNumber(bytes, out _) || DateText.Formats.Take(13).Any(f => DateText.TryParse(bytes, f, out _));
    }

    // The first records under a delimiter; the last one is left off where the start of the file may cut it.
    private static List<string[]> Records(ReadOnlyMemory<byte> start, bool isWhole, char delimiter)
    {
        var records = new List<string[]>();
        using var csv = CsvReader.Create(start, DelimitedFile.ParserOptions(delimiter, null));
        while (records.Count <= MostRecords && csv.Read())
            records.Add(csv.Current.ToArray());
        if (records.Count > 1 && !isWhole && records.Count <= MostRecords)
            records.RemoveAt(records.Count - 1);
        return records;
    }
}
