using Elbo.Tables;

namespace Elbo.Data;

/// <summary>What to write into a missing cell.</summary>
/// <param name="row">The row of the table, from 0.</param>
/// <param name="column">The column of the schema, from 0.</param>
/// <returns>The text, unquoted, or null to leave the cell as it is.</returns>
public delegate string? MissingCellFiller(int row, int column);

/// <summary>What to write into a missing cell of one of several copies.</summary>
/// <param name="copy">The copy, from 0.</param>
/// <param name="row">The row of the table, from 0.</param>
/// <param name="column">The column of the schema, from 0.</param>
/// <returns>The text, unquoted, or null to leave the cell as it is.</returns>
public delegate string? StackedCellFiller(int copy, int row, int column);

/// <summary>
/// Copies a delimited file with its holes filled. The file is streamed again: every byte of an observed cell comes back as it was,
/// quotes and spaces included, and so do the header, the columns the model does not know and the kind of line ending. What is a
/// hole is decided as in reading: an empty cell or one that says missing. A category that the model does not know is no hole.
/// Lines with nothing on them are no rows and are dropped, and UTF-16 becomes UTF-8.
/// </summary>
public static class TableRewriter
{
    /// <summary>Copies the file that was read to another, filling the holes of the schema's columns.</summary>
    /// <param name="input">The file that was read.</param>
    /// <param name="schema">The schema it was read with, as the <see cref="TableReadResult"/> gives it.</param>
    /// <param name="output">The file to make or replace, whole or not at all; it may be the input. Compressed when its name ends
    /// in .gz.</param>
    /// <param name="fill">Called once for each hole, row by row.</param>
    /// <exception cref="DataException">The input cannot be read or the output cannot be written.</exception>
    public static void Rewrite(string input, TableSchema schema, string output, MissingCellFiller fill) =>
        TableWriter.WriteFile(output, stream => Rewrite(input, schema, stream, fill));

    /// <summary>Copies the file that was read to a stream, filling the holes of the schema's columns.</summary>
    /// <param name="input">The file that was read.</param>
    /// <param name="schema">The schema it was read with.</param>
    /// <param name="output">Where to write; stays open.</param>
    /// <param name="fill">Called once for each hole, row by row.</param>
    /// <exception cref="DataException">The input cannot be read.</exception>
    public static void Rewrite(string input, TableSchema schema, Stream output, MissingCellFiller fill)
    {
        var file = DelimitedFile.Open(input, schema);
        if (file.HasByteOrderMark)
            output.Write([0xEF, 0xBB, 0xBF]);
        Copy(file, schema, output, fill, withHeader: true, null);
    }

    /// <summary>Copies the file that was read several times, one below the other, with two columns before the others:
    /// <see cref="StackedColumns"/>. Only the first copy has a header, and only if the file has one.</summary>
    /// <param name="input">The file that was read.</param>
    /// <param name="schema">The schema it was read with.</param>
    /// <param name="output">Where to write; stays open.</param>
    /// <param name="copies">How many copies.</param>
    /// <param name="fill">Called once for each hole, copy by copy and row by row.</param>
    /// <exception cref="DataException">The input cannot be read, or has a column of such a name.</exception>
    public static void Stack(string input, TableSchema schema, Stream output, int copies, StackedCellFiller fill)
    {
        var file = DelimitedFile.Open(input, schema);
        if (file.Format.HasHeader && file.ColumnNames.FirstOrDefault(n => StackedColumns.Contains(n, StringComparer.Ordinal)) is { } taken)
            throw new DataException(input, $"it has a column '{taken}' already, which tells imputations apart in a stacked table", "Write a file for each");
        if (file.HasByteOrderMark)
            output.Write([0xEF, 0xBB, 0xBF]);
        for (var copy = 0; copy < copies; copy++)
        {
            var number = copy;
            Copy(file, schema, output, (row, column) => fill(number, row, column), withHeader: copy == 0, row => row < 0
                ? StackedColumns
                : [NumberText.Shortest(number + 1), NumberText.Shortest(row + 1)]);
        }
    }

    /// <summary>Copies the file that was read to another several times; see
    /// <see cref="Stack(string, TableSchema, Stream, int, StackedCellFiller)"/>.</summary>
    /// <param name="input">The file that was read.</param>
    /// <param name="schema">The schema it was read with.</param>
    /// <param name="output">The file to make or replace, whole or not at all. Compressed when its name ends in .gz.</param>
    /// <param name="copies">How many copies.</param>
    /// <param name="fill">Called once for each hole, copy by copy and row by row.</param>
    /// <exception cref="DataException">The input cannot be read or has a column of such a name, or the output cannot be written.</exception>
    public static void Stack(string input, TableSchema schema, string output, int copies, StackedCellFiller fill) =>
        TableWriter.WriteFile(output, stream => Stack(input, schema, stream, copies, fill));

    /// <summary>The names of the columns before the others in a stacked table: the number of the copy and that of the row, both
    /// from 1. They are those of R's mice, which reads such a table.</summary>
    public static IReadOnlyList<string> StackedColumns { get; } = [".imp", ".id"];

    private static void Copy(
        DelimitedFile file, TableSchema schema, Stream output, MissingCellFiller fill, bool withHeader, Func<int, IReadOnlyList<string>>? leading)
    {
        var holes = new Holes(file, schema);
        using var records = new RecordReader(file.Path, file.Format with { HasHeader = false }, file.ColumnNames);
        var row = file.Format.HasHeader ? -1 : 0;
        if (row < 0 && !withHeader && records.Read())
            row = 0;
        while (records.Read())
        {
            foreach (var text in leading?.Invoke(row) ?? [])
            {
                FieldText.Write(output, text);
                output.WriteByte((byte)file.Format.Delimiter);
            }

            CopyRecord(file, records, holes, output, row, fill);
            row++;
        }
    }

    private static void CopyRecord(DelimitedFile file, RecordReader records, Holes holes, Stream output, int row, MissingCellFiller fill)
    {
        for (var field = 0; field < file.ColumnNames.Count; field++)
        {
            if (field > 0)
                output.WriteByte((byte)file.Format.Delimiter);
            var raw = records.Csv.GetRawSpan(field);
            var column = row < 0 ? -1 : holes.ColumnAt(field, records.Csv.GetSpan(field));
            if (column >= 0 && fill(row, column) is { } text)
                Fill(output, raw, FieldText.Encode(text, file.Format.Delimiter));
            else
                output.Write(raw);
        }

        FieldText.Write(output, file.LineEnding);
    }

    // Files that put a space after each delimiter keep it.
    private static void Fill(Stream output, ReadOnlySpan<byte> raw, string text)
    {
        var spaces = raw.Length - raw.TrimStart(" \t"u8).Length;
        if (spaces < raw.Length)
            output.Write(raw[..spaces]);
        FieldText.Write(output, text);
    }

    /// <summary>Tells which cells of a file are holes in columns of a schema.</summary>
    private sealed class Holes
    {
        private readonly MissingTokens _always;
        private readonly MissingTokens _amongNumbers;
        private readonly int[] _columns;
        private readonly bool[] _areNumbers;

        public Holes(DelimitedFile file, TableSchema schema)
        {
            _always = new MissingTokens(file.Format.MissingTokens);
            _amongNumbers = new MissingTokens(file.Format.NumericMissingTokens);
            var known = schema.Columns.Index().ToDictionary(x => x.Item.Column.Name, x => x.Index, StringComparer.Ordinal);
            _columns = [.. file.ColumnNames.Select(n => known.GetValueOrDefault(n, -1))];
            _areNumbers = [.. _columns.Select(c => c >= 0 && AreNumbers(schema.Columns[c].Column))];
        }

        /// <summary>The column of the schema whose hole this field is, or −1.</summary>
        public int ColumnAt(int field, ReadOnlySpan<byte> text)
        {
            var column = _columns[field];
            if (column < 0)
                return -1;
            return _always.Matches(text) || (_areNumbers[field] && _amongNumbers.Matches(text)) ? column : -1;
        }

        private static bool AreNumbers(Column column) =>
            !column.HasLevels || column.Levels.All(l => CellText.TryNumber(System.Text.Encoding.UTF8.GetBytes(l), out _));
    }
}
