using System.Globalization;
using CsvHelper;

namespace Elbo.Data;

/// <summary>A CSV or TSV file, plain or gzip, whose format and column names are known. Opening it reads only its start.</summary>
public sealed class DelimitedFile
{
    private const int StartLength = 1 << 17;

    // Only an unclosed quote makes a record this long.
    private const int LongestRecord = 1 << 24;

    private DelimitedFile(string path, TableFormat format, string[] names, string lineEnding, bool hasByteOrderMark)
    {
        Path = path;
        Format = format;
        ColumnNames = names;
        LineEnding = lineEnding;
        HasByteOrderMark = hasByteOrderMark;
    }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <summary>The delimiter, whether there is a header, and what means missing.</summary>
    public TableFormat Format { get; }

    /// <summary>The names of the columns: the header's without spaces around them, or column1, column2, … where there is no
    /// header or it leaves a name empty.</summary>
    public IReadOnlyList<string> ColumnNames { get; }

    internal string LineEnding { get; }

    internal bool HasByteOrderMark { get; }

    /// <summary>Opens a file and finds out its format.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the user says about the format; the columns are of no concern here.</param>
    /// <returns>The file, its start read and closed again.</returns>
    /// <exception cref="DataException">There is no such file, it is empty or not text, or two columns have one name.</exception>
    public static DelimitedFile Open(string path, TableReadOptions? options = null) =>
        Open(path, options ?? TableReadOptions.Default, null);

    /// <summary>The texts of a column as they are in the file, row by row, for columns that a table does not hold, such as
    /// identifiers. The file is read as the texts are asked for.</summary>
    /// <param name="column">The exact name of the column.</param>
    /// <returns>One text per row, without its quotes; empty where the cell is.</returns>
    /// <exception cref="ArgumentException">No column has this name.</exception>
    /// <exception cref="DataException">The file is malformed.</exception>
    public IEnumerable<string> Texts(string column)
    {
        var index = Array.IndexOf([.. ColumnNames], column);
        return index >= 0
            ? Texts(index)
            : throw new ArgumentException($"No column is named '{column}'. The columns are {Names.List(ColumnNames)}.", nameof(column));
    }

    // A file like one that is known: its delimiter is taken where it fits, its header and its missing tokens are expected.
    internal static DelimitedFile Open(string path, TableSchema known) => Open(path, TableReadOptions.Default, known);

    private static DelimitedFile Open(string path, TableReadOptions options, TableSchema? known)
    {
        var start = ReadStart(path, out var isWhole);
        var hasByteOrderMark = start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]);
        if (start.AsSpan(hasByteOrderMark ? 3 : 0).Trim(" \t\r\n"u8).IsEmpty && isWhole)
            throw new DataException(path, "the file is empty", "A table needs a row or a header and a row");

        var always = known?.Format.MissingTokens ?? options.EffectiveMissingTokens;
        var numeric = known?.Format.NumericMissingTokens ?? options.EffectiveNumericMissingTokens;
        var delimiter = options.Delimiter ?? (known is null
            ? FormatDetector.Delimiter(start, isWhole)
            : FormatDetector.Delimiter(start, isWhole, known.Format, [.. known.Columns.Select(c => c.Column.Name), .. known.LeftOut]));
        var hasHeader = options.HasHeader ?? known?.Format.HasHeader
            ?? FormatDetector.HasHeader(start, isWhole, delimiter, new MissingTokens(always));

        var format = new TableFormat(delimiter, hasHeader, always, numeric);
        return new DelimitedFile(path, format, ReadNames(path, format), FirstLineEnding(start), hasByteOrderMark);
    }

    internal static CsvReaderOptions ParserOptions(char delimiter, Action<CsvMalformedRecord>? onMalformed) => new()
    {
        HasHeader = false,
        Separator = delimiter,
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MaxRecordSize = LongestRecord,
        FormatProvider = CultureInfo.InvariantCulture,
        BufferSize = 1 << 17,
        OnMalformedRecord = onMalformed,
    };

    internal RecordReader OpenRecords() => new(Path, Format, ColumnNames);

    private IEnumerable<string> Texts(int index)
    {
        using var records = OpenRecords();
        while (records.Read())
            yield return CellText.Decode(records.Csv.GetSpan(index), Path, records.Line, ColumnNames[index]);
    }

    private static byte[] ReadStart(string path, out bool isWhole)
    {
        using var source = TableText.Open(path);
        var start = new byte[StartLength];
        var count = source.ReadAtLeast(start, StartLength, throwOnEndOfStream: false);
        isWhole = count < StartLength;
        return start[..count];
    }

    private static string FirstLineEnding(ReadOnlySpan<byte> start)
    {
        var at = start.IndexOfAny((byte)'\r', (byte)'\n');
        if (at < 0 || start[at] == (byte)'\n')
            return "\n";
        return at + 1 < start.Length && start[at + 1] == (byte)'\n' ? "\r\n" : "\r";
    }

    private static string[] ReadNames(string path, TableFormat format)
    {
        using var records = new RecordReader(path, format with { HasHeader = false }, null);
        if (!records.Read())
            throw new DataException(path, "the file is empty", "A table needs a row or a header and a row");

        var names = new string[records.Csv.FieldCount];
        for (var i = 0; i < names.Length; i++)
        {
            var name = format.HasHeader ? CellText.Decode(CellText.Trim(records.Csv.GetSpan(i)), path, records.Line, null) : "";
            names[i] = name.Length > 0 ? name : $"column{i + 1}";
        }

        var repeated = names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null)
        {
            var places = names.Index().Where(x => x.Item == repeated.Key).Select(x => x.Index + 1);
            throw new DataException(
                path, $"{repeated.Count()} columns are named '{repeated.Key}' (columns {string.Join(" and ", places)})",
                "Give each column a name of its own in the first line", records.Line);
        }

        return names;
    }
}
