namespace Elbo.Compute.Tests.Draws;

public sealed class RandomNumbersTests
{
    private const int Count = 200_000;

    [Theory]
    [InlineData(new uint[] { 0, 0, 0, 0 }, new uint[] { 0, 0 }, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(
        new[] { uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue }, new[] { uint.MaxValue, uint.MaxValue },
        new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(
        new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, new uint[] { 0xa4093822, 0x299f31d0 },
        new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void A_block_has_the_known_answers_of_Random123(uint[] counter, uint[] key, uint[] expected)
    {
        var words = new uint[4];
        RandomNumbers.Block(counter[0], counter[1], counter[2], counter[3], key[0], key[1], words);
        Assert.Equal(expected, words);
    }

    [Fact]
    public void Seed_and_stream_are_key_and_upper_counter()
    {
        var words = new uint[4];
        RandomNumbers.Block(1, 0, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, words);
        var random = new RandomNumbers(0x299f31d0a4093822, 0x0370734413198a2e);
        for (var i = 0; i < 4; i++)
            random.NextBits();
        Assert.Equal(words, new[] { random.NextBits(), random.NextBits(), random.NextBits(), random.NextBits() });
    }

    [Fact]
    public void Uniforms_lie_strictly_inside_whatever_the_bits()
    {
        Assert.InRange(RandomNumbers.ToUnitInterval(0, 0), double.Epsilon, 1e-15);
        Assert.InRange(RandomNumbers.ToUnitInterval(uint.MaxValue, uint.MaxValue), 1 - 1e-15, Math.BitDecrement(1.0));
        Assert.Equal(0.5, RandomNumbers.ToUnitInterval(0x80000000, 0), 1e-15);
    }

    [Fact]
    public void Uniforms_are_uniform() =>
        AssertKolmogorov(Draws(1, r => r.NextUniform()), u => u);

    [Fact]
    public void Normals_are_normal()
    {
        var z = Draws(2, r => r.NextNormal());
        AssertMoments(z, 0, 1, fourth: 3);
        AssertKolmogorov(z, Distributions.NormalCdf);
        // P(|Z| > 4) = 6.334e-5.
        var expected = z.Length * 6.334e-5;
        Assert.InRange(z.Count(v => Math.Abs(v) > 4), expected - 4 * Math.Sqrt(expected), expected + 4 * Math.Sqrt(expected));
    }

    [Fact]
    public void Successive_numbers_and_neighbouring_streams_and_seeds_are_uncorrelated()
    {
        var z = Draws(3, r => r.NextNormal());
        var other = Draws(4, r => r.NextNormal());
        var (seeded, random) = (new double[Count], new RandomNumbers(8, 3));
        for (var i = 0; i < Count; i++)
            seeded[i] = random.NextNormal();
        var error = 4 / Math.Sqrt(Count);
        Assert.InRange(z.Zip(z.Skip(1), (a, b) => a * b).Average(), -error, error);
        Assert.InRange(z.Zip(other, (a, b) => a * b).Average(), -error, error);
        Assert.InRange(z.Zip(seeded, (a, b) => a * b).Average(), -error, error);
        Assert.InRange(z.Zip(z.Skip(1), (a, b) => (a * a - 1) * (b * b - 1) / 2).Average(), -error, error);
    }

    // Mean, variance and fourth central moment of the gamma distribution are a, a and 3a² + 6a.
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Gammas_have_their_moments(double shape) =>
        AssertMoments(Draws((ulong)(100 + shape * 100), r => r.NextGamma(shape)), shape, shape, 3 * shape * shape + 6 * shape);

    [Fact]
    public void Gammas_of_shapes_with_an_elementary_distribution_follow_it()
    {
        AssertKolmogorov(Draws(5, r => r.NextGamma(1)), x => 1 - Math.Exp(-x));
        AssertKolmogorov(Draws(6, r => r.NextGamma(0.5)), x => 2 * Distributions.NormalCdf(Math.Sqrt(2 * x)) - 1);
        AssertKolmogorov(Draws(7, r => r.NextGamma(3)), x => 1 - Math.Exp(-x) * (1 + x + x * x / 2));
    }

    // Both samplers: products of uniforms below a mean of 10, transformed rejection from there.
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.7)]
    [InlineData(9.99)]
    [InlineData(10)]
    [InlineData(12.5)]
    [InlineData(47.3)]
    [InlineData(1234.5)]
    [InlineData(1e7)]
    public void Poisson_counts_have_their_moments(double mean)
    {
        var counts = Draws((ulong)(1000 + mean * 10), r => r.NextPoisson(mean));
        Assert.All(counts, c => Assert.True(c >= 0 && c == Math.Floor(c)));
        AssertMoments(counts, mean, mean, 3 * mean * mean + mean);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(200)]
    public void Poisson_counts_have_their_frequencies(double mean)
    {
        var counts = Draws((ulong)(9000 + mean * 10), r => r.NextPoisson(mean));
        var probability = Math.Exp(-mean);
        var (statistic, cells, left, rest) = (0.0, 0, 1.0, Count);
        for (var k = 0; k < 10 * mean + 50; probability *= mean / ++k)
        {
            if (probability * Count < 20)
                continue;
            var seen = counts.Count(c => c == k);
            statistic += Math.Pow(seen - probability * Count, 2) / (probability * Count);
            (cells, left, rest) = (cells + 1, left - probability, rest - seen);
        }
        statistic += Math.Pow(rest - left * Count, 2) / (left * Count);
        // χ² with this many degrees of freedom, four standard deviations up.
        Assert.InRange(statistic, 0, cells + 4 * Math.Sqrt(2.0 * cells) + 8);
    }

    [Fact]
    public void A_mean_of_zero_counts_nothing() => Assert.Equal(0, new RandomNumbers(1, 1).NextPoisson(0));

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(1000)]
    public void Whole_numbers_below_a_bound_are_equally_likely(int bound)
    {
        var counts = new int[bound];
        var random = new RandomNumbers(2, 3);
        for (var i = 0; i < Count; i++)
            counts[random.NextBelow(bound)]++;
        var expected = (double)Count / bound;
        var statistic = counts.Sum(c => (c - expected) * (c - expected) / expected);
        Assert.InRange(statistic, Math.Max(0, bound - 1 - 4 * Math.Sqrt(2.0 * bound)), bound - 1 + 4 * Math.Sqrt(2.0 * bound));
    }

    [Fact]
    public void Every_order_of_a_shuffle_is_equally_likely()
    {
        const int Shuffles = 24_000;
        var random = new RandomNumbers(4, 5);
        var seen = new Dictionary<string, int>();
        for (var i = 0; i < Shuffles; i++)
        {
            char[] letters = ['a', 'b', 'c', 'd'];
            random.Shuffle<char>(letters);
            var order = new string(letters);
            seen[order] = seen.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(24, seen.Count);
        // χ² with 23 degrees of freedom is above 58.6 once in 20,000.
        Assert.InRange(seen.Values.Sum(c => (c - 1000.0) * (c - 1000.0) / 1000), 0, 58.6);
    }

    private static double[] Draws(ulong stream, Func<RandomNumbers, double> draw)
    {
        var random = new RandomNumbers(7, stream);
        var draws = new double[Count];
        for (var i = 0; i < Count; i++)
            draws[i] = draw(random);
        return draws;
    }

    private static void AssertMoments(double[] draws, double mean, double variance, double fourth)
    {
        var error = 4 / Math.Sqrt(draws.Length);
        Assert.InRange(draws.Average() - mean, -error * Math.Sqrt(variance), error * Math.Sqrt(variance));
        var spread = Math.Sqrt(fourth - variance * variance);
        Assert.InRange(draws.Average(d => (d - mean) * (d - mean)) - variance, -error * spread, error * spread);
    }

    private static void AssertKolmogorov(double[] draws, Func<double, double> cdf) =>
        Assert.InRange(Distributions.KolmogorovDistance(draws, cdf), 0, Distributions.KolmogorovBound(draws.Length));
}
