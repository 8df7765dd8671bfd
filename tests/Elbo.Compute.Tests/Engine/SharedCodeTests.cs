using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Engine;

/// <summary>Loops of equal structure share machine code, whatever tensors they work on and wherever these lie.</summary>
public sealed class SharedCodeTests
{
    [Fact]
    public void TheSameModelAgainWritesNoCode()
    {
        using var cpu = new Cpu(2);
        double[] others = [-1, 0.25, 8, 0];
        Check(cpu, "x", [1, 2, 3, 4], 0.5);
        var written = cpu.LoopsWritten;
        Assert.True(written > 0);
        Check(cpu, "another name", others, 0.5);
        Assert.Equal(written, cpu.LoopsWritten);
    }

    [Fact]
    public void AnotherConstantOrShapeIsOtherCode()
    {
        using var cpu = new Cpu(1);
        double[] elements = [1, 2, 3, 4];
        Check(cpu, "x", elements, 0.5);
        var written = cpu.LoopsWritten;
        Check(cpu, "x", elements, 0.25);
        var withConstant = cpu.LoopsWritten;
        Check(cpu, "x", elements[..3], 0.5);
        Assert.True(withConstant > written);
        Assert.True(cpu.LoopsWritten > withConstant);
    }

    [Fact]
    public void EqualLayersShareCodeWithinAFunction()
    {
        using var cpu = new Cpu(2);
        CheckLayers(cpu, 3);
        var written = cpu.LoopsWritten;
        CheckLayers(cpu, 12);
        Assert.Equal(written, cpu.LoopsWritten);
    }

    [Fact]
    public void DrawsOfASiteShareCodeAndKeepTheirSeeds()
    {
        using var cpu = new Cpu(1);
        var first = Draws(cpu, 3, seed: 1);
        var written = cpu.LoopsWritten;
        Assert.NotEqual(first, Draws(cpu, 3, seed: 2));
        Assert.Equal(first, Draws(cpu, 3, seed: 1));
        Assert.Equal(written, cpu.LoopsWritten);
        Assert.NotEqual(first, Draws(cpu, 4, seed: 1));
        Assert.Equal(written + 1, cpu.LoopsWritten);
    }

    [Fact]
    public void AFunctionOutlivesTheOthersThatShareItsCode()
    {
        using var cpu = new Cpu(1);
        var x = Tensor.Input("x", [3], DType.Float64);
        var (kept, gone) = (Exp(x), Exp(Tensor.Input("z", [3], DType.Float64)));
        var other = cpu.Compile([gone]);
        using var function = cpu.Compile([kept]);
        other.Dispose();
        function.Input<double>(x).Fill(1);
        function.Run();
        Assert.Equal(Math.E, function.Output<double>(kept)[2], 12);
    }

    // The sum of exp(c x) + x and its gradient, against their definitions.
    private static void Check(Cpu cpu, string name, double[] elements, double factor)
    {
        var x = Tensor.Input(name, [elements.Length], DType.Float64);
        var y = (Exp(x * factor) + x).Sum();
        var slope = Gradient.Of(y, x)[0];
        using var function = cpu.Compile([y, slope]);
        elements.CopyTo(function.Input<double>(x));
        function.Run();
        Assert.Equal(elements.Sum(v => Math.Exp(v * factor) + v), function.Scalar(y), 11);
        var slopes = function.Output<double>(slope);
        for (var i = 0; i < elements.Length; i++)
            Assert.Equal((factor * Math.Exp(elements[i] * factor)) + 1, slopes[i], 11);
    }

    // A plain network of equal layers, against the same in scalars.
    private static void CheckLayers(Cpu cpu, int layers)
    {
        const int Width = 8;
        var x = Tensor.Input("x", [4, Width], DType.Float64);
        var y = x;
        var value = Enumerable.Repeat(0.5, Width).ToArray();
        for (var layer = 0; layer < layers; layer++)
        {
            var weights = Enumerable.Range(0, Width * Width).Select(i => 0.01 * (i + layer)).ToArray();
            y = Tanh(y.MatMul(Tensor.FromArray(weights, [Width, Width], DType.Float64)));
            value = [.. Enumerable.Range(0, Width).Select(j => Math.Tanh(Enumerable.Range(0, Width).Sum(i => value[i] * weights[(Width * i) + j])))];
        }
        var sum = y.Sum();
        using var function = cpu.Compile([sum]);
        function.Input<double>(x).Fill(0.5);
        function.Run();
        Assert.Equal(4 * value.Sum(), function.Scalar(sum), 10);
    }

    private static double[] Draws(Cpu cpu, int site, int seed)
    {
        var draws = new RandomSource(Tensor.FromArray([seed, 7], [2], DType.Int32), Tensor.Scalar(0, DType.Int32)).Normal([100], site, DType.Float64);
        using var function = cpu.Compile([draws]);
        function.Run();
        return function.Output<double>(draws).ToArray();
    }
}
