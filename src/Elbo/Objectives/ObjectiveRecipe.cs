namespace Elbo.Objectives;

/// <summary>The objectives there are.</summary>
public enum ObjectiveFamily
{
    /// <summary><see cref="Objective.Elbo"/> and <see cref="Objective.Tempered"/>.</summary>
    Elbo,

    /// <summary><see cref="Objective.PathDerivative"/>.</summary>
    PathDerivative,

    /// <summary><see cref="Objective.ImportanceWeighted"/> and <see cref="Objective.Renyi"/>.</summary>
    Renyi,

    /// <summary><see cref="Objective.ScoreFunction"/>.</summary>
    ScoreFunction,

    /// <summary><see cref="Objective.NaturalGradient"/>.</summary>
    NaturalGradient,
}

/// <summary>What it takes to make an objective again: to keep it in a file.</summary>
/// <param name="Family">Which objective.</param>
public sealed record ObjectiveRecipe(ObjectiveFamily Family)
{
    /// <summary>Draws that a bound is made of: K of the importance-weighted bound.</summary>
    public int Draws { get; init; } = 1;

    /// <summary>α of Rényi's bound: 0 is the importance-weighted one.</summary>
    public double Order { get; init; }

    /// <summary>Whether the gradients of Rényi's bound are doubly reparameterised.</summary>
    public bool IsDoublyReparameterised { get; init; } = true;

    /// <summary>β, the weight of the divergence of the ELBO.</summary>
    public double DivergenceWeight { get; init; } = 1;

    /// <summary>λ, the weight of the likelihood of the ELBO.</summary>
    public double LikelihoodWeight { get; init; } = 1;

    /// <summary>Whether the score function goes place by place.</summary>
    public bool IsByPlace { get; init; } = true;

    /// <summary>The objective.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Objective Make() => Family switch
    {
        ObjectiveFamily.Elbo when DivergenceWeight == 1 && LikelihoodWeight == 1 => Objective.Elbo,
        ObjectiveFamily.Elbo => Objective.Tempered(DivergenceWeight, LikelihoodWeight),
        ObjectiveFamily.PathDerivative => Objective.PathDerivative,
        ObjectiveFamily.Renyi => Objective.Renyi(Order, Draws, IsDoublyReparameterised),
        ObjectiveFamily.ScoreFunction => Objective.ScoreFunction(IsByPlace),
        ObjectiveFamily.NaturalGradient => Objective.NaturalGradient,
        _ => throw new ArgumentOutOfRangeException(nameof(Family), Family, "No such objective."),
    };
}
