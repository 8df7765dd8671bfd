using System.Diagnostics;
using System.Globalization;

namespace Elbo.Benchmarks;

/// <summary>
/// How long it takes until a model runs: first in a fresh process, which is what its user waits for, again in the same process, and
/// with the same structure compiled before; and how that grows with the graph.
/// </summary>
internal static class CompileBenchmark
{
    private const int Processes = 7;

    /// <summary>Where the remaining time goes.</summary>
    public const string Remaining = """
        A first compilation runs code that the process has never run: the runtime loads types and methods, and translates to machine
        code whatever was not compiled ahead of time, above all the loops written for the model itself.
        """;

    public static IEnumerable<Measurement> Run()
    {
        foreach (var (name, probe, bar) in ((string, string, double)[])[("eight schools", "eight-schools", 60), ("VAE 784-400-20", "vae", 150)])
        {
            var figures = Enumerable.Range(0, Processes).Select(_ => Probe(probe)).ToList();
            yield return Measurement.AtMost($"{name}, first in a process", MedianOf(figures, CompileProbe.Cold), "ms", bar);
            yield return new("  of which translation to machine code", MedianOf(figures, CompileProbe.JitShare), "ms");
            yield return new("  methods translated", MedianOf(figures, CompileProbe.JitMethods), "");
            yield return new($"{name}, again, on a new processor", MedianOf(figures, CompileProbe.Warm), "ms");
            yield return new($"{name}, the same structure again", MedianOf(figures, CompileProbe.Cached), "ms");
            if (probe == "eight-schools")
                yield return Measurement.AtMost("process start to first step, eight schools", MedianOf(figures, CompileProbe.Started), "ms", 400);
        }
        foreach (var sample in GraphSamples.All)
        {
            double[] milliseconds = [.. ((int[])[5_000, 10_000, 20_000]).Select(nodes => Milliseconds(sample.Name, nodes))];
            yield return Measurement.AtMost($"graph of 10,000 nodes, {sample.Name}", milliseconds[1], "ms", 3000);
            yield return new("  10,000 nodes over 5,000", milliseconds[1], "ms", null, milliseconds[1] / milliseconds[0]);
            yield return new("  20,000 nodes over 10,000", milliseconds[2], "ms", null, milliseconds[2] / milliseconds[1]);
        }
    }

    private static double Milliseconds(string sample, int nodes) =>
        Probe(string.Create(CultureInfo.InvariantCulture, $"{sample}:{nodes}"))[CompileProbe.Cold];

    private static double MedianOf(IEnumerable<Dictionary<string, double>> figures, string name)
    {
        var sorted = figures.Select(f => f[name]).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    // What a fresh process says, and how long after its start it said that the first step was done.
    private static Dictionary<string, double> Probe(string what)
    {
        var program = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(CompileBenchmark).Assembly.Location] : [];
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, [.. arguments, CompileProbe.Argument, what]) { RedirectStandardOutput = true })!;
        var figures = new Dictionary<string, double>();
        while (process.StandardOutput.ReadLine()?.Split(' ') is [var name, var value])
            figures[name] = name == CompileProbe.Started ? Stopwatch.GetElapsedTime(start).TotalMilliseconds : double.Parse(value, CultureInfo.InvariantCulture);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The probe of {what} ended with {process.ExitCode}.");
        return figures;
    }
}
