using BenchmarkDotNet.Attributes;
using Elbo.Compute;

namespace Elbo.MicroBenchmarks;

/// <summary>Standard normal draws, a hundred thousand at a time, one thread.</summary>
public class Normals
{
    private const int Count = 100_000;

    private Cpu _cpu = null!;
    private CompiledFunction _function = null!;

    [Params(DType.Float32, DType.Float64)]
    public DType Type { get; set; }

    [GlobalSetup]
    public void Compile()
    {
        _cpu = new Cpu(1);
        var seed = Tensor.FromArray([1, 2], [2], DType.Int32);
        _function = _cpu.Compile([new RandomSource(seed, Tensor.Input("step", [], DType.Int32)).Normal([Count], 0, Type)]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Draw() => _function.Run();

    [GlobalCleanup]
    public void Dispose()
    {
        _function.Dispose();
        _cpu.Dispose();
    }
}
