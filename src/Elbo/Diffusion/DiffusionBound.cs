using Elbo.Diagnostics;

namespace Elbo.Diffusion;

/// <summary>The bound of rows under a diffusion model, −ln p(x) ≤ prior + steps + reconstruction, in nats per row: each with the standard error over rows.</summary>
/// <param name="Prior">L_T = KL(q(z_T|x)‖N(0, I)): exact for each row.</param>
/// <param name="Steps">The sum of L_{t−1} = E KL(q(z_{t−1}|z_t, x)‖p(z_{t−1}|z_t)) over t = 2 … T.</param>
/// <param name="Reconstruction">L_0 = −E ln p(x|z_1).</param>
/// <param name="Total">The negative ELBO.</param>
/// <param name="Levels">The terms one by one: of t = 1 first, which is L_0.</param>
/// <param name="Size">Numbers of a row.</param>
/// <param name="IsDiscrete">Whether the data are shades, so that bits mean what they do in compression.</param>
public sealed record DiffusionBound(Estimate Prior, Estimate Steps, Estimate Reconstruction, Estimate Total, IReadOnlyList<LevelTerm> Levels, int Size, bool IsDiscrete)
{
    /// <summary>How many rows it is of.</summary>
    public int Rows { get; init; }

    /// <summary>The ELBO, nats per row.</summary>
    public Estimate Elbo => Total with { Value = -Total.Value };

    /// <summary>The negative ELBO in bits per number: nats/(numbers·ln 2).</summary>
    public Estimate BitsPerNumber => InBits(Total);

    /// <summary>Any of the terms in bits per number.</summary>
    public Estimate InBits(Estimate nats) => new(nats.Value / (Size * Math.Log(2)), nats.StandardError / (Size * Math.Log(2)));
}

/// <summary>The term of the bound that belongs to a level.</summary>
/// <param name="Level">t, from 1: with least noise.</param>
/// <param name="Term">L_{t−1} in nats per row: of t = 1 the reconstruction.</param>
/// <param name="SquaredError">E‖ε − ε̂‖², whose mean over levels is the simple loss.</param>
/// <param name="Cost">What a squared error costs in the bound, nats; 0 for t = 1.</param>
public sealed record LevelTerm(int Level, Estimate Term, Estimate SquaredError, double Cost);
