using System.Globalization;
using Elbo.Data;
using Elbo.Models;

namespace Elbo.Cli.Output;

/// <summary>A line for each filled cell: its value, and what is known of it.</summary>
internal static class ImputedCells
{
    public static void Write(TableOutput output, TableSchema schema, TableImputation imputation, (string Name, string[] Texts)? names)
    {
        var formats = schema.Columns.ToDictionary(c => c.Column.Name, c => new CellFormatter(c), StringComparer.Ordinal);
        var order = schema.Columns.Select((c, i) => (c.Column.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        string[] header = ["row", .. names is { } n ? [n.Name] : Array.Empty<string>(), "column", "value", "lower", "upper", "probability", "levels"];
        var lines = imputation.Cells.OrderBy(c => c.Row).ThenBy(c => order[c.Column]).Select(cell =>
        {
            var (row, column) = cell;
            string Text(double value) => formats[column].Format(value);
            var interval = imputation.Interval(row, column);
            var value = imputation.Point(row, column)!.Value;
            var probabilities = imputation.Probabilities(row, column);
            var likely = imputation.LikelyLevels(row, column)?.Select(level => $"{Text(level)} {Share(probabilities![level])}") ?? [];
            return (IReadOnlyList<string>)
            [
                (row + 1).ToString(CultureInfo.InvariantCulture), .. names is { } n ? [n.Texts[row]] : Array.Empty<string>(), column, Text(value),
                interval is { } i ? Text(i.Lower) : "", interval is { } j ? Text(j.Upper) : "", probabilities is null ? "" : Share(probabilities[(int)value]), string.Join("; ", likely),
            ];
        });
        output.Write(header, [.. lines]);
    }

    private static string Share(double probability) => probability.ToString("F3", CultureInfo.InvariantCulture);
}
