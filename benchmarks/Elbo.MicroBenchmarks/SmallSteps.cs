using BenchmarkDotNet.Attributes;
using Elbo.Benchmarks;

namespace Elbo.MicroBenchmarks;

/// <summary>A gradient step of the eight schools, one thread.</summary>
public class SmallSteps
{
    private EightSchools _schools = null!;

    [GlobalSetup]
    public void Compile() => _schools = new EightSchools();

    [Benchmark]
    public void EightSchoolsStep() => _schools.Function.Run();

    [GlobalCleanup]
    public void Dispose() => _schools.Dispose();
}
