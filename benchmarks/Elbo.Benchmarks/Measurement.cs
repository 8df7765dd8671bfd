namespace Elbo.Benchmarks;

/// <summary>One figure a benchmark reports.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Bar">What <paramref name="Ratio"/> should reach, if anything was set.</param>
/// <param name="Ratio">The figure relative to what it is compared with, the peak of the core for instance.</param>
/// <param name="Holds">Whether the bar is reached; null without a bar.</param>
public sealed record Measurement(string Name, double Value, string Unit, double? Bar, double? Ratio, bool? Holds);
