using BenchmarkDotNet.Attributes;
using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.MicroBenchmarks;

/// <summary>A chain of elementwise functions that ends in a sum, and a chain that is stored: exp(−½((x − m)·s)²), one thread.</summary>
public class FusedLoops
{
    private Cpu _cpu = null!;
    private CompiledFunction _summed = null!;
    private CompiledFunction _stored = null!;

    [Params(1_000, 100_000)]
    public int Elements { get; set; }

    [GlobalSetup]
    public void Compile()
    {
        _cpu = new Cpu(1);
        var x = Tensor.Input("x", [Elements]);
        var z = (x - 0.5) * 2.0;
        var density = Exp(-0.5 * z * z);
        (_summed, _stored) = (_cpu.Compile([density.Sum()]), _cpu.Compile([density]));
        _summed.Input<float>(x).Fill(0.1f);
        _stored.Input<float>(x).Fill(0.1f);
    }

    [Benchmark]
    public void Summed() => _summed.Run();

    [Benchmark]
    public void Stored() => _stored.Run();

    [GlobalCleanup]
    public void Dispose()
    {
        _summed.Dispose();
        _stored.Dispose();
        _cpu.Dispose();
    }
}
