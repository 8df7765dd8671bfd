using System.Globalization;
using System.Text.Json;

namespace Elbo.Benchmarks;

/// <summary>Which side of a bar is the good one.</summary>
internal enum Side
{
    /// <summary>The bar is the most that is allowed.</summary>
    AtMost,

    /// <summary>The bar is the least that is asked for.</summary>
    AtLeast,
}

/// <summary>What was computed in how long.</summary>
/// <param name="Flop">Floating-point operations, a multiply-add counting as two.</param>
/// <param name="Bytes">What must be read and written at least, every input and result once.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Threads">By how many threads.</param>
/// <param name="Label">A short name for its point in the roofline picture; null for none.</param>
internal sealed record Work(double Flop, double Bytes, double Seconds, int Threads = 1, string? Label = null);

/// <summary>What a figure of the machine limits in the roofline picture.</summary>
internal enum Roof
{
    /// <summary>10⁹ operations a second in single precision.</summary>
    Float32,

    /// <summary>10⁹ operations a second in double precision.</summary>
    Float64,

    /// <summary>10⁹ bytes a second.</summary>
    Bandwidth,
}

/// <summary>One figure that a benchmark reports, and the bar set for it.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure; NaN where there is none.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Bar">What was set, in the unit of <paramref name="Ratio"/> if there is one, otherwise of the figure; null if nothing was.</param>
/// <param name="Ratio">The figure relative to what it is compared with: the peak of the core, its arithmetic floor, a peer.</param>
/// <param name="Holds">Whether the bar is reached; null without a bar, or where the comparison was disturbed.</param>
internal sealed record Measurement(string Name, double Value, string Unit, double? Bar = null, double? Ratio = null, bool? Holds = null)
{
    /// <summary>Which side of the bar is the good one.</summary>
    public Side? Side { get; init; }

    /// <summary>The work behind the figure, where it is known.</summary>
    public Work? Work { get; init; }

    /// <summary>What the figure limits, if it is one of the machine.</summary>
    public (Roof Kind, string Level, int Threads)? Roof { get; init; }

    /// <summary>Why there is no figure, or what to know about it.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the bar is reached, in a word; empty without one.</summary>
    public string Verdict => Holds switch { true => "holds", false => "FALLS SHORT", null => Bar is null ? "" : "disturbed" };

    /// <summary>The bar with its side, as in <c>≥ 0.85</c>; empty without one.</summary>
    public string BarText => Bar is { } bar ? string.Create(CultureInfo.InvariantCulture, $"{(Side is null ? "" : Side == Benchmarks.Side.AtMost ? "≤ " : "≥ ")}{bar:0.##}") : "";

    /// <summary>The figure with about four digits; empty where there is none.</summary>
    public string ValueText => !double.IsFinite(Value) ? "" : Math.Abs(Value) >= 1000 ? Value.ToString("#,0", CultureInfo.InvariantCulture)
        : Value.ToString(Math.Abs(Value) >= 100 ? "0.#" : Math.Abs(Value) >= 10 ? "0.##" : "0.###", CultureInfo.InvariantCulture);

    /// <summary>The ratio; empty without one.</summary>
    public string RatioText => Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "";

    /// <summary>A figure that should not exceed a bar.</summary>
    public static Measurement AtMost(string name, double value, string unit, double bar) => new(name, value, unit, bar, null, value <= bar) { Side = Benchmarks.Side.AtMost };

    /// <summary>A figure that should reach a bar.</summary>
    public static Measurement AtLeast(string name, double value, string unit, double bar) => new(name, value, unit, bar, null, value >= bar) { Side = Benchmarks.Side.AtLeast };

    /// <summary>A figure whose ratio to something should not exceed a bar.</summary>
    public static Measurement RatioAtMost(string name, double value, string unit, double ratio, double bar) => new(name, value, unit, bar, ratio, ratio <= bar) { Side = Benchmarks.Side.AtMost };

    /// <summary>A figure whose ratio to something should reach a bar.</summary>
    public static Measurement RatioAtLeast(string name, double value, string unit, double ratio, double bar) => new(name, value, unit, bar, ratio, ratio >= bar) { Side = Benchmarks.Side.AtLeast };

    /// <summary>A figure that cannot be had here.</summary>
    public static Measurement Absent(string name, string reason) => new(name, double.NaN, "") { Note = reason };

    /// <summary>The figure as a line of JSON.</summary>
    public string ToJson(string suite) => JsonSerializer.Serialize(new
    {
        suite,
        name = Name.Trim(),
        value = double.IsFinite(Value) ? Value : (double?)null,
        unit = Unit,
        bar = Bar,
        side = Side switch { Benchmarks.Side.AtMost => "at most", Benchmarks.Side.AtLeast => "at least", _ => null },
        ratio = Ratio,
        holds = Holds,
        note = Note,
        flop = Work?.Flop,
        bytes = Work?.Bytes,
        seconds = Work?.Seconds,
    });

    /// <summary>The figure as a line of text.</summary>
    public override string ToString()
    {
        var ratio = Ratio is null ? "" : "ratio " + RatioText;
        var bar = Bar is null ? "" : "bar " + BarText;
        return $"  {Name,-52} {ValueText,12} {Unit,-9} {ratio,-11} {bar,-12} {Verdict} {Note}".TrimEnd();
    }
}
