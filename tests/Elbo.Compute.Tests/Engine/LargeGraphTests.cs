using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Engine;

/// <summary>Graphs as deep or as wide as unrolled programs make them, and what is made of a value used everywhere.</summary>
public sealed class LargeGraphTests
{
    // Deeper than any call stack: no phase may go down a graph by calls.
    [Fact]
    public void AChainOfAHundredThousandOperationsCompiles()
    {
        const int Length = 100_000;
        using var cpu = new Cpu(2);
        var x = Tensor.Input("x", [2], DType.Float64);
        var y = x;
        for (var i = 0; i < Length; i++)
            y = i % 2 == 0 ? Maximum(y, x) + 1 : y - 1;
        var sum = y.Sum();
        using var function = cpu.Compile([sum]);
        double[] values = [0.25, -3];
        values.CopyTo(function.Input<double>(x));
        function.Run();
        Assert.Equal(0.25 - 3, function.Scalar(sum), 9);
    }

    [Fact]
    public void TheGradientOfALongChainCompiles()
    {
        const int Length = 5_000;
        using var cpu = new Cpu(2);
        var x = Tensor.Input("x", [3], DType.Float64);
        var y = x;
        for (var i = 0; i < Length; i++)
            y = Sin(y) + x;
        var slope = Gradient.Of(y.Sum(), x)[0];
        using var function = cpu.Compile([slope]);
        double[] values = [0.1, 0.9, -0.4];
        values.CopyTo(function.Input<double>(x));
        function.Run();
        for (var k = 0; k < values.Length; k++)
        {
            var (value, derivative) = (values[k], 1.0);
            for (var i = 0; i < Length; i++)
                (value, derivative) = (Math.Sin(value) + values[k], (Math.Cos(value) * derivative) + 1);
            Assert.Equal(derivative, function.Output<double>(slope)[k], Math.Abs(derivative) * 1e-9);
        }
    }

    [Fact]
    public void ThousandsOfUpdatesOfOneFormShareTheirCode()
    {
        const int Count = 2_000;
        using var cpu = new Cpu(2);
        var variables = Enumerable.Range(0, Count).Select(i => new Variable($"v{i}", [4_096 / 8, 8])).ToArray();
        var rate = Tensor.Input("rate", []);
        using var function = cpu.Compile([], [.. variables.Take(4).Select(v => new Update(v, v.Value * 0.5f + rate))]);
        var written = cpu.LoopsWritten;
        using var all = cpu.Compile([], [.. variables.Select(v => new Update(v, v.Value * 0.5f + rate))]);
        Assert.Equal(written, cpu.LoopsWritten);
        all.Input<float>(rate)[0] = 3;
        all.Run();
        Assert.All(variables, v => Assert.Equal(3, v.AsSpan<float>()[^1]));
    }
}
