using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Models;

/// <summary>Values for the missing cells of a table.</summary>
public sealed class TableImputation
{
    private readonly Dictionary<(int Row, string Column), FilledCell> _cells;

    internal TableImputation(Dictionary<(int Row, string Column), FilledCell> cells, int draws, double? interval)
    {
        _cells = cells;
        (Draws, IntervalLevel) = (draws, interval);
    }

    /// <summary>How many missing cells have values.</summary>
    public int Count => _cells.Count;

    /// <summary>How many multiple imputations were drawn.</summary>
    public int Draws { get; }

    /// <summary>The probability of the intervals; null where none were asked for.</summary>
    public double? IntervalLevel { get; }

    /// <summary>The cells that have values, row by row.</summary>
    public IEnumerable<(int Row, string Column)> Cells => _cells.Keys;

    /// <summary>The best single value of a missing cell: the posterior mean of a number (for log-normal counts that of the median), the most probable level. Null if the cell was observed, or is of a column the model does not know.</summary>
    public double? Point(int row, string column) => _cells.TryGetValue((row, column), out var cell) ? cell.Point : null;

    /// <summary>A value of a missing cell in one of the multiple imputations, from 0; null as for <see cref="Point"/>. Within a row the cells of a draw belong together.</summary>
    public double? Draw(int row, string column, int draw) => _cells.TryGetValue((row, column), out var cell) ? cell.Draws[draw] : null;

    /// <summary>
    /// Where the value of a missing cell lies with the probability <see cref="IntervalLevel"/>, and below and above it with half of the rest each: of numbers, and of levels with an order. Of
    /// few possible values it holds at least so much. Null as for <see cref="Point"/>, for levels without an order, and where no intervals were asked for.
    /// </summary>
    /// <remarks>
    /// What the model does not know of its own weights is not in it: the fewer rows there are, the more an interval is on the short side. <see cref="TableVae.CalibrateIntervals"/> measures how much.
    /// </remarks>
    public (double Lower, double Upper)? Interval(int row, string column) => _cells.TryGetValue((row, column), out var cell) ? cell.Interval : null;

    /// <summary>Of the missing cells whose true value was told, the least probability of the intervals that hold it.</summary>
    internal IEnumerable<double> Reached => _cells.Values.Where(c => c.Reach is not null).Select(c => c.Reach!.Value);

    /// <summary>The probability of each level of a missing cell; null as for <see cref="Point"/>, and of numbers.</summary>
    public IReadOnlyList<double>? Probabilities(int row, string column) => _cells.TryGetValue((row, column), out var cell) ? cell.Probabilities : null;

    /// <summary>The fewest levels of a missing cell that have the probability <see cref="IntervalLevel"/> together, the most probable first; null as for <see cref="Probabilities"/>, and where no intervals were asked for.</summary>
    public IReadOnlyList<int>? LikelyLevels(int row, string column)
    {
        if (IntervalLevel is not { } level || Probabilities(row, column) is not { } probabilities)
            return null;
        var (levels, sum) = (new List<int>(), 0.0);
        foreach (var best in Enumerable.Range(0, probabilities.Count).OrderByDescending(l => probabilities[l]))
        {
            levels.Add(best);
            sum += probabilities[best];
            if (sum >= level)
                break;
        }
        return levels;
    }
}

/// <summary>What is said of a missing cell.</summary>
/// <param name="Point">The best single value.</param>
/// <param name="Draws">A value of each multiple imputation.</param>
/// <param name="Interval">Of numbers and ordered levels, where it was asked for.</param>
/// <param name="Probabilities">Of levels.</param>
internal sealed record FilledCell(double Point, double[] Draws, (double Lower, double Upper)? Interval, double[]? Probabilities)
{
    /// <summary>The least probability of the intervals that hold the true value; null where that is not known.</summary>
    public double? Reach { get; init; }

    /// <summary>What draws say of a cell that count alike.</summary>
    /// <param name="column">Its column.</param>
    /// <param name="values">The draws, in the units of the column.</param>
    /// <param name="draws">How many of them are imputations.</param>
    /// <param name="interval">The probability of an interval; null for none.</param>
    public static FilledCell Of(ModelledColumn column, double[] values, int draws, double? interval)
    {
        double[]? shares = null;
        double point;
        if (column.Column.HasLevels)
        {
            shares = new double[column.Column.Levels.Count];
            foreach (var value in values)
                shares[(int)value] += 1.0 / values.Length;
            point = Array.IndexOf(shares, shares.Max());
        }
        else
        {
            point = column.Nearest(values.Average());
        }
        (double, double)? between = null;
        if (interval is { } probability && (shares is null || column.Column.Kind == ColumnKind.Ordinal))
        {
            double[] sorted = [.. values.Order()];
            // At most the tail lies strictly outside on either side.
            var outside = (int)Math.Floor((1 - probability) / 2 * sorted.Length);
            between = (sorted[outside], sorted[^(1 + outside)]);
        }
        return new(point, values[..draws], between, shares);
    }
}
