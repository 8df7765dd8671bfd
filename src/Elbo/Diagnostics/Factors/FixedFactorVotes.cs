using Elbo.Compute;

namespace Elbo.Diagnostics.Factors;

/// <summary>How the score of fixed factors is taken.</summary>
public sealed record FixedFactorOptions
{
    /// <summary>Rows that share a level, for each vote.</summary>
    public int Rows { get; init; } = 64;

    /// <summary>Votes that the classifier is learned from, and as many that judge it.</summary>
    public int Votes { get; init; } = 800;

    /// <summary>Latent numbers whose standard deviation over rows is less are left out.</summary>
    public double LeastDeviation { get; init; } = 0.05;

    /// <summary>The seed of what is drawn.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// The FactorVAE score (Kim and Mnih, 2018): rows that share the level of a factor are drawn, and the latent number that varies least among them, against its variance
/// over all rows, should tell which factor it was. The score is the accuracy of the majority vote on new draws; chance is one in as many as there are factors.
/// </summary>
/// <param name="Accuracy">From 0 to 1.</param>
/// <param name="Table">Votes [latent number][factor] of the draws that it was learned from.</param>
/// <param name="Used">Latent numbers that took part.</param>
public sealed record FixedFactorVotes(double Accuracy, IReadOnlyList<IReadOnlyList<int>> Table, IReadOnlyList<int> Used)
{
    /// <summary>Scores codes.</summary>
    /// <param name="codes">A code for each row.</param>
    /// <param name="factors">The factors of the rows.</param>
    /// <param name="options">Votes, seed.</param>
    public static FixedFactorVotes Of(Points codes, FactorTable factors, FixedFactorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(factors);
        factors.Require(codes);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rows, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Votes, 1);
        int[] rows = [.. Enumerable.Range(0, codes.Count)];
        var variances = Variances(codes, rows);
        int[] used = [.. Enumerable.Range(0, codes.Dimensions).Where(j => variances[j] >= options.LeastDeviation * options.LeastDeviation)];
        int[][] table = [.. Enumerable.Range(0, codes.Dimensions).Select(_ => new int[factors.Factors.Count])];
        // Codes that do not move at all tell nothing: whatever is said is right as often as chance has it.
        if (used.Length == 0)
            return new(1.0 / factors.Factors.Count, table, used);

        int[][][] byLevel = [.. factors.Factors.Select(f => rows.GroupBy(i => f.Values[i]).OrderBy(g => g.Key).Aggregate(new int[f.Levels][], (all, g) => { all[g.Key] = [.. g]; return all; }))];
        var random = new RandomNumbers(options.Seed, Streams.FactorScores + 2);
        for (var vote = 0; vote < options.Votes; vote++)
        {
            var (latent, factor) = Vote();
            table[latent][factor]++;
        }
        int[] majority = [.. table.Select(votes => votes.Index().MaxBy(v => v.Item).Index)];
        var right = 0;
        for (var vote = 0; vote < options.Votes; vote++)
        {
            var (latent, factor) = Vote();
            right += majority[latent] == factor ? 1 : 0;
        }
        return new((double)right / options.Votes, table, used);

        (int Latent, int Factor) Vote()
        {
            var factor = random.NextBelow(factors.Factors.Count);
            var group = byLevel[factor][factors.Factors[factor].Values[random.NextBelow(rows.Length)]];
            var chosen = new int[options.Rows];
            for (var i = 0; i < chosen.Length; i++)
                chosen[i] = group[random.NextBelow(group.Length)];
            var within = Variances(codes, chosen);
            return (used.MinBy(j => within[j] / variances[j]), factor);
        }
    }

    private static double[] Variances(Points codes, int[] rows)
    {
        var (sums, squares) = (new double[codes.Dimensions], new double[codes.Dimensions]);
        var first = codes[rows[0]];
        foreach (var row in rows)
        {
            for (var j = 0; j < sums.Length; j++)
            {
                var off = (double)codes[row][j] - first[j];
                sums[j] += off;
                squares[j] += off * off;
            }
        }
        return [.. sums.Select((sum, j) => Math.Max(0, squares[j] / rows.Length - sum / rows.Length * (sum / rows.Length)))];
    }
}
