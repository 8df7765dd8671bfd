namespace Elbo.Diagnostics;

/// <summary>What annealed importance sampling begins with.</summary>
public enum AnnealingStart
{
    /// <summary>q(z|x): the way is short where q is good, which makes it the better one by far for a trained model.</summary>
    Posterior,

    /// <summary>p(z): the way owes nothing to q, so it finds what q has missed, given enough temperatures.</summary>
    Prior,
}

/// <summary>How the evidence of rows is annealed.</summary>
public sealed record AnnealingOptions
{
    /// <summary>What chains begin with.</summary>
    public AnnealingStart Start { get; init; } = AnnealingStart.Posterior;

    /// <summary>Temperatures on the way of each chain, spaced by a sigmoid. From the prior some thousands may be needed (Wu and others, 2017, took 10,000).</summary>
    public int Temperatures { get; init; } = 500;

    /// <summary>Chains of each row, which run side by side.</summary>
    public int Chains { get; init; } = 16;

    /// <summary>Steps of each Hamiltonian trajectory, of which there is one at each temperature.</summary>
    public int Leapfrogs { get; init; } = 10;

    /// <summary>The share of trajectories to be accepted. Step sizes are adapted to it row by row, on chains of their own, a quarter as long, so that no weight depends on them.</summary>
    public double Acceptance { get; init; } = 0.65;

    /// <summary>Rows at a time; null for as many as make 1,600 chains or fewer.</summary>
    public int? Batch { get; init; }

    /// <summary>The seed of all draws.</summary>
    public ulong Seed { get; init; } = 1;

    internal AnnealedWay Way => new(Temperatures, Leapfrogs, Acceptance, Math.Min(32, Temperatures));

    internal int BatchOf(int rows) => Math.Max(1, Math.Min(rows, Batch ?? 1600 / Chains));

    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    internal void Check()
    {
        Require(Temperatures >= 1, nameof(Temperatures), Temperatures, "at least 1");
        Require(Chains >= 1, nameof(Chains), Chains, "at least 1");
        Require(Leapfrogs >= 1, nameof(Leapfrogs), Leapfrogs, "at least 1");
        Require(Acceptance is > 0 and < 1, nameof(Acceptance), Acceptance, "between 0 and 1");
        Require(Batch is null or >= 1, nameof(Batch), Batch, "at least 1");
    }

    private static void Require(bool holds, string option, object? value, string range)
    {
        if (!holds)
            throw new ArgumentException($"{option} is {value}; it must be {range}.");
    }
}
