using Elbo.Objectives;

namespace Elbo.Cli.Commands;

/// <summary>What is charged for the divergence so that latent numbers tell of factors one by one, as said on the command line, such as tc=6.</summary>
/// <param name="Objective">The objective that it takes; null for the usual one.</param>
/// <param name="Budget">The charge, by how many epochs are trained for; null for the usual one.</param>
internal sealed record Disentangling(Objective? Objective, Func<int, DivergenceBudget?> Budget)
{
    /// <summary>What may be said.</summary>
    public const string Words = "beta=X, capacity=NATS, tc=X, factor=X, dip=X or dip2=X, with X above 0, as in tc=6";

    // What a nat beside the capacity costs, and over which share of the epochs it grows.
    private const double CapacityWeight = 30;
    private const double CapacityShare = 0.5;

    /// <summary>The charge of a text; null for text that is none.</summary>
    public static Disentangling? Parse(string text)
    {
        var parts = text.ToLowerInvariant().Split('=', 2);
        if (parts.Length != 2 || OptionOf.Real(parts[1]) is not { } x || x <= 0)
            return null;
        return parts[0] switch
        {
            "beta" => new(Objective.Tempered(x), _ => null),
            "capacity" => new(null, epochs => DivergenceBudget.Capacity(x, CapacityWeight, (int)Math.Ceiling(CapacityShare * epochs))),
            "tc" => Of(DivergenceBudget.TotalCorrelation(x)),
            "factor" => Of(DivergenceBudget.DensityRatio(x)),
            "dip" => Of(DivergenceBudget.Covariance(x)),
            "dip2" => Of(DivergenceBudget.Covariance(x, of: CovarianceOf.Codes)),
            _ => null,
        };
    }

    private static Disentangling Of(DivergenceBudget budget) => new(null, _ => budget);
}
