using BenchmarkDotNet.Attributes;
using Elbo.Compute;

namespace Elbo.MicroBenchmarks;

/// <summary>A product of two square matrices in single precision, one thread.</summary>
public class MatrixProduct
{
    private Cpu _cpu = null!;
    private CompiledFunction _function = null!;

    [Params(16, 64, 256, 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Compile()
    {
        _cpu = new Cpu(1);
        var (a, b) = (Tensor.Input("a", [Size, Size]), Tensor.Input("b", [Size, Size]));
        _function = _cpu.Compile([a.MatMul(b)]);
        _function.Input<float>(a).Fill(0.5f);
        _function.Input<float>(b).Fill(0.25f);
    }

    [Benchmark]
    public void Multiply() => _function.Run();

    [GlobalCleanup]
    public void Dispose()
    {
        _function.Dispose();
        _cpu.Dispose();
    }
}
