using Elbo.Tables;

namespace Elbo.Benchmarks.Results;

/// <summary>
/// Imputation by nearest neighbours, the usual baseline: distances over the columns that both rows have (numbers standardised,
/// levels 0 or √2 apart), scaled up for those they do not; the mean, or the most frequent level, of the five nearest rows that
/// have the cell (Troyanskaya et al., 2001, in the form that scikit-learn gives it).
/// </summary>
internal sealed class NearestNeighbours
{
    private const int Neighbours = 5;

    private readonly Table _table;
    private readonly double[][] _scaled;
    private readonly int[] _donors;

    /// <param name="table">The table with holes.</param>
    /// <param name="donors">The rows that may lend values.</param>
    public NearestNeighbours(Table table, int[] donors)
    {
        (_table, _donors) = (table, donors);
        _scaled = [.. table.Columns.Select((column, c) => Scale(column, table.Values(c)))];
    }

    /// <summary>Values for the holes of a row, by column.</summary>
    public Dictionary<int, double> Fill(int row, IReadOnlyCollection<int> columns)
    {
        var byDistance = _donors.Where(d => d != row).Select(d => (Row: d, Distance: Distance(row, d))).Where(d => !double.IsNaN(d.Distance)).OrderBy(d => d.Distance).Select(d => d.Row).ToArray();
        return columns.ToDictionary(c => c, c => Vote(c, byDistance));
    }

    private double Vote(int column, int[] byDistance)
    {
        var values = new List<double>();
        foreach (var row in byDistance)
        {
            if (values.Count < Neighbours && !double.IsNaN(_table.Values(column)[row]))
                values.Add(_table.Values(column)[row]);
        }
        if (values.Count == 0)
            return 0;
        return _table.Columns[column].HasLevels ? values.GroupBy(v => v).MaxBy(g => g.Count())!.Key : values.Average();
    }

    private double Distance(int a, int b)
    {
        var (sum, shared) = (0.0, 0);
        for (var c = 0; c < _scaled.Length; c++)
        {
            var (x, y) = (_scaled[c][a], _scaled[c][b]);
            if (double.IsNaN(x) || double.IsNaN(y))
                continue;
            shared++;
            sum += _table.Columns[c].HasLevels ? (x == y ? 0 : 2) : (x - y) * (x - y);
        }
        return shared == 0 ? double.NaN : sum * _scaled.Length / shared;
    }

    private static double[] Scale(Column column, ReadOnlySpan<double> values)
    {
        var known = values.ToArray().Where(v => !double.IsNaN(v)).ToArray();
        if (column.HasLevels || known.Length == 0)
            return values.ToArray();
        var mean = known.Average();
        var deviation = Math.Sqrt(known.Average(v => (v - mean) * (v - mean)));
        return [.. values.ToArray().Select(v => (v - mean) / (deviation > 0 ? deviation : 1))];
    }
}
