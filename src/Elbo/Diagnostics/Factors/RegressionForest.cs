using Elbo.Compute;

namespace Elbo.Diagnostics.Factors;

/// <summary>
/// Regression trees, each grown on rows drawn with replacement and with all numbers open at each split (bagging; Breiman, 1996), for what is of several numbers at once. Says what each number was
/// worth: the sum of the squares that its splits explained.
/// </summary>
internal sealed class RegressionForest
{
    private const int Trees = 10;
    private const int Bins = 64;
    private const int LargestDepth = 12;
    private const int FewestRows = 5;

    private readonly byte[][] _bins;
    private readonly double[][] _targets;
    private readonly int _outputs;
    private readonly List<Node>[] _trees;

    /// <param name="codes">What is known of each row.</param>
    /// <param name="targets">What is to be told of it, [rows][outputs].</param>
    /// <param name="rows">The rows to learn from.</param>
    /// <param name="random">Draws the rows of each tree.</param>
    public RegressionForest(Points codes, double[][] targets, int[] rows, RandomNumbers random)
    {
        (_targets, _outputs) = (targets, targets[0].Length);
        _bins = [.. Enumerable.Range(0, codes.Dimensions).Select(j => CodeBins.OfRanks(codes, j, Bins))];
        Importances = new double[codes.Dimensions];
        _trees = [.. Enumerable.Range(0, Trees).Select(_ => Grow([.. rows.Select(_ => rows[random.NextBelow(rows.Length)])]))];
    }

    /// <summary>Squares explained by the splits of each number, over all trees.</summary>
    public double[] Importances { get; }

    /// <summary>What the forest tells of a row.</summary>
    public double[] Predict(int row)
    {
        var mean = new double[_outputs];
        foreach (var tree in _trees)
        {
            var node = tree[0];
            while (node.Number >= 0)
                node = tree[_bins[node.Number][row] <= node.Bin ? node.Low : node.Low + 1];
            for (var t = 0; t < _outputs; t++)
                mean[t] += node.Mean[t] / Trees;
        }
        return mean;
    }

    private sealed record Node(double[] Mean)
    {
        public int Number { get; set; } = -1;

        public int Bin { get; set; }

        public int Low { get; set; }
    }

    private List<Node> Grow(int[] rows)
    {
        var tree = new List<Node> { new(MeanOf(rows)) };
        var open = new Queue<(int Node, ArraySegment<int> Rows, int Depth)>([(0, rows, 0)]);
        while (open.TryDequeue(out var at))
        {
            if (at.Depth == LargestDepth || at.Rows.Count < 2 * FewestRows || Split(at.Rows) is not var (number, bin, gain))
                continue;
            Importances[number] += gain;
            var low = Part(at.Rows, row => _bins[number][row] <= bin);
            var (first, second) = (at.Rows[..low], at.Rows[low..]);
            (tree[at.Node].Number, tree[at.Node].Bin, tree[at.Node].Low) = (number, bin, tree.Count);
            tree.Add(new(MeanOf(first)));
            tree.Add(new(MeanOf(second)));
            open.Enqueue((tree.Count - 2, first, at.Depth + 1));
            open.Enqueue((tree.Count - 1, second, at.Depth + 1));
        }
        return tree;
    }

    // The split that explains most; null where none explains anything.
    private (int Number, int Bin, double Gain)? Split(ArraySegment<int> rows)
    {
        var (counts, sums, all, low) = (new int[Bins], new double[Bins * _outputs], new double[_outputs], new double[_outputs]);
        foreach (var row in rows)
        {
            for (var t = 0; t < _outputs; t++)
                all[t] += _targets[row][t];
        }
        var whole = all.Sum(s => s * s) / rows.Count;
        // What rounding explains is nothing.
        (int Number, int Bin, double Gain) best = (-1, 0, 1e-9 * rows.Count);
        for (var j = 0; j < _bins.Length; j++)
        {
            Array.Clear(counts);
            Array.Clear(sums);
            Array.Clear(low);
            foreach (var row in rows)
            {
                var bin = _bins[j][row];
                counts[bin]++;
                for (var t = 0; t < _outputs; t++)
                    sums[bin * _outputs + t] += _targets[row][t];
            }
            var below = 0;
            for (var bin = 0; bin < Bins - 1; bin++)
            {
                if (counts[bin] == 0)
                    continue;
                below += counts[bin];
                var explained = 0.0;
                for (var t = 0; t < _outputs; t++)
                {
                    low[t] += sums[bin * _outputs + t];
                    var high = all[t] - low[t];
                    explained += low[t] * low[t] / below + high * high / Math.Max(1, rows.Count - below);
                }
                if (below >= FewestRows && rows.Count - below >= FewestRows && explained - whole > best.Gain)
                    best = (j, bin, explained - whole);
            }
        }
        return best.Number < 0 ? null : best;
    }

    // Rows for which something holds come first; how many they are.
    private static int Part(ArraySegment<int> rows, Func<int, bool> holds)
    {
        var low = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            if (!holds(rows[i]))
                continue;
            (rows[low], rows[i]) = (rows[i], rows[low]);
            low++;
        }
        return low;
    }

    private double[] MeanOf(ArraySegment<int> rows)
    {
        var mean = new double[_outputs];
        foreach (var row in rows)
        {
            for (var t = 0; t < _outputs; t++)
                mean[t] += _targets[row][t] / rows.Count;
        }
        return mean;
    }
}
