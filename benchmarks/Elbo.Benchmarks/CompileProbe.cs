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
                Repeat(1, 15, EightSchools);
                return 0;
            case "vae":
                Repeat(2, 7, Autoencoder);
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

    private static (CompiledFunction Function, double Milliseconds) EightSchools(Cpu cpu)
    {
        var start = Stopwatch.GetTimestamp();
        var function = new EightSchools(cpu).Function;
        return (function, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static (CompiledFunction Function, double Milliseconds) Autoencoder(Cpu cpu)
    {
        var step = new VaeStep(new(400, 20, 128), cpu.Threads, cpu);
        return (step.Function, step.CompileMilliseconds);
    }

    private static void Repeat(int threads, int times, Func<Cpu, (CompiledFunction Function, double Milliseconds)> make)
    {
        var first = new Cpu(threads);
        var (function, cold) = make(first);
        var jit = JitInfo.GetCompilationTime(currentThread: false).TotalMilliseconds;
        var methods = JitInfo.GetCompiledMethodCount(currentThread: false);
        function.Run();
        Say(Started, 0);
        Say(Cold, cold);
        Say(JitShare, jit);
        Say(JitMethods, methods);
        Say(Cached, Median(times, () => make(first).Milliseconds));
        Say(Warm, Median(times, () => make(new Cpu(threads)).Milliseconds));
    }

    private static double Median(int times, Func<double> milliseconds)
    {
        var all = new double[times];
        for (var i = 0; i < times; i++)
            all[i] = milliseconds();
        Array.Sort(all);
        return all[times / 2];
    }

    private static void Say(string name, double figure) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {figure:0.000}"));
}
