using Elbo.Compute;

namespace Elbo.Ising;

/// <summary>Exact draws of Ising models: by sums over states where the spins hang together little, otherwise by coupling from the past.</summary>
internal static class ExactIsingDraws
{
    // Tables of 4096 numbers, one for each spin.
    private const int LargestFront = 12;

    /// <summary>Whether there is a way to them.</summary>
    public static bool ArePossible(IsingModel model, out string? why)
    {
        why = null;
        if (RandomClusters.CanDraw(model) || LogPartitionFunction.Sum(model, LargestFront, null, out _, out _) is not null)
            return true;
        why = $"exact draws need couplings that are not negative and fields of one sign, or a sum in which at most {LargestFront} spins wait.";
        return false;
    }

    /// <summary>Independent draws, one row of spins each; null where the spins have not met within the sweeps allowed.</summary>
    public static sbyte[][]? Of(IsingModel model, int count, int mostSweeps, ulong seed)
    {
        var sums = new List<(int[] Front, int Place, double[] Table)>();
        var isNarrow = LogPartitionFunction.Sum(model, LargestFront, (front, place, table) => sums.Add(([.. front], place, table)), out _, out _) is not null;
        var draws = new sbyte[]?[count];
        Parallel.For(0, count, draw => draws[draw] = isNarrow ? BySums(model, sums, new(seed, Stream(draw))) : RandomClusters.Draw(model, mostSweeps, seed, Stream(draw)));
        return draws.Contains(null) ? null : [.. draws.Select(d => d!)];
    }

    private static ulong Stream(int draw) => 0x4953_4500_0000_0000UL + ((ulong)draw << 24);

    // The last spin to be summed out depends on none; each before it on those that were summed out later.
    private static sbyte[] BySums(IsingModel model, List<(int[] Front, int Place, double[] Table)> sums, RandomNumbers random)
    {
        var spins = new sbyte[model.Spins];
        foreach (var (front, place, table) in Enumerable.Reverse(sums))
        {
            var state = 0;
            for (var k = 0; k < front.Length; k++)
                state |= k != place && spins[front[k]] > 0 ? 1 << k : 0;
            var logOdds = table[state | 1 << place] - table[state];
            spins[front[place]] = (sbyte)(random.NextUniform() * (1 + Math.Exp(-logOdds)) < 1 ? 1 : -1);
        }
        return spins;
    }
}
