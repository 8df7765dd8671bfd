using System.Globalization;
using System.Text.Json;

namespace Elbo.Benchmarks;

/// <summary>One figure that a benchmark reports, and the bar set for it.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Bar">What was set, in the unit of <paramref name="Ratio"/> if there is one, otherwise of the figure; null if nothing was.</param>
/// <param name="Ratio">The figure relative to what it is compared with: the peak of the core, its arithmetic floor, a peer.</param>
/// <param name="Holds">Whether the bar is reached; null without a bar, or where the comparison was disturbed.</param>
public sealed record Measurement(string Name, double Value, string Unit, double? Bar = null, double? Ratio = null, bool? Holds = null)
{
    /// <summary>Whether the bar is reached, in a word; empty without one.</summary>
    public string Verdict => Holds switch { true => "holds", false => "FALLS SHORT", null => "" };

    /// <summary>The figure as a line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { name = Name.Trim(), value = Value, unit = Unit, bar = Bar, ratio = Ratio, holds = Holds });

    /// <summary>The figure as a line of text.</summary>
    public override string ToString()
    {
        var ratio = Ratio is { } r ? string.Create(CultureInfo.InvariantCulture, $"ratio {r:0.00}") : "";
        var bar = Bar is { } b ? string.Create(CultureInfo.InvariantCulture, $"bar {b:0.##}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"  {Name,-52} {Value,12:0.###} {Unit,-9} {ratio,-11} {bar,-12} {Verdict}").TrimEnd();
    }

    /// <summary>A figure that should not exceed a bar.</summary>
    public static Measurement AtMost(string name, double value, string unit, double bar) => new(name, value, unit, bar, null, value <= bar);

    /// <summary>A figure that should reach a bar.</summary>
    public static Measurement AtLeast(string name, double value, string unit, double bar) => new(name, value, unit, bar, null, value >= bar);
}
