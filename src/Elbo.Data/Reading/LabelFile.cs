using System.Globalization;

namespace Elbo.Data;

/// <summary>Labels of rows or images from a file of their own.</summary>
/// <param name="Classes">Names of the classes, numbers in their order and others by their letters.</param>
/// <param name="Labels">The label of each row, from 0; null where it has none.</param>
public sealed record LabelFile(IReadOnlyList<string> Classes, IReadOnlyList<int?> Labels)
{
    private const int MostClasses = 1000;

    /// <summary>
    /// Reads labels: an IDX file of bytes, such as those of MNIST, or a text with one label a line, in the order of the rows, empty where a row has none; one line
    /// more than there are rows is taken for a header. Either may be compressed (.gz).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <exception cref="DataException">The file cannot be read, has another number of labels, or fewer than two classes.</exception>
    public static LabelFile Read(string path, int rows)
    {
        var texts = Texts(path);
        if (texts.Length == rows + 1)
            texts = texts[1..];
        if (texts.Length != rows)
            throw new DataException(path, $"it has {texts.Length} labels, and there are {rows} rows", "Give a line for each row, empty where it has no label");
        string[] names = [.. texts.Where(t => t.Length > 0).Distinct(StringComparer.Ordinal)];
        if (names.Length is < 2 or > MostClasses)
            throw new DataException(path, $"it has labels of {names.Length} classes", $"A label has from 2 to {MostClasses} classes");
        string[] classes = names.All(n => Number(n) is not null) ? [.. names.OrderBy(Number)] : [.. names.Order(StringComparer.Ordinal)];
        var codes = classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        return new(classes, [.. texts.Select(t => t.Length == 0 ? null : (int?)codes[t])]);
    }

    private static string[] Texts(string path)
    {
        var start = new byte[4];
        using (var stream = FileBytes.Open(path))
        {
            if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && IdxFile.BeginsWith(start))
            {
                var idx = IdxFile.Read(path);
                return idx.Shape.Count == 1 ? [.. idx.Bytes.Select(b => b.ToString(CultureInfo.InvariantCulture))]
                    : throw new DataException(path, $"it is an array of {idx.Shape.Count} dimensions", "Labels have one, as those of train-labels-idx1-ubyte.gz");
            }
        }
        var lines = new List<string>();
        using var reader = new StreamReader(FileBytes.Open(path));
        while (reader.ReadLine() is { } line)
            lines.Add(line.Trim().Trim('"'));
        return [.. lines];
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
