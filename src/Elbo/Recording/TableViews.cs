using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Models;
using Elbo.Tables;

namespace Elbo.Recording;

/// <summary>What is to be seen of a model of a table: codes, samples beside data, and cells that were hidden and filled in.</summary>
internal sealed class TableViews(TableVae model, Table table) : IModelViews
{
    private const int MostColours = 20;
    private const int SampledForMarginals = 1000;
    private const int SamplesShown = 100;
    private const int HiddenCells = 300;
    private const int DrawsOfCodes = 64;
    private const double IntervalLevel = 0.9;
    private const int MostLevels = 20;

    private static readonly double[] Quantiles = [.. Enumerable.Range(0, 41).Select(k => k / 40.0)];

    public string Kind => "table-vae";

    public IEnumerable<FitSetting> Settings => FitSettings.Of(model.Description);

    private Column[] Columns => [.. model.Description.Columns.Select(c => c.Column), .. model.Description.Label is { } label ? [label.Column] : Array.Empty<Column>()];

    public IEnumerable<FitEvent> Of(Vae vae, IReadOnlyList<int> judged, int? epoch)
    {
        var shown = LatentView.Rows(judged, epoch);
        var data = table.SelectRows(shown);
        yield return LatentView.Of(vae.CodeMeans(LabelledRows.Without(model.Rows(data))), shown, Columns.Take(MostColours).Select(c => Cells(data, c)), epoch);
        var samples = model.Sample(SampledForMarginals, model.Description.Seed);
        yield return new TableMade(FitTableKind.Samples, "New rows from the model", [.. samples.Columns.Select(c => Cells(samples.SelectRows([.. Enumerable.Range(0, SamplesShown)]), c))]) { Epoch = epoch };
        yield return Marginals(data, samples, epoch);
        if (Imputations(shown, epoch) is { } imputations)
            yield return imputations;
    }

    private static FitColumn Cells(Table of, Column column)
    {
        var values = of.Values(column.Name);
        return column.HasLevels ? FitColumn.Of(column.Name, [.. values.ToArray().Select(v => Word(column, v))]) : FitColumn.Of(column.Name, values.ToArray());
    }

    private static string? Word(Column column, double value) => double.IsNaN(value) ? null
        : column.HasLevels ? column.Levels[(int)value]
        : value == Math.Floor(value) && Math.Abs(value) < Table.LargestCount ? value.ToString("F0", CultureInfo.InvariantCulture) : value.ToString("G7", CultureInfo.InvariantCulture);

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
                names.Add(column.Name);
                what.Add(column.HasLevels ? column.Levels[k] : Quantiles[k].ToString("P1", CultureInfo.InvariantCulture));
                ofData.Add(column.HasLevels ? Share(seen, k) : Quantile(seen, Quantiles[k]));
                ofModel.Add(column.HasLevels ? Share(made, k) : Quantile(made, Quantiles[k]));
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

    // One observed cell of each row is hidden, the columns in turn.
    private TableMade? Imputations(int[] shown, int? epoch)
    {
        var columns = model.Description.Columns;
        var hidden = new List<(int Row, int Column)>();
        foreach (var row in shown.Take(HiddenCells))
        {
            int[] observed = [.. Enumerable.Range(0, columns.Count).Where(c => !double.IsNaN(table.Values(columns[c].Column.Name)[row]))];
            if (observed.Length > 1)
                hidden.Add((row, observed[hidden.Count % observed.Length]));
        }
        if (hidden.Count == 0)
            return null;
        var data = table.SelectRows([.. hidden.Select(h => h.Row)]);
        var values = data.Columns.Select(c => data.Values(c.Name).ToArray()).ToArray();
        foreach (var (i, (_, column)) in hidden.Index())
            values[data.IndexOf(columns[column].Column.Name)][i] = double.NaN;
        var imputed = model.Impute(new Table(data.Columns, [.. values.Select(v => (ReadOnlyMemory<double>)v)]), samples: DrawsOfCodes, interval: IntervalLevel);
        var cells = hidden.Select((h, i) => (h.Row, columns[h.Column].Column, Place: i)).ToList();
        FitColumn Words(string name, Func<(int Row, Column Column, int Place), string?> word) => FitColumn.Of(name, [.. cells.Select(word)]);
        FitColumn Numbers(string name, bool ofLevels, Func<(int Row, Column Column, int Place), double?> number) =>
            FitColumn.Of(name, [.. cells.Select(c => c.Column.HasLevels == ofLevels ? number(c) ?? double.NaN : double.NaN)]);
        double True((int Row, Column Column, int Place) cell) => table.Values(cell.Column.Name)[cell.Row];
        FitColumn[] made =
        [
            FitColumn.Of("row", [.. cells.Select(c => c.Row + 1.0)]),
            Words("column", c => c.Column.Name),
            Words("data", c => Word(c.Column, True(c))),
            Words("imputed", c => Word(c.Column, imputed.Point(c.Place, c.Column.Name) ?? double.NaN)),
            Numbers("lower", false, c => imputed.Interval(c.Place, c.Column.Name)?.Lower),
            Numbers("upper", false, c => imputed.Interval(c.Place, c.Column.Name)?.Upper),
            Numbers("probability", true, c => imputed.Probabilities(c.Place, c.Column.Name)?[(int)True(c)]),
        ];
        return new(FitTableKind.Imputations, "Observed cells that were hidden one a row, and what the model fills in", made) { Epoch = epoch };
    }
}
