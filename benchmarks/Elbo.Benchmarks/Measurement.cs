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
    /// <summary>A figure that should not exceed a bar.</summary>
    public static Measurement AtMost(string name, double value, string unit, double bar) => new(name, value, unit, bar, null, value <= bar);

    /// <summary>A figure that should reach a bar.</summary>
    public static Measurement AtLeast(string name, double value, string unit, double bar) => new(name, value, unit, bar, null, value >= bar);
}
