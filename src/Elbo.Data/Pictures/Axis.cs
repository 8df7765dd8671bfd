namespace Elbo.Data.Pictures;

/// <summary>An axis of a plot.</summary>
/// <param name="Label">What it measures and in which unit; may be empty.</param>
public sealed record Axis(string Label = "")
{
    /// <summary>Whether equal steps are equal factors. What is not above zero is then left out.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Where it begins; null for where the values do.</summary>
    public double? From { get; init; }

    /// <summary>Where it ends; null for where the values do.</summary>
    public double? To { get; init; }
}
