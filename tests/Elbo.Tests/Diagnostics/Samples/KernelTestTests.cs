using Elbo.Diagnostics;
using MathNet.Numerics.Distributions;

namespace Elbo.Tests.Diagnostics.Samples;

public sealed class KernelTestTests
{
    [Fact]
    public void The_statistic_is_the_unbiased_one_by_its_definition()
    {
        var (x, y) = (Clouds.Normal(7, 3, 1), Clouds.Normal(5, 3, 2, shift: 0.7));
        var test = KernelTest.Of(x, y, permutations: 3);
        var pool = x.With(y);
        double[] pairs = [.. from i in Enumerable.Range(0, 12) from j in Enumerable.Range(0, i) select Math.Sqrt(Clouds.SquaredDistance(pool, i, pool, j))];
        Assert.Equal(pairs.Order().ElementAt(33), test.Bandwidth, 1e-5);

        double Kernel(Points a, int i, Points b, int j) => Math.Exp(-0.5 * Clouds.SquaredDistance(a, i, b, j) / (test.Bandwidth * test.Bandwidth));
        double Within(Points a) => (from i in Enumerable.Range(0, a.Count) from j in Enumerable.Range(0, a.Count) where i != j select Kernel(a, i, a, j)).Average();
        var across = (from i in Enumerable.Range(0, 7) from j in Enumerable.Range(0, 5) select Kernel(x, i, y, j)).Average();
        Assert.Equal(Within(x) + Within(y) - 2 * across, test.Squared, 1e-6);
    }

    [Fact]
    public void Of_two_normals_it_is_the_closed_form_on_average()
    {
        // E k(x, y) of N(a, s²I) and N(b, t²I) is (h²/v)^(d/2) exp(−|a − b|²/2v), v = h² + s² + t².
        static double Expected(double h, double s, double t, double shift) => h * h / (h * h + s * s + t * t) * Math.Exp(-0.5 * shift * shift / (h * h + s * s + t * t));
        var misses = new double[40];
        for (var i = 0; i < misses.Length; i++)
        {
            var test = KernelTest.Of(Clouds.Normal(150, 2, (ulong)i), Clouds.Normal(100, 2, (ulong)(1000 + i), shift: 1, sd: 1.5), permutations: 1, threads: 1);
            misses[i] = test.Squared - (Expected(test.Bandwidth, 1, 1, 0) + Expected(test.Bandwidth, 1.5, 1.5, 0) - 2 * Expected(test.Bandwidth, 1, 1.5, 1));
        }
        var miss = Estimate.OfMean(misses);
        Assert.InRange(miss.Value, -4.5 * miss.StandardError, 4.5 * miss.StandardError);
        Assert.InRange(miss.StandardError, 0, 0.01);
    }

    [Fact]
    public void Of_draws_of_the_same_every_p_value_is_as_likely()
    {
        const int Trials = 200;
        double[] p = [.. Enumerable.Range(0, Trials).Select(i => KernelTest.Of(Clouds.Normal(15, 2, (ulong)(2 * i)), Clouds.Normal(10, 2, (ulong)(2 * i + 1)), permutations: 19, seed: (ulong)i, threads: 1).PValue)];
        // Of 1/20 … 1, each with the probability 1/20.
        foreach (var level in (double[])[0.05, 0.25, 0.5, 0.9])
            Assert.InRange(p.Count(v => v <= level + 1e-9), Least(level), Trials - Least(1 - level));

        static int Least(double level) => Enumerable.Range(0, Trials).First(c => Binomial.CDF(level, Trials, c) > 1e-5);
    }

    [Fact]
    public void Different_sets_are_told_from_each_other()
    {
        var test = KernelTest.Of(Clouds.Normal(200, 4, 1), Clouds.Normal(200, 4, 2, sd: 1.4), permutations: 99);
        Assert.Equal(0.01, test.PValue, 1e-9);
        Assert.True(test.Squared > 4 * test.ByChance);
    }

    [Fact]
    public void Points_that_are_all_the_same_do_not_differ()
    {
        var test = KernelTest.Of(new(new float[8], 2), new(new float[6], 2), permutations: 9);
        Assert.Equal(0, test.Squared, 1e-12);
        Assert.Equal(1, test.PValue);
    }
}
