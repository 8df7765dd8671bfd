using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>
/// What a fresh process does to be measured, and says of itself, a figure a line: only a process that has compiled nothing yet can time
/// a first compilation.
/// </summary>
internal static class CompileProbe
{
    /// <summary>What makes this program a probe, followed by what to compile.</summary>
    public const string Argument = "compile-probe";

    /// <summary>Figures of a first compilation.</summary>
    public const string Cold = "cold", Started = "started", JitShare = "jit", JitMethods = "methods", Cached = "cached", Warm = "warm";

    private static readonly GraphSamples.Sample[] Graphs = [.. GraphSamples.All];

    /// <summary>Compiles one thing for the first time, again on the same processor, and on others.</summary>
    public static int Run(string what)
    {
        switch (what)
        {
            case "eight-schools":
                Repeat(1, 15, cpu => new EightSchools(cpu).Function);
                return 0;
            case "vae":
                Repeat(2, 7, cpu => new VaeStepBenchmark.Step(2, cpu).Function);
                return 0;
            default:
                return Array.Find(Graphs, g => what.StartsWith(g.Name + ":", StringComparison.Ordinal)) is { } sample ? Graph(sample, int.Parse(what[(sample.Name.Length + 1)..], CultureInfo.InvariantCulture)) : 1;
        }
    }

    private static int Graph(GraphSamples.Sample sample, int nodes)
    {
        using var cpu = new Cpu(1);
        var start = Stopwatch.GetTimestamp();
        using var function = sample.Compile(cpu, nodes);
        Say(Cold, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return 0;
    }

    private static void Repeat(int threads, int times, Func<Cpu, CompiledFunction> make)
    {
        var first = new Cpu(threads);
        var start = Stopwatch.GetTimestamp();
        var function = make(first);
        var cold = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var jit = JitInfo.GetCompilationTime(currentThread: false).TotalMilliseconds;
        var methods = JitInfo.GetCompiledMethodCount(currentThread: false);
        function.Run();
        Say(Started, 0);
        Say(Cold, cold);
        Say(JitShare, jit);
        Say(JitMethods, methods);
        Say(Cached, Median(times, () => first, make));
        Say(Warm, Median(times, () => new Cpu(threads), make));
    }

    private static double Median(int times, Func<Cpu> cpu, Func<Cpu, CompiledFunction> make)
    {
        var milliseconds = new double[times];
        for (var i = 0; i < times; i++)
        {
            var processor = cpu();
            var start = Stopwatch.GetTimestamp();
            make(processor);
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(milliseconds);
        return milliseconds[times / 2];
    }

    private static void Say(string name, double figure) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {figure:0.000}"));
}
