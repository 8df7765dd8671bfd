using Elbo.Compute;

namespace Elbo.Tests.Networks;

/// <summary>What compiled layers make of given numbers, beside what the tests expect.</summary>
internal static class LayerValues
{
    /// <summary>Numbers between −1 and 1.</summary>
    public static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    /// <summary>The elements of an expression of some inputs.</summary>
    public static float[] Of(Tensor value, params (Tensor Input, float[] Elements)[] inputs)
    {
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([value]);
        foreach (var (input, elements) in inputs)
            elements.CopyTo(function.Input<float>(input));
        function.Run();
        return function.Output<float>(value).ToArray();
    }

    /// <summary>Sets every variable to random numbers, and says which.</summary>
    public static float[][] Fill(IEnumerable<Variable> variables) => [.. variables.Select((variable, k) =>
    {
        var elements = Random(100 + k, variable.Shape.Elements);
        elements.CopyTo(variable.AsSpan<float>());
        return elements;
    })];

    /// <summary>Asserts that numbers agree to single precision.</summary>
    public static void AreNear(IEnumerable<double> expected, float[] actual) =>
        Assert.All(expected.Zip(actual, (e, a) => (e, a)), pair => Assert.Equal(pair.e, pair.a, 3e-5));
}
