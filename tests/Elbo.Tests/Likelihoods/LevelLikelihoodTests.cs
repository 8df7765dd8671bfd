using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Tables;
using FsCheck;
using FsCheck.Fluent;

namespace Elbo.Tests.Likelihoods;

public sealed class LevelLikelihoodTests
{
    private static readonly int[] Levels = [2, 3, 5];

    private static Arbitrary<int[]> Numbers(int count) => Gen.Choose(-4096, 4096).ArrayOf(count).ToArbitrary();

    [Fact]
    public void A_Bernoulli_has_its_log_mass()
    {
        using var graph = new LikelihoodGraph(new BernoulliLikelihood([LikelihoodGraph.Column(ColumnKind.Binary, LikelihoodKind.Bernoulli, levels: 2)]), 2);
        Prop.ForAll(Numbers(1), n =>
        {
            var logOdds = n[0] / 100.0;
            var logMasses = graph.LogDensity([logOdds], [0, 1]);
            Assert.Equal(-Math.Log(1 + Math.Exp(logOdds)), logMasses[0], 2e-6 * (1 + Math.Abs(logOdds)));
            Assert.Equal(-Math.Log(1 + Math.Exp(-logOdds)), logMasses[1], 2e-6 * (1 + Math.Abs(logOdds)));
            Assert.Equal(ClosedForms.Sigmoid(logOdds), Predicted(graph.Block, 0, [(float)logOdds])[1], 1e-6);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Categories_of_different_level_counts_in_one_block_have_the_softmax_of_their_own_logits()
    {
        const int Width = 5;
        using var graph = Categorical();
        Prop.ForAll(Numbers(Levels.Length * Width), n =>
        {
            double[] logits = [.. n.Select(v => v / 256.0)];
            var masses = Masses(graph, logits);
            for (var c = 0; c < Levels.Length; c++)
            {
                double[] exponentials = [.. logits.Skip(c * Width).Take(Levels[c]).Select(Math.Exp)];
                for (var level = 0; level < Levels[c]; level++)
                    Assert.Equal(exponentials[level] / exponentials.Sum(), masses[c][level], 1e-5);
                Assert.Equal(1, masses[c].Sum(), 1e-5);
                AssertClose(masses[c], Predicted(graph.Block, c, [.. logits.Select(l => (float)l)]));
            }
        }).QuickCheckThrowOnFailure();
    }

    // P(y ≤ k) = σ(θₖ − η), the thresholds θ starting at `first` and set apart by the exponentials of the gaps.
    [Fact]
    public void Ordinal_columns_of_different_level_counts_in_one_block_have_differences_of_cumulative_logits()
    {
        using var graph = Ordinal();
        Prop.ForAll(Numbers(15), n =>
        {
            double[] numbers = [.. n.Select(v => v / 1024.0)], outputs = numbers[..3];
            var (first, gaps) = (numbers[3..6], numbers[6..15]);
            Set(graph, first, gaps);
            var masses = Masses(graph, outputs);
            for (var c = 0; c < Levels.Length; c++)
            {
                var (threshold, below) = (first[c], 0.0);
                for (var level = 0; level < Levels[c]; level++)
                {
                    if (level > 0)
                        threshold += Math.Exp(gaps[c * 3 + Math.Min(level - 1, 2)]);
                    var cumulative = level == Levels[c] - 1 ? 1 : ClosedForms.Sigmoid(threshold - outputs[c]);
                    Assert.Equal(cumulative - below, masses[c][level], 1e-5);
                    below = cumulative;
                }
                Assert.Equal(1, masses[c].Sum(), 1e-5);
                AssertClose(masses[c], Predicted(graph.Block, c, [.. outputs.Select(o => (float)o)]));
            }
        }).QuickCheckThrowOnFailure();
    }

    // Between two far thresholds the difference of two sigmoids underflows where its logarithm does not.
    [Fact]
    public void A_middle_level_far_out_keeps_its_log_mass()
    {
        using var graph = Ordinal();
        Set(graph, [-1, -1, -1], [0, 0, 0, 0, 0, 0, 0, 0, 0]);
        // Level 1 of three, thresholds −1 and 0: ln(σ(−60) − σ(−61)) = −60 + ln(1 − e⁻¹) to 1e-26.
        var actual = graph.LogDensity([60, 60, 60], [.. Enumerable.Repeat(1.0, graph.Rows * 3)])[1];
        Assert.Equal(-60 + Math.Log(1 - Math.Exp(-1)), actual, 1e-4);
    }

    [Fact]
    public void Draws_have_the_frequencies_of_the_mass()
    {
        const int Draws = 20_000;
        using var ordinal = Ordinal();
        Set(ordinal, [-0.5, -1, -2], [0, 0.1, 0.2, 0.3, 0.4, 0.5, -0.6, 0.1, 0.2]);
        using var categorical = Categorical();
        float[] logits = [.. Enumerable.Range(0, 15).Select(i => MathF.Sin(i))];
        var bernoulli = new BernoulliLikelihood([LikelihoodGraph.Column(ColumnKind.Binary, LikelihoodKind.Bernoulli, levels: 2)]);
        var random = new RandomNumbers(3, 4);
        foreach (var (block, parameters) in new (Likelihood, float[])[] { (ordinal.Block, [0.3f, -0.2f, 0.1f]), (categorical.Block, logits), (bernoulli, [-0.8f]) })
        {
            for (var c = 0; c < block.Columns.Count; c++)
            {
                var expected = Predicted(block, c, parameters);
                var seen = new double[expected.Length];
                for (var i = 0; i < Draws; i++)
                    seen[(int)block.Draw(c, parameters, random)] += 1.0 / Draws;
                for (var level = 0; level < expected.Length; level++)
                    Assert.Equal(expected[level], seen[level], 4.5 * Math.Sqrt(expected[level] * (1 - expected[level]) / Draws));
                Assert.Equal(Array.IndexOf(expected, expected.Max()), block.Point(c, expected));
            }
        }
    }

    [Fact]
    public void Density_and_gradient_are_finite_however_wrong_the_network_is()
    {
        using var categorical = Categorical();
        using var ordinal = Ordinal();
        foreach (var size in (double[])[0, 1e-20, 90, 1e4, 1e6])
        {
            foreach (var learned in (double[])[-30, 0, 30])
            {
                Set(ordinal, [learned, -learned, learned], [.. Enumerable.Range(0, 9).Select(i => learned * (i % 2 == 0 ? 1 : -1) / 2)]);
                foreach (var graph in new[] { categorical, ordinal })
                {
                    double[] outputs = [.. Enumerable.Range(0, graph.Block.ParameterCount).Select(i => i % 3 == 0 ? size : i % 3 == 1 ? -size : size / 2)];
                    Assert.All(graph.LogDensity(outputs, Codes(graph.Rows)), d => Assert.True(double.IsFinite(d) && d <= 1e-5, $"{d} {size} {learned}"));
                    Assert.All(graph.Gradients(), g => Assert.True(double.IsFinite(g), $"{size} {learned}"));
                }
            }
        }
    }

    [Fact]
    public void Padding_takes_no_gradient()
    {
        using var graph = Categorical();
        graph.LogDensity([.. Enumerable.Range(0, 15).Select(i => (double)i)], Codes(graph.Rows));
        var gradients = graph.Gradients();
        for (var row = 0; row < graph.Rows; row++)
        {
            Assert.All(gradients[(row * 15 + 2)..(row * 15 + 5)], g => Assert.Equal(0, g));
            Assert.All(gradients[(row * 15 + 8)..(row * 15 + 10)], g => Assert.Equal(0, g));
        }
    }

    private static LikelihoodGraph Categorical() =>
        new(new CategoricalLikelihood([.. Levels.Select(l => LikelihoodGraph.Column(ColumnKind.Category, LikelihoodKind.Categorical, levels: l))]), 5);

    private static LikelihoodGraph Ordinal() =>
        new(new OrdinalLikelihood([.. Levels.Select(l => LikelihoodGraph.Column(ColumnKind.Ordinal, LikelihoodKind.Ordinal, levels: l))]), 5);

    // Row k asks for level k of each column, or the last it has.
    private static double[] Codes(int rows) => [.. Enumerable.Range(0, rows).SelectMany(row => Levels.Select(l => (double)Math.Min(row, l - 1)))];

    private static double[][] Masses(LikelihoodGraph graph, double[] outputs)
    {
        var logMasses = graph.LogDensity(outputs, Codes(graph.Rows));
        return [.. Levels.Select((l, c) => Enumerable.Range(0, l).Select(level => Math.Exp(logMasses[level * Levels.Length + c])).ToArray())];
    }

    private static double[] Predicted(Likelihood block, int column, float[] parameters)
    {
        var statistics = new double[block.StatisticCount(column)];
        block.AddExpectation(column, parameters, 0.5, statistics);
        block.AddExpectation(column, parameters, 0.5, statistics);
        return statistics;
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5);
    }

    private static void Set(LikelihoodGraph graph, double[] first, double[] gaps)
    {
        foreach (var (variable, numbers) in graph.Block.Shared.Zip([first, gaps]))
        {
            for (var i = 0; i < numbers.Length; i++)
                variable.AsSpan<float>()[i] = (float)numbers[i];
        }
    }
}
