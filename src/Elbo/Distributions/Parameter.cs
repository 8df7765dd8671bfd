using Elbo.Compute;

namespace Elbo.Distributions;

/// <summary>One parameter of a distribution.</summary>
/// <param name="Name">Its name, for errors.</param>
/// <param name="Value">What was given.</param>
/// <param name="Domain">Where it has to lie.</param>
public readonly record struct Parameter(string Name, Value Value, Support Domain)
{
    /// <summary>The axes over which distributions of this parameter differ: those in front of its own.</summary>
    public Shape BatchShape => Shape.Create(Value.Shape.AsSpan()[..^Math.Min(Domain.EventRank, Value.Shape.Rank)]);
}
