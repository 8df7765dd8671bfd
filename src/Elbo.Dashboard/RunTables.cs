using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Elbo.Dashboard;

/// <summary>Reads tables of runs. Of a million rows as many are kept as can be shown, evenly, in one pass.</summary>
internal static class RunTables
{
    /// <summary>Rows of a table that are shown as points.</summary>
    public const int MostPoints = 6000;

    /// <summary>Rows of another table.</summary>
    public const int MostRows = 1000;

    private const int MostColumns = 300;
    private const int LongestRow = 1 << 20;

    /// <summary>The table: <c>columns: [{name, kind, values}], rows, shown, rowNumbers</c>, or <c>problem</c>.</summary>
    /// <param name="path">A CSV file with a heading.</param>
    /// <param name="most">The most rows.</param>
    public static JsonObject Read(string path, int most)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            if (ReadRow(reader) is not { } names)
                return Problem("There is nothing in it.");
            if (names.Count > MostColumns)
                return Problem($"Its {names.Count} columns are too many to be shown.");
            var (kept, rows) = Evenly(reader, most);
            return Json(names, kept, rows);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return Problem($"It cannot be read: {e.Message}");
        }
    }

    // Every row is kept until there are twice as many as wanted; then every second of them goes, and from then on only every second is kept; and so on.
    private static (List<(long Row, List<string> Cells)> Kept, long Rows) Evenly(StreamReader reader, int most)
    {
        var (kept, rows, every) = (new List<(long, List<string>)>(), 0L, 1L);
        while (ReadRow(reader) is { } cells)
        {
            if (rows++ % every != 0)
                continue;
            kept.Add((rows, cells));
            if (kept.Count < 2 * most)
                continue;
            kept = [.. kept.Where((_, i) => i % 2 == 0)];
            every *= 2;
        }
        return (kept.Count <= most ? kept : [.. Enumerable.Range(0, most).Select(i => kept[(int)((long)i * kept.Count / most)])], rows);
    }

    private static JsonObject Json(List<string> names, List<(long Row, List<string> Cells)> kept, long rows)
    {
        var columns = new JsonArray();
        for (var c = 0; c < names.Count; c++)
        {
            var cells = kept.Select(k => c < k.Cells.Count ? k.Cells[c] : "").ToArray();
            var isNumber = Array.TrueForAll(cells, cell => cell.Length == 0 || Number(cell) is not null) && Array.Exists(cells, cell => cell.Length > 0);
            columns.Add((JsonNode)new JsonObject
            {
                ["name"] = names[c],
                ["kind"] = isNumber ? "number" : "text",
                ["values"] = new JsonArray([.. cells.Select(cell => cell.Length == 0 ? null : isNumber ? JsonNumber(Number(cell)!.Value) : JsonValue.Create(cell))]),
            });
        }
        return new()
        {
            ["columns"] = columns,
            ["rows"] = rows,
            ["shown"] = kept.Count,
            ["rowNumbers"] = new JsonArray([.. kept.Select(k => (JsonNode?)JsonValue.Create(k.Row))]),
        };
    }

    private static double? Number(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static JsonValue? JsonNumber(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonObject Problem(string text) => new() { ["problem"] = text };

    // Cells between commas; quotes around a cell hold commas, line breaks, and quotes that are doubled.
    private static List<string>? ReadRow(StreamReader reader)
    {
        if (reader.ReadLine() is not { } line)
            return null;
        if (!line.Contains('"', StringComparison.Ordinal))
            return [.. line.Split(',')];
        var (cells, cell, isQuoted) = (new List<string>(), new StringBuilder(), false);
        while (true)
        {
            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                    cell.Append(line[i++]);
                else if (line[i] == '"')
                    isQuoted = !isQuoted;
                else if (line[i] == ',' && !isQuoted)
                {
                    cells.Add(cell.ToString());
                    cell.Clear();
                }
                else
                    cell.Append(line[i]);
            }
            if (!isQuoted)
                break;
            if (cell.Length > LongestRow || reader.ReadLine() is not { } next)
                throw new FormatException("a quote is never closed.");
            cell.Append('\n');
            line = next;
        }
        cells.Add(cell.ToString());
        return cells;
    }
}
