using Elbo.Compute;

namespace Elbo.Diffusion;

/// <summary>
/// Which levels the rows of a batch visit. They are spread evenly over all, each row of a batch in its own stretch, so that a batch sees levels in their shares; or, once
/// it is known how the terms of levels vary, in proportion to the root of the mean of their squares (Nichol and Dhariwal, 2021, eq. 18), with weights that make up for it.
/// </summary>
internal sealed class LevelVisits : IDisposable
{
    private const int Remembered = 10;

    // A tenth of the visits is even however little a level costs, so that its memory does not go stale.
    private const double EvenShare = 0.1;

    private readonly int _levels;
    private readonly Variable _terms;
    private readonly Variable _seen;

    public LevelVisits(int levels) => (_levels, _terms, _seen) = (levels, new("visits.terms", [levels, Remembered]), new("visits.seen", [levels], DType.Int32));

    /// <summary>What is remembered, to be kept with the parameters.</summary>
    public IEnumerable<Variable> State => [_terms, _seen];

    /// <summary>Levels from 1 and weights for the rows of a batch.</summary>
    public (int[] Levels, double[] Weights) Next(int rows, RandomNumbers random, bool byCost)
    {
        var shares = byCost && !_seen.AsSpan<int>().ContainsAnyInRange(0, Remembered - 1) ? Shares() : null;
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
        var sum = shares.Sum();
        for (var l = 0; l < _levels; l++)
            shares[l] = (1 - EvenShare) * shares[l] / sum + EvenShare / _levels;
        return shares;
    }
}
