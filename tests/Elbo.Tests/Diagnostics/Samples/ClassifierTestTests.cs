using Elbo.Diagnostics;
using MathNet.Numerics.Distributions;

namespace Elbo.Tests.Diagnostics.Samples;

public sealed class ClassifierTestTests
{
    [Fact]
    public void Probability_and_limit_are_those_of_the_binomial()
    {
        var test = new ClassifierTest(60, 100);
        Assert.Equal(1 - Binomial.CDF(0.5, 100, 59), test.PValue, 1e-10);
        // Clopper and Pearson's limit: with this chance of being right, 60 or more have the probability 1 %.
        var limit = (1 + test.LeastTotalVariation) / 2;
        Assert.Equal(0, test.LeastTotalVariation);
        test = new ClassifierTest(80, 100);
        limit = (1 + test.LeastTotalVariation) / 2;
        Assert.Equal(0.01, 1 - Binomial.CDF(limit, 100, 79), 1e-6);
        Assert.Equal(1, new ClassifierTest(0, 50).PValue);
    }

    [Fact]
    public void Draws_of_the_same_are_told_apart_in_half_of_the_cases()
    {
        var tests = Enumerable.Range(0, 40).Select(i => ClassifierTest.Of(Clouds.Normal(60, 3, (ulong)(2 * i)), Clouds.Normal(60, 3, (ulong)(2 * i + 1)), (ulong)i, threads: 1)).ToList();
        var asked = tests.Sum(t => t.Asked);
        // Right answers are thrown by fair coins, whatever was learned.
        Assert.InRange(tests.Sum(t => t.Right), 0.5 * asked - 4.5 * Math.Sqrt(asked) / 2, 0.5 * asked + 4.5 * Math.Sqrt(asked) / 2);
        Assert.InRange(tests.Count(t => t.PValue < 0.1), 0, 14);
    }

    [Fact]
    public void Normals_apart_are_told_apart_nearly_as_well_as_can_be()
    {
        // Two apart the best accuracy is Φ(1), and the total variation 2Φ(1) − 1.
        var test = ClassifierTest.Of(Clouds.Normal(3000, 5, 1), Clouds.Normal(3000, 5, 2, shift: 2));
        var best = Normal.CDF(0, 1, 1);
        var error = Math.Sqrt(best * (1 - best) / test.Asked);
        Assert.InRange(test.Accuracy, best - 0.03 - 4.5 * error, best + 4.5 * error);
        Assert.InRange(test.LeastTotalVariation, 2 * best - 1 - 0.15, 2 * best - 1);
        Assert.InRange(test.PValue, 0, 1e-50);
    }

    [Fact]
    public void A_ring_is_told_from_a_disc_with_the_same_moments()
    {
        var normal = Clouds.Normal(1500, 2, 1);
        var ring = new Points(Clouds.Normal(1500, 2, 2).Values.ToArray().Chunk(2).SelectMany(p => p.Select(v => (float)(v * Math.Sqrt(2 / (p[0] * p[0] + p[1] * p[1]))))).ToArray(), 2);
        Assert.InRange(ClassifierTest.Of(ring, normal).LeastTotalVariation, 0.5, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassifierTest.Of(normal.Select([1, 2, 3]), normal));
    }
}
