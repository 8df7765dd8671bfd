using System.Text;

namespace Elbo.Data;

/// <summary>How documents are to be read.</summary>
public sealed record DocumentReadOptions
{
    /// <summary>The column of a CSV or TSV file that holds the texts; of no use for a folder.</summary>
    public string? TextColumn { get; init; }

    /// <summary>The column that holds a label of each text, empty where it is not known; null where labels are of no concern.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>What is said of the format of the file.</summary>
    public TableReadOptions Table { get; init; } = TableReadOptions.Default;
}

/// <summary>Documents as they were read.</summary>
/// <param name="Texts">The text of each.</param>
/// <param name="Labels">The label of each, null where it is not known; null where none were asked for.</param>
/// <param name="Names">The names of the files of a folder; null for the rows of a table.</param>
/// <param name="Notices">What was found and should be said.</param>
public sealed record Documents(IReadOnlyList<string> Texts, IReadOnlyList<string?>? Labels, IReadOnlyList<string>? Names, IReadOnlyList<string> Notices);

/// <summary>Reads documents: a column of a CSV or TSV file, plain or gzip, or the .txt files of a folder.</summary>
public static class DocumentReader
{
    // Far above any text that people write, far below what would exhaust a computer.
    private const long LargestFile = 1 << 28;

    /// <summary>Whether a path is a folder of texts.</summary>
    public static bool IsFolder(string path) => Directory.Exists(path) && Directory.EnumerateFiles(path, "*.txt").Any();

    /// <summary>Reads documents.</summary>
    /// <param name="path">The file, or the folder, of which the files that end in .txt are read in the order of their names, as UTF-8.</param>
    /// <param name="options">How.</param>
    /// <exception cref="DataException">There is no such file, it is malformed or no text, it has no such column, or a folder has no .txt files.</exception>
    public static Documents Read(string path, DocumentReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        var read = Directory.Exists(path) ? ReadFolder(path, options) : ReadColumn(path, options);
        var empty = read.Texts.Count(t => t.AsSpan().Trim().IsEmpty);
        return empty == 0 ? read : read with { Notices = [.. read.Notices, $"{path}: {empty} of {read.Texts.Count} texts are empty."] };
    }

    private static Documents ReadFolder(string path, DocumentReadOptions options)
    {
        if (options.LabelColumn is { } label)
            throw new DataException(path, $"a folder of texts has no column '{label}'", "Give texts with labels as a CSV file with a column for each");
        string[] files = [.. Directory.EnumerateFiles(path, "*.txt").Order(StringComparer.Ordinal)];
        if (files.Length == 0)
            throw new DataException(path, "the folder has no files that end in .txt", "Name a folder of texts, or a CSV file and its column of texts");
        return new([.. files.Select(ReadFile)], null, [.. files.Select(f => Path.GetFileName(f))], []);
    }

    private static string ReadFile(string file)
    {
        try
        {
            if (new FileInfo(file).Length > LargestFile)
                throw new DataException(file, $"the text is longer than {LargestFile >> 20} MB", "Divide it into documents");
            using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
            var text = reader.ReadToEnd();
            return !text.Contains('\0', StringComparison.Ordinal) ? text
                : throw new DataException(file, "is not text: it holds a zero byte", "Save it as text in UTF-8, or take it out of the folder");
        }
        catch (DecoderFallbackException e)
        {
            throw new DataException(file, "is not text in UTF-8", "Save it as UTF-8, or take it out of the folder", innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(file, $"cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
        }
    }

    private static Documents ReadColumn(string path, DocumentReadOptions options)
    {
        if (options.TextColumn is not { } column)
            throw new DataException(path, "it is not said which column holds the texts", "Name it with --text COLUMN");
        var file = Open(path, options.Table, column);
        string[] texts = [.. file.Texts(Known(file, column))];
        if (texts.Length == 0)
            throw new DataException(path, "there is a header but no row below it", "Give at least one text");
        string?[]? labels = null;
        if (options.LabelColumn is { } label)
        {
            if (label == column)
                throw new DataException(path, $"the column '{label}' cannot be both the text and its label", "Name another column with --label");
            var missing = new MissingTokens(file.Format.MissingTokens);
            labels = [.. file.Texts(Known(file, label)).Select(l => missing.Matches(Encoding.UTF8.GetBytes(l)) ? null : l.Trim())];
        }
        return new(texts, labels, null, file.Format.HasHeader ? [] : [$"{path} has no header; its columns are named column1 to column{file.ColumnNames.Count}."]);
    }

    // Texts among texts look like no header; but a first line that has the name of the column is one.
    private static DelimitedFile Open(string path, TableReadOptions options, string column)
    {
        var file = DelimitedFile.Open(path, options);
        if (file.ColumnNames.Contains(column, StringComparer.Ordinal) || file.Format.HasHeader || options.HasHeader is not null)
            return file;
        var other = DelimitedFile.Open(path, options with { HasHeader = true });
        return other.ColumnNames.Contains(column, StringComparer.Ordinal) ? other : file;
    }

    private static string Known(DelimitedFile file, string column)
    {
        if (file.ColumnNames.Contains(column, StringComparer.Ordinal))
            return column;
        var hint = Names.Nearest(column, file.ColumnNames) is { } nearest ? $"Did you mean '{nearest}'? " : "";
        throw new DataException(file.Path, $"there is no column '{column}'", $"{hint}The columns are {Names.List(file.ColumnNames)}");
    }
}
