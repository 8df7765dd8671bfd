using Elbo.Compute;

namespace Elbo.Diffusion;

/// <summary>
/// Which levels the rows of a batch visit, each row of a batch in its own stretch of them, so that a batch sees levels in their shares: even ones for the simple objective, whose
/// errors count the same; for the bound in proportion to what an error costs, as level 1 alone would otherwise be rare and weigh as much as many others; or, once it is known how
/// the terms of levels vary, to the root of the mean of their squares (Nichol and Dhariwal, 2021, eq. 18). Weights make up for it.
/// </summary>
internal sealed class LevelVisits : IDisposable
{
    private const int Remembered = 10;

    // A tenth of the visits is even however little a level costs, so that it is learned and its memory does not go stale.
    private const double EvenShare = 0.1;

    // −ln N(x; x̂, e^γ) has half the squared error of the noise in it.
    private const double CostOfFirst = 0.5;

    private readonly int _levels;
    private readonly double[]? _costShares;
    private readonly Variable _terms;
    private readonly Variable _seen;

    public LevelVisits(NoiseChain chain, DiffusionObjective objective)
    {
        (_levels, _terms, _seen) = (chain.Count, new("visits.terms", [chain.Count, Remembered]), new("visits.seen", [chain.Count], DType.Int32));
        _costShares = objective.SimpleShare > 0 ? null : Mixed([.. Enumerable.Range(1, _levels).Select(t => t == 1 ? CostOfFirst : chain.StepTo(t).Cost)]);
    }

    /// <summary>What is remembered, to be kept with the parameters.</summary>
    public IEnumerable<Variable> State => [_terms, _seen];

    /// <summary>Levels from 1 and weights for the rows of a batch.</summary>
    public (int[] Levels, double[] Weights) Next(int rows, RandomNumbers random, bool byCost)
    {
        var shares = byCost && !_seen.AsSpan<int>().ContainsAnyInRange(0, Remembered - 1) ? Shares() : _costShares;
        var (levels, weights) = (new int[rows], new double[rows]);
        var start = random.NextUniform();
        var (at, sum) = (0, shares?[0] ?? 0);
        for (var i = 0; i < rows; i++)
        {
            var place = (i + start) / rows;
            if (shares is null)
            {
                at = Math.Min((int)(place * _levels), _levels - 1);
            }
            else
            {
                while (sum < place && at < _levels - 1)
                    sum += shares[++at];
            }
            (levels[i], weights[i]) = (at + 1, shares is null ? 1 : 1 / (shares[at] * _levels));
        }
        return (levels, weights);
    }

    /// <summary>Remembers what visits came to.</summary>
    public void Remember(ReadOnlySpan<int> levels, ReadOnlySpan<float> terms)
    {
        var kept = _terms.AsSpan<float>();
        var seen = _seen.AsSpan<int>();
        for (var i = 0; i < levels.Length; i++)
        {
            var level = levels[i] - 1;
            kept[level * Remembered + seen[level] % Remembered] = terms[i];
            // Enough is known of a level that was seen twice as often as is remembered; counting on from there never overflows.
            seen[level] = seen[level] == 2 * Remembered - 1 ? Remembered : seen[level] + 1;
        }
    }

    public void Dispose()
    {
        _terms.Dispose();
        _seen.Dispose();
    }

    private double[] Shares()
    {
        var shares = new double[_levels];
        var kept = _terms.AsSpan<float>();
        for (var l = 0; l < _levels; l++)
        {
            foreach (double term in kept.Slice(l * Remembered, Remembered))
                shares[l] += term * term / Remembered;
            shares[l] = Math.Sqrt(shares[l]);
        }
        return Mixed(shares);
    }

    private static double[] Mixed(double[] shares)
    {
        var sum = shares.Sum();
        for (var l = 0; l < shares.Length; l++)
            shares[l] = (1 - EvenShare) * shares[l] / sum + EvenShare / shares.Length;
        return shares;
    }
}
