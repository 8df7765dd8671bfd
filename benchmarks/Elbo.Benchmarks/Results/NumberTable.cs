using System.Globalization;
using System.IO.Compression;
using Elbo.Tables;

namespace Elbo.Benchmarks.Results;

/// <summary>A file of numbers without a header, each column standardised by all of its values, and the same with holes.</summary>
internal sealed class NumberTable
{
    private readonly double[][] _columns;

    private NumberTable(double[][] columns) => _columns = columns;

    public int Rows => _columns[0].Length;

    public int Columns => _columns.Length;

    /// <summary>Values by column and row.</summary>
    public double this[int column, int row] => _columns[column][row];

    /// <summary>Reads some columns of a file.</summary>
    /// <param name="path">Fields between commas or semicolons; a line whose fields are no numbers is a header. Plain, or compressed (.gz).</param>
    /// <param name="first">The first column, from 0.</param>
    /// <param name="count">How many.</param>
    public static NumberTable Read(string path, int first, int count)
    {
        using var stream = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        var rows = new List<double[]>();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split([',', ';']);
            if (fields.Length >= first + count && double.TryParse(fields[first], CultureInfo.InvariantCulture, out _))
                rows.Add([.. fields.AsSpan(first, count).ToArray().Select(f => double.Parse(f, CultureInfo.InvariantCulture))]);
        }
        return new([.. Enumerable.Range(0, count).Select(c => Standardised([.. rows.Select(r => r[c])]))]);
    }

    /// <summary>The table without some cells.</summary>
    public Table Without(Func<int, int, bool> isMissing) => new(
        [.. Enumerable.Range(0, Columns).Select(c => new Column(Name(c), ColumnKind.Real))],
        [.. _columns.Select((column, c) => (ReadOnlyMemory<double>)column.Select((v, row) => isMissing(c, row) ? double.NaN : v).ToArray())]);

    public static string Name(int column) => string.Create(CultureInfo.InvariantCulture, $"x{column + 1}");

    /// <summary>Writes the table as text for another program, empty where cells are missing.</summary>
    public void Write(string path, Func<int, int, bool> isMissing) => File.WriteAllLines(path, Enumerable.Range(0, Rows).Select(row =>
        string.Join(',', Enumerable.Range(0, Columns).Select(c => isMissing(c, row) ? "" : _columns[c][row].ToString("R", CultureInfo.InvariantCulture)))));

    private static double[] Standardised(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => (v - mean) / (deviation > 0 ? deviation : 1))];
    }
}
