using Elbo.Compute;
using Elbo.Tables;

namespace Elbo.Benchmarks.Results;

/// <summary>Errors of an imputation on cells that were known and taken away.</summary>
/// <param name="Numbers">Mean squared error of numbers in units of their column's variance: 1 for the column's mean. NaN without numbers.</param>
/// <param name="Levels">The fraction of levels that are wrong. NaN without levels.</param>
internal sealed record ImputationError(double Numbers, double Levels);

/// <summary>A table from which a part of the known cells was taken, to see how well they are found again.</summary>
internal sealed class ImputationTrial
{
    private readonly Table _whole;

    public ImputationTrial(Table whole, double fraction, ulong seed)
    {
        _whole = whole;
        var random = new RandomNumbers(seed, 77);
        var values = whole.Columns.Select((_, c) => whole.Values(c).ToArray()).ToArray();
        for (var row = 0; row < whole.RowCount; row++)
        {
            for (var c = 0; c < values.Length; c++)
            {
                if (random.NextUniform() >= fraction || double.IsNaN(values[c][row]))
                    continue;
                values[c][row] = double.NaN;
                Removed.Add((row, c));
            }
        }
        Holed = new Table([.. whole.Columns], [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
    }

    /// <summary>The table without them.</summary>
    public Table Holed { get; }

    /// <summary>Row and column of each cell taken.</summary>
    public List<(int Row, int Column)> Removed { get; } = [];

    /// <summary>The error of a way to fill, over some of the removed cells.</summary>
    public ImputationError Error(Func<int, int, double> fill, Func<int, bool>? rows = null)
    {
        var (squares, numbers, wrong, levels) = (0.0, 0, 0.0, 0);
        var moments = _whole.Columns.Select((_, c) => Moments(_whole.Values(c))).ToArray();
        foreach (var (row, c) in Removed.Where(cell => rows?.Invoke(cell.Row) ?? true))
        {
            var (truth, guess) = (_whole.Values(c)[row], fill(row, c));
            if (_whole.Columns[c].HasLevels)
            {
                levels++;
                wrong += guess == truth ? 0 : 1;
            }
            else
            {
                numbers++;
                squares += (guess - truth) * (guess - truth) / moments[c].Variance;
            }
        }
        return new(numbers == 0 ? double.NaN : squares / numbers, levels == 0 ? double.NaN : wrong / levels);
    }

    /// <summary>The mean of a column's known numbers, or its most frequent level.</summary>
    public double Typical(int column)
    {
        var known = Holed.Values(column).ToArray().Where(v => !double.IsNaN(v)).ToArray();
        return Holed.Columns[column].HasLevels ? known.GroupBy(v => v).MaxBy(g => g.Count())!.Key : known.Average();
    }

    private static (double Mean, double Variance) Moments(ReadOnlySpan<double> values)
    {
        var known = values.ToArray().Where(v => !double.IsNaN(v)).ToArray();
        var mean = known.Average();
        return (mean, Math.Max(known.Average(v => (v - mean) * (v - mean)), 1e-300));
    }
}
