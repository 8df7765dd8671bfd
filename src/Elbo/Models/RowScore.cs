using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Objectives;

namespace Elbo.Models;

/// <summary>The bounds of one row's observed cells.</summary>
/// <param name="Elbo">The ELBO of the row, nats, by the same draws as <paramref name="ImportanceWeighted"/> and so never above it.</param>
/// <param name="ImportanceWeighted">The tighter bound on ln p of the row, nats: the lower, the more unusual the row.</param>
/// <param name="MostUnusual">The column whose cell is least expected, with the nats by which its reconstruction falls short of the
/// column's mean over the observed cells of the table; null if no cell is observed.</param>
public sealed record RowScore(double Elbo, double ImportanceWeighted, Term? MostUnusual)
{
    internal static RowScore[] Of(RowBounds sums, IReadOnlyList<ModelledColumn> columns, EncodedTable table)
    {
        var usual = UsualCells(sums, columns.Count, table);
        var scores = new RowScore[table.RowCount];
        for (var row = 0; row < scores.Length; row++)
        {
            var cells = sums.Cells.Slice(row * columns.Count, columns.Count);
            var mask = table.Mask(row);
            var (most, surprise) = (-1, double.NegativeInfinity);
            for (var c = 0; c < columns.Count; c++)
            {
                if (mask[c] != 0 && usual[c] - cells[c] > surprise)
                    (most, surprise) = (c, usual[c] - cells[c]);
            }
            scores[row] = new(sums.DrawnElbos[row], sums.Weighted[row], most < 0 ? null : new(columns[most].Column.Name, surprise));
        }
        return scores;
    }

    private static double[] UsualCells(RowBounds sums, int columns, EncodedTable table)
    {
        var (total, count) = (new double[columns], new int[columns]);
        for (var row = 0; row < table.RowCount; row++)
        {
            var cells = sums.Cells.Slice(row * columns, columns);
            var mask = table.Mask(row);
            for (var c = 0; c < columns; c++)
            {
                total[c] += mask[c] * cells[c];
                count[c] += mask[c] != 0 ? 1 : 0;
            }
        }
        return [.. total.Select((sum, c) => sum / Math.Max(1, count[c]))];
    }
}
