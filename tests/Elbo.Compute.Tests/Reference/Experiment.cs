namespace Elbo.Compute.Tests.Reference;

/// <summary>Inputs with elements, and the comparison of what compiled functions make of them with what the graph means.</summary>
internal sealed class Experiment(int seed = 1)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<Tensor, double[]> _inputs = [];

    public Interpreter Meaning { get; } = new();

    /// <summary>The widths this machine runs at full speed, and no vectors at all.</summary>
    public static IEnumerable<VectorWidth> Widths => Enum.GetValues<VectorWidth>().Where(w => w <= VectorWidths.Best);

    /// <summary>An input of given elements.</summary>
    public Tensor Input(Shape shape, DType type, Func<int, double> element)
    {
        var input = Tensor.Input($"x{_inputs.Count}", shape, type);
        double[] elements = [.. Enumerable.Range(0, shape.Elements).Select(element)];
        _inputs[input] = elements;
        Meaning.Set(input, elements);
        return input;
    }

    /// <summary>An input of floats between two limits, each a multiple of 1/256, so that both float types hold it.</summary>
    public Tensor Input(Shape shape, DType type = DType.Float64, double low = -2, double high = 2) =>
        Input(shape, type, _ => Math.Round((low + (high - low) * _random.NextDouble()) * 256) / 256);

    /// <summary>An input of integers from 0 up to but not including a limit.</summary>
    public Tensor Indices(Shape shape, int limit) => Input(shape, DType.Int32, _ => _random.Next(limit));

    /// <summary>The elements of an input, to be changed in place.</summary>
    public double[] Elements(Tensor input) => _inputs[input];

    /// <summary>Runs a function of these outputs on the inputs they mention.</summary>
    public void Run(CompiledFunction function, params Tensor[] outputs)
    {
        Fill(function, outputs);
        function.Run();
    }

    /// <summary>Asserts that the outputs are what they mean: at every width, shared among threads, with every operation by itself, and without each optimisation.</summary>
    public void Agrees(double tolerance, params Tensor[] outputs)
    {
        foreach (var width in Widths)
            Agrees(width == VectorWidths.Best ? 2 : 1, width, new() { Verify = true }, tolerance, outputs);
        Agrees(1, VectorWidths.Best, new() { FindNonFinite = true, Verify = true }, tolerance, outputs);
        foreach (var optimisation in Enum.GetValues<Optimisations>().Where(o => o is not Optimisations.None and not Optimisations.All))
            Agrees(1, VectorWidths.Best, new() { Optimise = Optimisations.All & ~optimisation, Verify = true }, tolerance, outputs);
    }

    public void Agrees(int threads, VectorWidth width, CompileOptions options, double tolerance, params Tensor[] outputs)
    {
        using var cpu = new Cpu(threads, width);
        using var function = cpu.Compile(outputs, options: options);
        Run(function, outputs);
        foreach (var output in outputs)
        {
            var (expected, actual) = (Meaning.Evaluate(output), Read(function, output));
            Assert.Equal(expected.Length, actual.Length);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.True(IsNear(expected[i], actual[i], tolerance),
                    $"{output} [{i}] is {actual[i]:R}, and means {expected[i]:R} (seed {seed}, {width}, {threads} threads, {options}).\n{string.Join('\n', function.Info.Kernels)}");
            }
        }
    }

    /// <summary>The elements of an output, whatever its type.</summary>
    public static double[] Read(CompiledFunction function, Tensor output) => output.Type switch
    {
        DType.Float32 => [.. function.Output<float>(output).ToArray().Select(x => (double)x)],
        DType.Float64 => function.Output<double>(output).ToArray(),
        _ => [.. function.Output<int>(output).ToArray().Select(x => (double)x)],
    };

    /// <summary>Sets a variable.</summary>
    public static void Write(Variable variable, double[] elements)
    {
        if (variable.Type == DType.Float32)
            Array.ConvertAll(elements, x => (float)x).CopyTo(variable.AsSpan<float>());
        else if (variable.Type == DType.Float64)
            elements.CopyTo(variable.AsSpan<double>());
        else
            Array.ConvertAll(elements, x => (int)x).CopyTo(variable.AsSpan<int>());
    }

    /// <summary>The elements of a variable.</summary>
    public static double[] Read(Variable variable) => variable.Type switch
    {
        DType.Float32 => [.. variable.AsSpan<float>().ToArray().Select(x => (double)x)],
        DType.Float64 => variable.AsSpan<double>().ToArray(),
        _ => [.. variable.AsSpan<int>().ToArray().Select(x => (double)x)],
    };

    private void Fill(CompiledFunction function, Tensor[] outputs)
    {
        var mentioned = TopologicalOrder.Of(outputs).Select(node => node.Operation).ToHashSet();
        foreach (var (input, elements) in _inputs.Where(i => mentioned.Contains(i.Key.Operation)))
        {
            if (input.Type == DType.Float32)
                Array.ConvertAll(elements, x => (float)x).CopyTo(function.Input<float>(input));
            else if (input.Type == DType.Float64)
                elements.CopyTo(function.Input<double>(input));
            else
                Array.ConvertAll(elements, x => (int)x).CopyTo(function.Input<int>(input));
        }
    }

    private static bool IsNear(double expected, double actual, double tolerance) =>
        double.IsFinite(expected) ? Math.Abs(expected - actual) <= tolerance * (1 + Math.Abs(expected)) : expected.Equals(actual);
}
