using System.Globalization;
using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Ising;

/// <summary>How ln Z is annealed.</summary>
public sealed record IsingAnnealingOptions
{
    /// <summary>Temperatures on the way from free spins to the model, with a turn of clusters and a sweep over all spins at each.</summary>
    public int Temperatures { get; init; } = 1000;

    /// <summary>Chains from free spins to the model.</summary>
    public int Chains { get; init; } = 100;

    /// <summary>Exact draws of the model, from each of which a chain goes back to free spins; 0 for no upper bound.</summary>
    public int ExactDraws { get; init; } = 100;

    /// <summary>Where no sum over states is possible, exact draws couple from the past: the most sweeps over all couplings for one of them.</summary>
    public int CouplingSweeps { get; init; } = 1 << 14;

    /// <summary>The seed of all draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Temperatures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Chains, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(ExactDraws);
        ArgumentOutOfRangeException.ThrowIfEqual(ExactDraws, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CouplingSweeps, 1);
    }
}

/// <summary>
/// ln Z of an Ising model by annealed importance sampling (Neal, 2001) from free spins, and from above by the same way back from exact
/// draws (Grosse, Ghahramani and Adams, 2015). In nats.
/// </summary>
/// <param name="Lower">By chains to the model: above ln Z by more than c nats with probability below e^−c.</param>
/// <param name="Upper">By chains from exact draws of it: below ln Z by more than c nats with probability below e^−c. Null where there are no exact draws.</param>
/// <param name="NoUpper">Why there are none, and what would help; null where there are.</param>
public sealed record AnnealedPartition(Estimate Lower, Estimate? Upper, string? NoUpper)
{
    private const int Block = 16;

    /// <summary>Both bounds as text.</summary>
    public override string ToString() => Upper is { } upper
        ? string.Create(CultureInfo.InvariantCulture, $"ln Z between {Lower} and {upper}")
        : string.Create(CultureInfo.InvariantCulture, $"ln Z at least {Lower}; no upper bound: {NoUpper}");

    internal static AnnealedPartition Of(IsingModel model, IsingAnnealingOptions options)
    {
        options.Check();
        var lower = Estimate.OfLogMean(Forward(model, options));
        if (options.ExactDraws == 0)
            return new(lower, null, "none was asked for.");
        if (!ExactIsingDraws.ArePossible(model, out var why))
            return new(lower, null, why);
        var draws = ExactIsingDraws.Of(model, options.ExactDraws, options.CouplingSweeps, options.Seed);
        if (draws is null)
            return new(lower, null, $"no exact draw was found within {options.CouplingSweeps} sweeps. Raise CouplingSweeps, or do without.");
        var inverse = Estimate.OfLogMean(Back(model, options, draws));
        return new(lower, new(-inverse.Value, inverse.StandardError), null);
    }

    private static double[] Forward(IsingModel model, IsingAnnealingOptions options)
    {
        var weights = new double[options.Chains];
        ForBlocks(model, weights.Length, (first, last, moves) =>
        {
            var chains = Chains(model, options.Seed, 0, first, last);
            foreach (var (spins, random) in chains)
                SpinMoves.Free(spins, random);
            for (var step = 1; step <= options.Temperatures; step++)
            {
                for (var chain = first; chain < last; chain++)
                    weights[chain] += moves.LogWeight(chains[chain - first].Spins) / options.Temperatures;
                if (step == options.Temperatures)
                    break;
                moves.Heat((double)step / options.Temperatures);
                foreach (var (spins, random) in chains)
                {
                    moves.TurnClusters(spins, random);
                    moves.Sweep(spins, random, isBackwards: false);
                }
            }
        });
        return [.. weights.Select(w => w + model.Spins * Math.Log(2))];
    }

    // ln of what has 1/Z as its mean. Each step undoes one of the way forward: the same moves, last one first.
    private static double[] Back(IsingModel model, IsingAnnealingOptions options, sbyte[][] draws)
    {
        var weights = new double[draws.Length];
        ForBlocks(model, weights.Length, (first, last, moves) =>
        {
            var chains = Chains(model, options.Seed, 1, first, last);
            for (var chain = first; chain < last; chain++)
                draws[chain].CopyTo(chains[chain - first].Spins, 0);
            for (var step = options.Temperatures; step >= 1; step--)
            {
                for (var chain = first; chain < last; chain++)
                    weights[chain] -= moves.LogWeight(chains[chain - first].Spins) / options.Temperatures;
                if (step == 1)
                    break;
                moves.Heat((step - 1.0) / options.Temperatures);
                foreach (var (spins, random) in chains)
                {
                    moves.Sweep(spins, random, isBackwards: true);
                    moves.TurnClusters(spins, random);
                }
            }
        });
        return [.. weights.Select(w => w - model.Spins * Math.Log(2))];
    }

    // Chains by blocks, which share what depends on the temperature alone. Each has a stream of random numbers of its own, so that it does not matter
    // which thread runs it.
    private static void ForBlocks(IsingModel model, int chains, Action<int, int, SpinMoves> run) =>
        Parallel.For(0, (chains + Block - 1) / Block, block => run(block * Block, Math.Min(chains, (block + 1) * Block), new(model)));

    private static (sbyte[] Spins, RandomNumbers Random)[] Chains(IsingModel model, ulong seed, int direction, int first, int last) =>
        [.. Enumerable.Range(first, last - first).Select(chain => (new sbyte[model.Spins], new RandomNumbers(seed, 0x4953_4100_0000_0000UL + ((ulong)direction << 32) + (ulong)chain)))];
}
