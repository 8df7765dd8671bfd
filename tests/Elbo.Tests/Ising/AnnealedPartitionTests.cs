using Elbo.Compute;
using Elbo.Ising;

namespace Elbo.Tests.Ising;

public class AnnealedPartitionTests
{
    private static double[] Spins(int state, int count) => [.. Enumerable.Range(0, count).Select(i => (state >> i & 1) == 1 ? 1.0 : -1)];

    private static IsingModel Glass(int spins, double scale)
    {
        var random = new RandomNumbers(8, 3);
        return new(spins, from i in Enumerable.Range(0, spins) from j in Enumerable.Range(0, i) select new Coupling(i, j, scale * random.NextNormal()), [.. Enumerable.Range(0, spins).Select(_ => scale * random.NextNormal())]);
    }

    public static TheoryData<IsingModel> Models => [
        IsingModel.SquareLattice(5, 5, 0.35), IsingModel.SquareLattice(4, 4, 0.6, field: -0.2), IsingModel.SquareLattice(4, 5, -0.5, field: 0.3), Glass(12, 0.3)];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_sum_over_states_is_between_the_bounds_within_their_errors(IsingModel model)
    {
        var truth = model.LogPartition();
        var annealed = model.Anneal(new() { Temperatures = 300, Chains = 200, ExactDraws = 200 });
        Assert.Equal(truth, annealed.Lower.Value, 5 * annealed.Lower.StandardError);
        Assert.Equal(truth, annealed.Upper!.Value.Value, 5 * annealed.Upper.Value.StandardError);
        Assert.InRange(annealed.Lower.StandardError, 1e-4, 0.06);
        Assert.InRange(annealed.Upper.Value.StandardError, 1e-4, 0.06);
        Assert.Null(annealed.NoUpper);
    }

    // Weights that hang on few temperatures err far, and each to its own side.
    [Fact]
    public void A_short_way_leaves_the_truth_between_the_bounds()
    {
        var model = IsingModel.SquareLattice(8, 8, 0.6);
        var annealed = model.Anneal(new() { Temperatures = 10, Chains = 20, ExactDraws = 20 });
        Assert.InRange(annealed.Lower.Value, 0, model.LogPartition() - 0.3);
        Assert.InRange(annealed.Upper!.Value.Value, model.LogPartition() + 0.3, 1000);
    }

    // Both ways to exact draws: probabilities of all states, by Pearson's statistic.
    [Fact]
    public void Draws_by_sums_and_from_the_past_have_the_probabilities_of_the_states()
    {
        const int Draws = 4000;
        foreach (var field in (double[])[0, 0.2, -0.4])
        {
            var model = IsingModel.SquareLattice(2, 3, 0.4, field, isPeriodic: false);
            double[] probabilities = [.. Enumerable.Range(0, 64).Select(s => Math.Exp(model.LogWeight(Spins(s, 6)) - model.LogPartition()))];
            sbyte[][][] ways = [ExactIsingDraws.Of(model, Draws, 1, seed: 2)!, [.. Enumerable.Range(0, Draws).Select(k => RandomClusters.Draw(model, 1 << 12, 3, (ulong)k << 24)!)]];
            foreach (var draws in ways)
            {
                var counts = new int[64];
                foreach (var draw in draws)
                    counts[Enumerable.Range(0, 6).Sum(i => draw[i] > 0 ? 1 << i : 0)]++;
                var statistic = counts.Zip(probabilities, (c, p) => (c - Draws * p) * (c - Draws * p) / (Draws * p)).Sum();
                // 63 degrees of freedom: mean 63, standard deviation 11.2.
                Assert.InRange(statistic, 63 - 5 * 11.2, 63 + 5 * 11.2);
            }
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        var model = IsingModel.SquareLattice(6, 6, 0.44);
        var options = new IsingAnnealingOptions { Temperatures = 50, Chains = 40, ExactDraws = 10 };
        Assert.Equal(model.Anneal(options), model.Anneal(options));
        Assert.NotEqual(model.Anneal(options), model.Anneal(options with { Seed = 2 }));
    }

    [Fact]
    public void Where_there_are_no_exact_draws_it_is_said_why()
    {
        var glass = Glass(20, 0.3).Anneal(new() { Temperatures = 10, Chains = 4 });
        Assert.Null(glass.Upper);
        Assert.Contains("not negative", glass.ToString(), StringComparison.Ordinal);
        var few = IsingModel.SquareLattice(20, 20, 0.44).Anneal(new() { Temperatures = 10, Chains = 4, ExactDraws = 2, CouplingSweeps = 1 });
        Assert.Contains("Raise CouplingSweeps", few.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => glass.Lower.Value > 0 ? Glass(4, 1).Anneal(new() { Chains = 1 }) : null);
    }
}
