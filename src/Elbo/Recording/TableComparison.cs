using System.Globalization;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Tables;

namespace Elbo.Recording;

/// <summary>What a model of a table gives beside the table: new rows, their quantiles and shares of levels, and cells that were hidden and filled in.</summary>
/// <param name="table">The data.</param>
/// <param name="modelled">The columns of the model.</param>
/// <param name="label">Its label, which is one of the table's columns too; null for none.</param>
internal sealed class TableComparison(Table table, IReadOnlyList<ModelledColumn> modelled, TableLabel? label)
{
    /// <summary>Rows that a model samples to be compared.</summary>
    public const int SampledRows = 1000;

    /// <summary>The probability of the intervals of filled cells.</summary>
    public const double IntervalLevel = 0.9;

    private const int SamplesShown = 100;
    private const int MostLevels = 20;

    // The mean year of the calendar, in days.
    private const double DaysOfAYear = 365.2425;
    private const double FirstYear = 1970;

    private static readonly double[] Quantiles = [.. Enumerable.Range(0, 41).Select(k => k / 40.0)];

    /// <summary>Columns of the model, and its label.</summary>
    public IReadOnlyList<Column> Columns { get; } = [.. modelled.Select(c => c.Column), .. label is null ? [] : new[] { label.Column }];

    /// <summary>Some of the samples, and how all are spread beside the data.</summary>
    /// <param name="rows">Rows of the data to compare with.</param>
    /// <param name="samples">Rows of the model.</param>
    /// <param name="epoch">After which epoch.</param>
    public IEnumerable<TableMade> Samples(IReadOnlyList<int> rows, Table samples, int? epoch)
    {
        var shown = samples.SelectRows([.. Enumerable.Range(0, Math.Min(SamplesShown, samples.RowCount))]);
        yield return new(FitTableKind.Samples, "New rows from the model", [.. samples.Columns.Select(c => c.Kind == ColumnKind.Date ? Days(shown, c) : Cells(shown, c))]) { Epoch = epoch };
        yield return Marginals(table.SelectRows([.. rows]), samples, epoch);
    }

    /// <summary>Cells of a column, in words where it has levels, and dates as years and parts of years.</summary>
    public static FitColumn Cells(Table of, Column column)
    {
        var values = of.Values(column.Name).ToArray();
        return column.HasLevels ? FitColumn.Of(NameOf(column), [.. values.Select(v => Word(column, v))]) : FitColumn.Of(NameOf(column), [.. values.Select(v => Shown(column, v))]);
    }

    private static FitColumn Days(Table of, Column column) => FitColumn.Of(column.Name, [.. of.Values(column.Name).ToArray().Select(Day)]);

    private static string? Day(double days) => double.IsNaN(days) ? null
        : DateTime.UnixEpoch.Ticks / (double)TimeSpan.TicksPerDay + days is var sinceFirst && sinceFirst >= 0 && sinceFirst < (DateTime.MaxValue - DateTime.MinValue).TotalDays
            ? DateTime.MinValue.AddDays(Math.Floor(sinceFirst)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : Number(FirstYear + days / DaysOfAYear);

    private static string NameOf(Column column) => column.Kind == ColumnKind.Date ? $"{column.Name} (year)" : column.Name;

    private static double Shown(Column column, double value) => column.Kind == ColumnKind.Date ? FirstYear + value / DaysOfAYear : value;

    private static string? Word(Column column, double value) => double.IsNaN(value) ? null
        : column.HasLevels ? column.Levels[(int)value]
        : Number(Shown(column, value));

    private static string Number(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < Table.LargestCount ? value.ToString("F0", CultureInfo.InvariantCulture) : value.ToString("G7", CultureInfo.InvariantCulture);

    // Quantiles of numbers, shares of levels: of data and of samples.
    private TableMade Marginals(Table data, Table samples, int? epoch)
    {
        var (names, what, ofData, ofModel) = (new List<string?>(), new List<string?>(), new List<double>(), new List<double>());
        foreach (var column in Columns)
        {
            var (seen, made) = (Known(data, column), Known(samples, column));
            var places = column.HasLevels ? Math.Min(column.Levels.Count, MostLevels) : Quantiles.Length;
            for (var k = 0; k < places; k++)
            {
                names.Add(NameOf(column));
                what.Add(column.HasLevels ? column.Levels[k] : Quantiles[k].ToString("P1", CultureInfo.InvariantCulture));
                ofData.Add(column.HasLevels ? Share(seen, k) : Shown(column, Quantile(seen, Quantiles[k])));
                ofModel.Add(column.HasLevels ? Share(made, k) : Shown(column, Quantile(made, Quantiles[k])));
            }
        }
        FitColumn[] columns = [FitColumn.Of("column", names), FitColumn.Of("what", what), FitColumn.Of("data", ofData), FitColumn.Of("model", ofModel)];
        return new(FitTableKind.Marginals, "Quantiles of numbers and shares of levels, of data and of samples", columns) { Epoch = epoch };
    }

    private static double[] Known(Table of, Column column)
    {
        double[] values = [.. of.Values(column.Name).ToArray().Where(v => !double.IsNaN(v))];
        Array.Sort(values);
        return values;
    }

    private static double Share(double[] values, int level) => values.Length == 0 ? double.NaN : (double)values.Count(v => v == level) / values.Length;

    private static double Quantile(double[] sorted, double probability)
    {
        if (sorted.Length == 0)
            return double.NaN;
        var at = probability * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }

    /// <summary>Cells that are known and were hidden, one of each row and the columns in turn, and what a model fills in.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="impute">Fills in the missing cells of a table, with intervals.</param>
    /// <param name="epoch">After which epoch.</param>
    /// <returns>The table; null where no row has two known cells.</returns>
    public TableMade? Imputations(IReadOnlyList<int> rows, Func<Table, TableImputation> impute, int? epoch)
    {
        var hidden = new List<(int Row, int Column)>();
        foreach (var row in rows)
        {
            int[] observed = [.. Enumerable.Range(0, modelled.Count).Where(c => !double.IsNaN(table.Values(modelled[c].Column.Name)[row]))];
            if (observed.Length > 1)
                hidden.Add((row, observed[hidden.Count % observed.Length]));
        }
        if (hidden.Count == 0)
            return null;
        var data = table.SelectRows([.. hidden.Select(h => h.Row)]);
        var values = data.Columns.Select(c => data.Values(c.Name).ToArray()).ToArray();
        foreach (var (i, (_, column)) in hidden.Index())
            values[data.IndexOf(modelled[column].Column.Name)][i] = double.NaN;
        var imputed = impute(new Table(data.Columns, [.. values.Select(v => (ReadOnlyMemory<double>)v)]));
        var cells = hidden.Select((h, i) => (h.Row, modelled[h.Column].Column, Place: i)).ToList();
        FitColumn Words(string name, Func<(int Row, Column Column, int Place), string?> word) => FitColumn.Of(name, [.. cells.Select(word)]);
        FitColumn Numbers(string name, bool ofLevels, Func<(int Row, Column Column, int Place), double?> number) =>
            FitColumn.Of(name, [.. cells.Select(c => c.Column.HasLevels == ofLevels ? Shown(c.Column, number(c) ?? double.NaN) : double.NaN)]);
        double True((int Row, Column Column, int Place) cell) => table.Values(cell.Column.Name)[cell.Row];
        FitColumn[] made =
        [
            FitColumn.Of("row", [.. cells.Select(c => c.Row + 1.0)]),
            Words("column", c => NameOf(c.Column)),
            Words("data", c => Word(c.Column, True(c))),
            Words("imputed", c => Word(c.Column, imputed.Point(c.Place, c.Column.Name) ?? double.NaN)),
            Numbers("lower", false, c => imputed.Interval(c.Place, c.Column.Name)?.Lower),
            Numbers("upper", false, c => imputed.Interval(c.Place, c.Column.Name)?.Upper),
            Numbers("probability", true, c => imputed.Probabilities(c.Place, c.Column.Name)?[(int)True(c)]),
        ];
        return new(FitTableKind.Imputations, "Observed cells that were hidden one a row, and what the model fills in", made) { Epoch = epoch };
    }
}
