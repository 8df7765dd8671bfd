using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Examples.Objectives;

/// <summary>
/// The model that all three losses train: z ~ N(0, 1), a network from z to a place of the plane, normal noise around it, of the size that the heaps have. As z lies on a line, ln p(x) is an
/// integral over that line, which a sum over a grid gives as exactly as floats can.
/// </summary>
internal sealed class Line(ulong seed)
{
    private const double GridEnd = 4.5;
    private const int GridPoints = 601;
    private const double Noise = Heaps.Noise;

    /// <summary>From z to a place.</summary>
    public Mlp Decoder { get; } = new("decoder", [1, 64, 64, 2], Activation.Tanh, new RandomNumbers(seed, 1));

    public IReadOnlyList<Variable> Variables => [.. Decoder.Variables];

    /// <summary>ln p of points, exactly: [points].</summary>
    /// <param name="points">[points, 2].</param>
    public Tensor LogDensity(Tensor points)
    {
        var step = 2 * GridEnd / (GridPoints - 1);
        double[] grid = [.. Enumerable.Range(0, GridPoints).Select(i => -GridEnd + step * i)];
        var places = Decoder.Apply(Tensor.FromArray(grid, [GridPoints, 1])).Reshape([1, GridPoints, 2]);
        var weights = Tensor.FromArray([.. grid.Select(z => -0.5 * z * z - 0.5 * Math.Log(2 * Math.PI) + Math.Log(step))], [1, GridPoints]);
        var squares = Square(points.Reshape([points.Shape[0], 1, 2]) - places).Sum(2);
        return LogSumExp(weights - squares / (2 * Noise * Noise), 1) - Math.Log(2 * Math.PI * Noise * Noise);
    }

    /// <summary>ln p of points given where z is mapped to: [points].</summary>
    public static Tensor LogDensityAbout(Tensor places, Tensor points) => Square(points - places).Sum(1) / (-2 * Noise * Noise) - Math.Log(2 * Math.PI * Noise * Noise);

    /// <summary>Places for draws of z and of noise.</summary>
    /// <param name="z">[points, 1].</param>
    /// <param name="noise">[points, 2].</param>
    public Tensor Generate(Tensor z, Tensor noise) => Decoder.Apply(z) + Noise * noise;

    /// <summary>The mean of ln p over points, nats.</summary>
    public double MeanLogDensity(Cpu cpu, Points points)
    {
        var input = Tensor.Input("points", [points.Count, 2]);
        var mean = LogDensity(input).Mean(0);
        using var function = cpu.Compile([mean]);
        points.Values.CopyTo(function.Input<float>(input));
        function.Run();
        return function.Scalar(mean);
    }

    /// <summary>Samples.</summary>
    public Points Draw(Cpu cpu, int count, ulong draw)
    {
        var (z, noise) = (Tensor.Input("z", [count, 1]), Tensor.Input("noise", [count, 2]));
        var places = Generate(z, noise);
        using var function = cpu.Compile([places]);
        var random = new RandomNumbers(draw, 8);
        Normal(function.Input<float>(z), random);
        Normal(function.Input<float>(noise), random);
        function.Run();
        return new(function.Output<float>(places).ToArray(), 2);
    }

    /// <summary>The curve along which the means lie, from z = −3 to 3.</summary>
    public (double[] X, double[] Y) Curve(Cpu cpu)
    {
        const int Count = 301;
        var places = Decoder.Apply(Tensor.FromArray([.. Enumerable.Range(0, Count).Select(i => 6.0 * i / (Count - 1) - 3)], [Count, 1]));
        using var function = cpu.Compile([places]);
        function.Run();
        var at = function.Output<float>(places).ToArray();
        return ([.. Enumerable.Range(0, Count).Select(i => (double)at[2 * i])], [.. Enumerable.Range(0, Count).Select(i => (double)at[2 * i + 1])]);
    }

    public static void Normal(Span<float> values, RandomNumbers random)
    {
        foreach (ref var value in values)
            value = (float)random.NextNormal();
    }
}
