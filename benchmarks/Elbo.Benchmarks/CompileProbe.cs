using System.Runtime;
using System.Diagnostics;
using System.Globalization;
using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>
/// What a fresh process does to be measured, and what it reports of itself, a "name: milliseconds" a line: only in a process that
/// has compiled nothing yet can the first compilation be timed.
/// </summary>
internal static class CompileProbe
{
    /// <summary>Compiles one thing for the first time, again on the same processor and on others, and prints the times.</summary>
    public static int Run(string what)
    {
        switch (what)
        {
            case "eight-schools":
                Repeat(1, cpu => new EightSchools(cpu).Function);
                break;
            case "vae":
                Repeat(2, cpu => new VaeStepBenchmark.Step(2, cpu).Function);
                break;
            default:
                return 1;
        }
        return 0;
    }

    private static void Repeat(int threads, Func<Cpu, CompiledFunction> make)
    {
        using var first = new Cpu(threads);
        Say("cold", Milliseconds(() =>
        {
            var function = make(first);
            return function;
        }, out var compiled));
        compiled.Run();
        Say("first step", 0);
        var (jit, methods) = (JitInfo.GetCompilationTime(currentThread: false).TotalMilliseconds, JitInfo.GetCompiledMethodCount(currentThread: false));
        Say("machine code of all methods so far", jit);
        Say("methods so far", methods);
        Say("cached", Median(() => Milliseconds(() => make(first), out _)));
        Say("warm", Median(() =>
        {
            using var other = new Cpu(threads);
            return Milliseconds(() => make(other), out _);
        }));
    }

    private static double Median(Func<double> milliseconds)
    {
        var times = new double[15];
        for (var i = 0; i < times.Length; i++)
            times[i] = milliseconds();
        Array.Sort(times);
        return times[times.Length / 2];
    }

    private static double Milliseconds(Func<CompiledFunction> make, out CompiledFunction function)
    {
        var start = Stopwatch.GetTimestamp();
        function = make();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Say(string name, double milliseconds) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {milliseconds:0.000}"));
}
