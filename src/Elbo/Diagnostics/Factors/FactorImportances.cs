using Elbo.Compute;

namespace Elbo.Diagnostics.Factors;

/// <summary>
/// Disentanglement, completeness and informativeness (DCI; Eastwood and Williams, 2018). A predictor of each factor by the whole code says what each latent
/// number is worth to it; here ten bagged regression trees, grown on half of the rows and judged on the others, and the squares that splits explain.
/// </summary>
/// <param name="Factors">Names of the factors.</param>
/// <param name="Importance">[latent number][factor]: its share of what was explained of the factor, which add up to 1 for each factor.</param>
/// <param name="Explained">Of each factor, the share of variance that is explained on the other rows, from 0 to 1.</param>
public sealed record FactorImportances(IReadOnlyList<string> Factors, IReadOnlyList<IReadOnlyList<double>> Importance, IReadOnlyList<double> Explained)
{
    /// <summary>1 where each latent number tells of one factor, 0 where each tells of all alike: 1 − H of its importances in units of ln factors, weighted by what it tells in all.</summary>
    public double Disentanglement
    {
        get
        {
            var total = Importance.Sum(row => row.Sum());
            return total <= 0 || Factors.Count < 2 ? 0 : Importance.Where(row => row.Sum() > 0).Sum(row => row.Sum() / total * (1 - Entropy(row) / Math.Log(Factors.Count)));
        }
    }

    /// <summary>1 where each factor is told of by one latent number, 0 where by all alike: the mean over factors of 1 − H in units of ln latent numbers.</summary>
    public double Completeness => Importance.Count < 2 ? 0 : Enumerable.Range(0, Factors.Count).Average(k =>
    {
        double[] column = [.. Importance.Select(row => row[k])];
        return column.Sum() <= 0 ? 0 : 1 - Entropy(column) / Math.Log(column.Length);
    });

    /// <summary>What is told of the factors in all: the mean of <see cref="Explained"/>.</summary>
    public double Informativeness => Explained.Average();

    /// <summary>Scores codes.</summary>
    /// <param name="codes">A code for each row.</param>
    /// <param name="factors">The factors of the rows.</param>
    /// <param name="seed">Decides which rows are learned from, and those of each tree.</param>
    public static FactorImportances Of(Points codes, FactorTable factors, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(factors);
        factors.Require(codes);
        if (codes.Count < 20)
            throw new ArgumentException($"There are {codes.Count} rows, of which half would have to teach trees; give at least 20, and some thousand for small errors.", nameof(codes));
        var random = new RandomNumbers(seed, Streams.FactorScores);
        int[] order = [.. Enumerable.Range(0, codes.Count)];
        random.Shuffle<int>(order);
        var (learned, judged) = (order[..(order.Length / 2)], order[(order.Length / 2)..]);
        var importance = Enumerable.Range(0, codes.Dimensions).Select(_ => new double[factors.Factors.Count]).ToArray();
        var explained = new double[factors.Factors.Count];
        for (var k = 0; k < explained.Length; k++)
        {
            var targets = FactorTable.Targets(factors.Factors[k]);
            var forest = new RegressionForest(codes, targets, learned, random);
            var all = forest.Importances.Sum();
            for (var j = 0; j < importance.Length; j++)
                importance[j][k] = all > 0 ? forest.Importances[j] / all : 0;
            explained[k] = Explain(forest, targets, learned, judged);
        }
        return new([.. factors.Factors.Select(f => f.Name)], importance, explained);
    }

    // Against the mean of the rows that were learned from.
    private static double Explain(RegressionForest forest, double[][] targets, int[] learned, int[] judged)
    {
        double[] mean = [.. targets[0].Select((_, t) => learned.Average(row => targets[row][t]))];
        var (left, whole) = (0.0, 0.0);
        foreach (var row in judged)
        {
            left += SquareOff(targets[row], forest.Predict(row));
            whole += SquareOff(targets[row], mean);
        }
        return whole > 0 ? Math.Max(0, 1 - left / whole) : 0;
    }

    private static double SquareOff(double[] one, double[] other) => one.Zip(other, (a, b) => (a - b) * (a - b)).Sum();

    private static double Entropy(IReadOnlyList<double> shares)
    {
        var sum = shares.Sum();
        return -shares.Where(s => s > 0).Sum(s => s / sum * Math.Log(s / sum));
    }
}
