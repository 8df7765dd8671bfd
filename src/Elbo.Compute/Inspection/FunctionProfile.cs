using System.Globalization;
using System.Text;

namespace Elbo.Compute;

/// <summary>What a machine does at most, in 10⁹ floating-point operations a second with all the threads that a function uses.</summary>
/// <param name="Float32">In single precision.</param>
/// <param name="Float64">In double precision.</param>
public readonly record struct PeakSpeed(double Float32, double Float64)
{
    /// <summary>The peak of a type; of single precision for what does not compute in floats.</summary>
    public double Of(DType type) => type == DType.Float64 ? Float64 : Float32;
}

/// <summary>What a kernel took.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Microseconds">The time of a run, on average.</param>
/// <param name="Share">Its share of the time of all kernels, 0 to 1.</param>
/// <param name="ShareOfPeak">What it computed in the time over what the machine could have, 0 to 1; null where the peak is not known.</param>
public sealed record KernelTime(KernelInfo Kernel, double Microseconds, double Share, double? ShareOfPeak)
{
    /// <summary>10⁹ floating-point operations a second.</summary>
    public double GigaflopsPerSecond => Kernel.Flop / Microseconds * 1e-3;

    /// <summary>10⁹ bytes a second.</summary>
    public double GigabytesPerSecond => Kernel.Bytes / Microseconds * 1e-3;
}

/// <summary>Where the time of a compiled function goes, kernel by kernel.</summary>
public sealed class FunctionProfile
{
    private const int WidestText = 32;

    internal FunctionProfile(IReadOnlyList<KernelInfo> kernels, IReadOnlyList<double> microseconds, double wholeMicroseconds, int runs, PeakSpeed? peak)
    {
        (Microseconds, Runs) = (wholeMicroseconds, runs);
        var total = microseconds.Sum();
        Kernels = [.. kernels.Zip(microseconds, (kernel, time) =>
            new KernelTime(kernel, time, total > 0 ? time / total : 0, peak is { } p ? kernel.Flop * 1e-3 / time / p.Of(kernel.Type) : null))];
    }

    /// <summary>The kernels in the order in which a run goes through them.</summary>
    public IReadOnlyList<KernelTime> Kernels { get; }

    /// <summary>
    /// The time of a whole run on average, in microseconds, measured without looking at the clock between kernels: for a function
    /// of many small kernels less than the sum of their times.
    /// </summary>
    public double Microseconds { get; }

    /// <summary>How often the function was run.</summary>
    public int Runs { get; }

    /// <summary>Floating-point operations of a run; see <see cref="KernelInfo"/> for how they are counted.</summary>
    public double Flop => Kernels.Sum(k => k.Kernel.Flop);

    /// <summary>What the kernels of a run read and write, each of them every element once.</summary>
    public double Bytes => Kernels.Sum(k => k.Kernel.Bytes);

    /// <summary>A table with a line for each kernel, and one for the whole.</summary>
    public override string ToString()
    {
        // Small models count in thousands, networks in millions.
        var (flopUnit, byteUnit) = (Flop < 1e6 ? 1e3 : 1e6, Bytes < 1e6 ? 1e3 : 1e6);
        string[] head = ["", "kernel", "shape", "nodes", "operations", flopUnit < 1e6 ? "kFLOP" : "MFLOP", byteUnit < 1e6 ? "kB" : "MB", "us", "GFLOP/s", "GB/s", "share", "of peak"];
        var lines = new List<string[]> { head };
        for (var k = 0; k < Kernels.Count; k++)
        {
            var (kernel, time) = (Kernels[k].Kernel, Kernels[k]);
            lines.Add([
                Text(k), kernel.Name, kernel.Shape, Ranges(kernel.Nodes), Shortened(OperationsOf(kernel)), Text(kernel.Flop / flopUnit), Text(kernel.Bytes / byteUnit), Text(time.Microseconds),
                Text(time.GigaflopsPerSecond), Text(time.GigabytesPerSecond), Percent(time.Share), time.ShareOfPeak is { } share ? Percent(share) : ""]);
        }
        lines.Add(["", "whole run", "", "", "", Text(Flop / flopUnit), Text(Bytes / byteUnit), Text(Microseconds), Text(Flop / Microseconds * 1e-3), Text(Bytes / Microseconds * 1e-3), "", ""]);
        return Aligned(lines);
    }

    // Texts to the left, numbers to the right; a column that is empty throughout is left out.
    private static string Aligned(List<string[]> lines)
    {
        var text = new StringBuilder();
        int[] columns = [.. Enumerable.Range(0, lines[0].Length).Where(c => lines.Skip(1).Any(line => line[c].Length > 0))];
        int[] widths = [.. columns.Select(c => lines.Max(line => line[c].Length))];
        foreach (var line in lines)
        {
            var cells = columns.Select((c, i) => c is >= 1 and <= 4 ? line[c].PadRight(widths[i]) : line[c].PadLeft(widths[i]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }
        return text.ToString();
    }

    // 12-19, 23: nodes that follow one another as a range.
    private static string Ranges(IReadOnlyList<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers.Order())
        {
            if (ranges.Count > 0 && ranges[^1].Last == number - 1)
                ranges[^1] = (ranges[^1].First, number);
            else
                ranges.Add((number, number));
        }
        return Shortened(string.Join(' ', ranges.Select(r => r.First == r.Last ? $"%{r.First}" : $"%{r.First}-{r.Last}")));
    }

    private static string OperationsOf(KernelInfo kernel)
    {
        var operations = kernel.Operations.Count == 1 && kernel.Operations[0] == kernel.Name ? [] : kernel.Operations.CountBy(o => o).Select(o => o.Value == 1 ? o.Key : $"{o.Value} {o.Key}");
        return string.Join(", ", [.. kernel.Labels.Select(l => $"\"{l}\""), .. operations]);
    }

    private static string Shortened(string text) => text.Length <= WidestText ? text : text[..(WidestText - 1)] + "…";

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Text(double value) =>
        value.ToString(value == 0 || value >= 1000 ? "0" : value >= 100 ? "0.0" : value >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
