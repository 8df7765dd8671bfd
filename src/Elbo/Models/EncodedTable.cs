using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Models;

/// <summary>A table as the network sees it: row by row, encoded values with 0 where missing, and 1 where observed.</summary>
internal sealed class EncodedTable : IRows
{
    // A residual of as many standard deviations, squared over the smallest scale, still fits into single precision. So does any count.
    private const float LargestValue = 1e16f;

    private readonly float[] _values;
    private readonly float[] _mask;

    private EncodedTable(int rowCount, int columnCount)
    {
        RowCount = rowCount;
        ColumnCount = columnCount;
        _values = new float[(long)rowCount * columnCount];
        _mask = new float[(long)rowCount * columnCount];
    }

    public int Count => RowCount;

    public int Size => ColumnCount;

    public bool HasMissing => true;

    public int RowCount { get; }

    public int ColumnCount { get; }

    /// <summary>Encodes the columns of a model, found in the table by name; a column that is not there is missing throughout.</summary>
    /// <exception cref="ArgumentException">A value cannot have the likelihood of its column; the message names column, row and value.</exception>
    public static EncodedTable Of(Table table, IReadOnlyList<ModelledColumn> columns)
    {
        var encoded = new EncodedTable(table.RowCount, columns.Count);
        for (var c = 0; c < columns.Count; c++)
        {
            var column = columns[c];
            if (!table.TryGetIndex(column.Column.Name, out var index))
                continue;
            var values = table.Values(index);
            for (var row = 0; row < values.Length; row++)
            {
                if (double.IsNaN(values[row]))
                    continue;
                if (!column.Supports(values[row]))
                    throw new ArgumentException($"Column '{column.Column.Name}', row {row + 1}: a {column.Likelihood} likelihood gives {values[row]} no density. Choose another likelihood for the column, or leave the cell empty.");
                var value = (float)column.Encode(values[row]);
                if (!(Math.Abs(value) <= LargestValue))
                    throw new ArgumentException($"Column '{column.Column.Name}', row {row + 1}: {values[row]} is beyond what a model in single precision can hold. If it is a slip, mend it or leave the cell empty.");
                encoded._values[row * columns.Count + c] = value;
                encoded._mask[row * columns.Count + c] = 1;
            }
        }
        return encoded;
    }

    public ReadOnlySpan<float> Values(int row) => _values.AsSpan(row * ColumnCount, ColumnCount);

    public ReadOnlySpan<float> Mask(int row) => _mask.AsSpan(row * ColumnCount, ColumnCount);

    /// <summary>Copies rows into a batch; what is left of the batch is all missing.</summary>
    public void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            Values(rows[i]).CopyTo(values[(i * ColumnCount)..]);
            Mask(rows[i]).CopyTo(mask[(i * ColumnCount)..]);
        }
        values[(rows.Length * ColumnCount)..].Clear();
        mask[(rows.Length * ColumnCount)..].Clear();
    }
}
