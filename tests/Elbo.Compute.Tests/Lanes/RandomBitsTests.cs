using Elbo.Compute.Lanes;
using Elbo.Compute.Lanes.Functions;

namespace Elbo.Compute.Tests.Lanes;

public sealed class RandomBitsTests
{
    // The known-answer vectors of the Random123 distribution (kat_vectors).
    public static TheoryData<uint[], uint[], uint[]> KnownAnswers => new()
    {
        { [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
        {
            [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff],
            [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]
        },
        {
            [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0],
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        },
    };

    [Theory]
    [MemberData(nameof(KnownAnswers))]
    public void Philox_gives_the_known_answers(uint[] counter, uint[] key, uint[] expected)
    {
        const int Count = 21;
        foreach (var width in LaneKernel.Widths)
        {
            foreach (var laneBytes in (int[])[4, 8])
            {
                var kernel = new LaneKernel(
                    width, laneBytes, [.. Enumerable.Repeat(StorageType.Int32, 6)], [.. Enumerable.Repeat(StorageType.Int32, 4)],
                    (p, v) => Philox(p, v));
                Array[] inputs = [.. counter.Concat(key).Select(word => Enumerable.Repeat((int)word, Count).ToArray())];
                int[][] outputs = [.. Enumerable.Range(0, 4).Select(_ => new int[Count])];
                kernel.Run(Count, inputs, outputs);
                for (var word = 0; word < 4; word++)
                {
                    Assert.All(outputs[word], actual => Assert.Equal(expected[word], (uint)actual));
                }
            }
        }
    }

    [Fact]
    public void Single_uniforms_are_exact_symmetrical_and_inside()
    {
        int[] words = [0, -1, 511, 512, int.MaxValue, int.MinValue, 0x12345678];
        foreach (var width in LaneKernel.Widths)
        {
            var kernel = new LaneKernel(
                width, 4, [StorageType.Int32], [StorageType.Float32, StorageType.Float32, StorageType.Float32],
                (p, v) =>
                [
                    UniformBits.ToUnitInterval(p, v[0]), UniformBits.ToUnitInterval(p, !v[0]), UniformBits.ToRadiusInterval(p, v[0]),
                ]);
            float[][] outputs = [.. Enumerable.Range(0, 3).Select(_ => new float[words.Length])];
            kernel.Run(words.Length, [words], outputs);
            Assert.Equal(words.Select(w => (float)((((uint)w >> 9) + 0.5) * Math.ScaleB(1, -23))), outputs[0]);
            Assert.Equal(outputs[0].Select(u => 1 - u), outputs[1]);
            Assert.Equal(MathF.ScaleB(1, -24), outputs[0].Min());
            Assert.Equal(MathF.BitDecrement(1), outputs[0].Max());
            Assert.Equal(MathF.ScaleB(1, -32), outputs[2].Min());
            Assert.Equal(1, outputs[2].Max());
        }
    }

    [Fact]
    public void Double_uniforms_are_exact_symmetrical_and_inside()
    {
        int[] high = [0, -1, 0, -1, int.MinValue, 0x12345678], low = [0, -1, -1, 0, 4096, unchecked((int)0x9abcdef0)];
        foreach (var width in LaneKernel.Widths)
        {
            var kernel = new LaneKernel(
                width, 8, [StorageType.Int32, StorageType.Int32], [StorageType.Float64],
                (p, v) => [UniformBits.ToUnitInterval(p, Word(p, v[0]), Word(p, v[1]))]);
            var actual = new double[high.Length];
            kernel.Run(high.Length, [high, low], [actual]);
            Assert.Equal(
                high.Zip(low, (h, l) => (((long)(uint)h << 20 | (uint)l >> 12) + 0.5) * Math.ScaleB(1, -52)), actual);
            Assert.Equal(Math.ScaleB(1, -53), actual.Min());
            Assert.Equal(Math.BitDecrement(1), actual.Max());
        }
    }

    [Fact]
    public void Normals_have_the_moments_and_the_tail_of_the_normal_distribution()
    {
        const int Count = 1 << 18;
        var (first, second) = (new float[Count], new float[Count]);
        NormalKernel(LaneKernel.Widths.Last()).Run(Count, [Enumerable.Range(0, Count).ToArray()], [first, second]);
        double[] z = [.. first.Concat(second).Select(v => (double)v)];
        var error = Math.Sqrt(1.0 / z.Length);
        Assert.InRange(z.Average(), -4 * error, 4 * error);
        Assert.InRange(z.Average(v => v * v), 1 - (4 * Math.Sqrt(2) * error), 1 + (4 * Math.Sqrt(2) * error));
        Assert.InRange(z.Average(v => v * v * v * v), 3 - (4 * Math.Sqrt(96) * error), 3 + (4 * Math.Sqrt(96) * error));
        Assert.InRange(first.Zip(second, (a, b) => (double)a * b).Average(), -4 * Math.Sqrt(2) * error, 4 * Math.Sqrt(2) * error);

        // P(|Z| > 4) = 6.334e-5.
        var expected = z.Length * 6.334e-5;
        Assert.InRange(z.Count(v => Math.Abs(v) > 4), expected - (4 * Math.Sqrt(expected)), expected + (4 * Math.Sqrt(expected)));
    }

    [Fact]
    public void Normals_are_the_same_at_every_width()
    {
        const int Count = 1000;
        var counters = Enumerable.Range(0, Count).ToArray();
        var (first, second) = (new float[Count], new float[Count]);
        NormalKernel(VectorWidth.Scalar).Run(Count, [counters], [first, second]);
        foreach (var width in LaneKernel.Widths)
        {
            var (a, b) = (new float[Count], new float[Count]);
            NormalKernel(width).Run(Count, [counters], [a, b]);
            Assert.Equal(first, a);
            Assert.Equal(second, b);
        }
    }

    [Fact]
    public void The_smallest_uniform_gives_the_longest_normal()
    {
        var kernel = new LaneKernel(
            LaneKernel.Widths.Last(), 4, [StorageType.Int32], [StorageType.Float32],
            (p, v) => [NormalDistribution.BoxMuller(p, UniformBits.ToRadiusInterval(p, v[0]), p.Constant(0)).First]);
        float[] result = [0, 0];
        kernel.Run(2, [new[] { 0, -1 }], [result]);
        Assert.Equal(Math.Sqrt(2 * 32 * Math.Log(2)), result[0], 1e-5);
        Assert.Equal(0, result[1]);
    }

    private static LaneKernel NormalKernel(VectorWidth width) => new(
        width, 4, [StorageType.Int32], [StorageType.Float32, StorageType.Float32],
        (p, v) =>
        {
            var zero = p.ConstantInt(0);
            var words = Philox4x32.Bits(p, v[0], zero, zero, zero, p.ConstantInt(7), zero);
            var (a, b) = NormalDistribution.BoxMuller(
                p, UniformBits.ToRadiusInterval(p, words[0]), UniformBits.ToUnitInterval(p, words[1]));
            return [a, b];
        });

    private static Lane[] Philox(LaneProgram p, Lane[] v)
    {
        Lane[] words = [.. v.Select(word => Word(p, word))];
        return Philox4x32.Bits(p, words[0], words[1], words[2], words[3], words[4], words[5]);
    }

    // Loading widens with the sign; words of 8-byte lanes are below 2³².
    private static Lane Word(LaneProgram p, Lane lane) => p.IsSingle ? lane : lane & p.ConstantInt(0xFFFFFFFF);
}
