using System.IO.Compression;
using Elbo.Tables;

namespace Elbo.Data;

/// <summary>Writes tables as delimited text in UTF-8 with a header and lines that end in LF. What is missing is an empty cell. A
/// level whose name is a missing token, such as "NA", is written as it is and so reads back as missing.</summary>
public static class TableWriter
{
    /// <summary>Writes a table to a file, whole or not at all: tab-separated when the name is .tsv or .tab, else with commas, and
    /// compressed when the name ends in .gz.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="table">The table.</param>
    /// <param name="schema">How the values are written, by column name, or null for the shortest numbers and ISO dates.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public static void Write(string path, Table table, TableSchema? schema = null)
    {
        var plain = IsGzip(path) ? path[..^3] : path;
        var isTabbed = Path.GetExtension(plain).ToUpperInvariant() is ".TSV" or ".TAB";
        WriteFile(path, stream => Write(stream, table, schema, isTabbed ? '\t' : ','));
    }

    /// <summary>Writes a table to a stream.</summary>
    /// <param name="stream">Where to write; stays open.</param>
    /// <param name="table">The table.</param>
    /// <param name="schema">How the values are written, by column name, or null for the shortest numbers and ISO dates.</param>
    /// <param name="delimiter">The character between fields.</param>
    public static void Write(Stream stream, Table table, TableSchema? schema = null, char delimiter = ',')
    {
        var known = (schema ?? TableSchema.Of(table)).Columns.ToDictionary(c => c.Column.Name, StringComparer.Ordinal);
        var formatters = table.Columns.Select(c => new CellFormatter(SchemaOf(c, known.GetValueOrDefault(c.Name)))).ToList();
        using var writer = new StreamWriter(stream, bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        WriteRow(writer, table.Columns.Select(c => c.Name), delimiter);
        for (var row = 0; row < table.RowCount; row++)
        {
            for (var column = 0; column < formatters.Count; column++)
            {
                if (column > 0)
                    writer.Write(delimiter);
                var text = formatters[column].Format(table.Values(column)[row]);
                // A line with nothing on it would be passed over on reading, so a lone empty cell is written in quotes.
                writer.Write(text.Length == 0 && formatters.Count == 1 ? "\"\"" : FieldText.Encode(text, delimiter));
            }

            writer.WriteLine();
        }
    }

    /// <summary>Writes rows of texts to a file, whole or not at all, in the manner of
    /// <see cref="Write(string, Table, TableSchema)"/>.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="header">The names of the columns.</param>
    /// <param name="rows">The cells, row by row.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public static void WriteRows(string path, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var plain = IsGzip(path) ? path[..^3] : path;
        var delimiter = Path.GetExtension(plain).ToUpperInvariant() is ".TSV" or ".TAB" ? '\t' : ',';
        WriteFile(path, stream => WriteRows(stream, header, rows, delimiter));
    }

    /// <summary>Writes rows of texts to a stream.</summary>
    /// <param name="stream">Where to write; stays open.</param>
    /// <param name="header">The names of the columns.</param>
    /// <param name="rows">The cells, row by row.</param>
    /// <param name="delimiter">The character between fields.</param>
    public static void WriteRows(Stream stream, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows, char delimiter = ',')
    {
        using var writer = new StreamWriter(stream, bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        WriteRow(writer, header, delimiter);
        foreach (var row in rows)
            WriteRow(writer, row, delimiter);
    }

    internal static bool IsGzip(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes a file whole or not at all, compressed when its name says so.</summary>
    internal static void WriteFile(string path, Action<Stream> write) => AtomicFile.Write(path, stream =>
    {
        if (!IsGzip(path))
        {
            write(stream);
            return;
        }

        using var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        using var buffered = new BufferedStream(gzip, 1 << 16);
        write(buffered);
    });

    private static ColumnSchema SchemaOf(Column column, ColumnSchema? known) =>
        known is null ? new ColumnSchema(column) : known with { Column = column };

    private static void WriteRow(StreamWriter writer, IEnumerable<string> cells, char delimiter)
    {
        var texts = cells.Select(c => FieldText.Encode(c, delimiter)).ToList();
        if (texts is [""])
            texts[0] = "\"\"";
        writer.WriteLine(string.Join(delimiter, texts));
    }
}
