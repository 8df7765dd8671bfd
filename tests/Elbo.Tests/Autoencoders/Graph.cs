using Elbo.Compute;

namespace Elbo.Tests.Autoencoders;

/// <summary>Values of expressions for given inputs.</summary>
internal static class Graph
{
    public static float[][] Run(IReadOnlyList<Tensor> outputs, params (Tensor Input, float[] Values)[] inputs)
    {
        using var cpu = new Cpu(1);
        using var function = cpu.Compile(outputs);
        foreach (var (input, values) in inputs)
            values.CopyTo(function.Input<float>(input));
        function.Run();
        return [.. outputs.Select(o => function.Output<float>(o).ToArray())];
    }

    public static float[] Normals(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 1);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
