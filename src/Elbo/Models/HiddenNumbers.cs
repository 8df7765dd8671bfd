using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Tables;

namespace Elbo.Models;

/// <summary>A table from which some known numbers are hidden, to see how well they are found again.</summary>
/// <param name="Table">The table without them.</param>
/// <param name="Truth">The value of a hidden cell, by row and column; null for a cell that was not hidden.</param>
internal sealed record HiddenNumbers(Table Table, Func<int, string, double?> Truth)
{
    private const int MostFolds = 10;

    /// <summary>Tables in which every known number is hidden once: one of a row at a time, or a tenth of them where that is more.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns that cells may be hidden in.</param>
    /// <param name="seed">Decides which are hidden together.</param>
    public static IEnumerable<HiddenNumbers> Of(Table table, IReadOnlyList<string> columns, ulong seed)
    {
        int[] places = [.. columns.Where(c => table.TryGetIndex(c, out _)).Select(table.IndexOf)];
        var random = new RandomNumbers(seed, (ulong)RandomUse.HiddenCells);
        var foldOf = new Dictionary<(int Row, int Column), int>();
        var folds = 0;
        for (var row = 0; row < table.RowCount; row++)
        {
            int[] known = [.. places.Where(c => !double.IsNaN(table.Values(c)[row]))];
            random.Shuffle<int>(known);
            var count = Math.Min(known.Length, MostFolds);
            folds = Math.Max(folds, count);
            for (var i = 0; i < known.Length; i++)
                foldOf[(row, known[i])] = i % count;
        }
        for (var fold = 0; fold < folds; fold++)
        {
            var now = fold;
            var values = table.Columns.Select((_, c) => table.Values(c).ToArray()).ToArray();
            foreach (var (row, column) in foldOf.Where(p => p.Value == now).Select(p => p.Key))
                values[column][row] = double.NaN;
            yield return new(
                new([.. table.Columns], [.. values.Select(v => (ReadOnlyMemory<double>)v)]),
                (row, name) => foldOf.TryGetValue((row, table.IndexOf(name)), out var of) && of == now ? table.Values(table.IndexOf(name))[row] : null);
        }
    }
}
