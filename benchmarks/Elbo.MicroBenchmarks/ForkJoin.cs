using BenchmarkDotNet.Attributes;
using Elbo.Compute.Kernels;

namespace Elbo.MicroBenchmarks;

/// <summary>Work that is nothing, handed to a team of two threads and waited for.</summary>
public class ForkJoin
{
    private readonly Nothing _nothing = new();
    private WorkerTeam _team = null!;

    [GlobalSetup]
    public void Start() => _team = new WorkerTeam(2);

    [Benchmark]
    public void Fork() => _team.Run(_nothing, 2);

    [GlobalCleanup]
    public void Dispose() => _team.Dispose();

    private sealed class Nothing : IParallelBody
    {
        public void Run(int firstTask, int endTask, int worker)
        {
        }
    }
}
