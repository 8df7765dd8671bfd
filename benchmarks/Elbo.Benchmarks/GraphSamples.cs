using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>Large graphs of about as many nodes as asked for, with all values in use.</summary>
internal static class GraphSamples
{
    private const int Elements = 64;

    /// <summary>The kinds of graph.</summary>
    public static IEnumerable<Sample> All =>
    [
        new("chain", Chain),
        new("wide", Wide),
        new("random", Random),
        new("layers", Layers),
    ];

    // Each value made of the one before: as deep as it is large.
    private static Tensor[] Chain(int nodes)
    {
        var x = Tensor.Input("x", [Elements]);
        var y = x;
        for (var i = 0; i < nodes; i++)
            y = i % 3 == 0 ? y * x : i % 3 == 1 ? TensorMath.Tanh(y) : y + (i % 7);
        return [y.Sum()];
    }

    // Many short independent computations of one value, each with a result of its own.
    private static Tensor[] Wide(int nodes)
    {
        var x = Tensor.Input("x", [Elements]);
        var results = new Tensor[nodes / 4];
        for (var i = 0; i < results.Length; i++)
            results[i] = ((x + i) * x - TensorMath.Abs(x)).Sum();
        return results;
    }

    // Each value made of two earlier ones drawn at random, now and then reduced and spread out again.
    private static Tensor[] Random(int nodes)
    {
        var random = new Random(1);
        var values = new List<Tensor> { Tensor.Input("x", [Elements]), Tensor.Input("y", [Elements]) };
        while (values.Count < nodes)
        {
            var (a, b) = (values[random.Next(values.Count)], values[Math.Max(0, values.Count - 1 - random.Next(20))]);
            values.Add(random.Next(10) switch
            {
                0 => a - b.Sum().BroadcastTo([Elements]),
                < 4 => TensorMath.Maximum(a, b),
                < 7 => a * 0.5 + b * 0.5,
                _ => a - b,
            });
        }
        var used = new HashSet<Tensor>(values.SelectMany(v => v.Inputs.ToArray()));
        return [.. values.Where(v => !used.Contains(v)).Select(v => v.Sum())];
    }

    // Equal layers of a network and its gradient: many kernels of few different kinds.
    private static Tensor[] Layers(int nodes)
    {
        var x = Tensor.Input("x", [8, 16]);
        var weights = new List<Tensor>();
        var y = x;
        for (var i = 0; i < nodes / 25; i++)
        {
            var (weight, bias) = (Tensor.Input("w", [16, 16]), Tensor.Input("b", [1, 16]));
            weights.AddRange([weight, bias]);
            y = y + TensorMath.Tanh(y.MatMul(weight) + bias.BroadcastTo([8, 16]));
        }
        var loss = y.Sum();
        return [loss, .. Gradient.Of(loss, [.. weights])];
    }

    /// <summary>A kind of graph.</summary>
    /// <param name="Name">What it is called.</param>
    /// <param name="Make">The outputs of one of about so many nodes.</param>
    internal sealed record Sample(string Name, Func<int, Tensor[]> Make)
    {
        /// <summary>Makes one and compiles it.</summary>
        public CompiledFunction Compile(Cpu cpu, int nodes) => cpu.Compile(Make(nodes));
    }
}
