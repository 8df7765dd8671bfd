namespace Elbo.Cli.Output;

/// <summary>A column of a text table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsRight">Whether cells stand at the right, as numbers do.</param>
/// <param name="Most">The most characters of a cell; longer ones are cut.</param>
internal sealed record TextColumn(string Title, bool IsRight = false, int Most = int.MaxValue);

/// <summary>A table of texts in columns as wide as they need; the last column is broken into lines where the terminal ends.</summary>
internal sealed class TextTable(params IReadOnlyList<TextColumn> columns)
{
    private const string Gap = "  ";
    private const int NarrowestLast = 16;

    private readonly List<(string[] Cells, Func<string, string>? Style)> _rows = [];

    /// <summary>Adds a row, its lines dressed by the style.</summary>
    public void Add(IEnumerable<string> cells, Func<string, string>? style = null) =>
        _rows.Add(([.. cells.Select((c, i) => TextLines.Shorten(c, columns[i].Most))], style));

    /// <summary>The lines of the table.</summary>
    public IEnumerable<string> Lines(int width, bool colour)
    {
        var widths = columns.Select((c, i) => _rows.Select(r => r.Cells[i].Length).Append(c.Title.Length).Max()).ToArray();
        var before = widths[..^1].Sum() + Gap.Length * (widths.Length - 1);
        widths[^1] = Math.Min(widths[^1], Math.Max(NarrowestLast, width - before));
        yield return Ansi.Bold(Line(widths, [.. columns.Select(c => c.Title)]), colour);
        foreach (var (cells, style) in _rows)
        {
            var last = TextLines.Wrap(cells[^1], widths[^1]).Split('\n');
            var line = Line(widths, [.. cells[..^1], last[0]]);
            yield return style is null ? line : style(line);
            foreach (var more in last.Skip(1))
                yield return style is null ? new string(' ', before) + more : style(new string(' ', before) + more);
        }
    }

    private string Line(int[] widths, string[] cells) =>
        string.Join(Gap, cells.Select((c, i) => columns[i].IsRight ? c.PadLeft(widths[i]) : c.PadRight(widths[i]))).TrimEnd();
}
