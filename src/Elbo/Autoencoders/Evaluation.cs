using Elbo.Diagnostics;
using Elbo.Objectives;

namespace Elbo.Autoencoders;

/// <summary>Bounds of rows under an autoencoder.</summary>
/// <param name="Bound">The ELBO and its terms.</param>
/// <param name="ImportanceWeighted">The tighter bound.</param>
/// <param name="ActiveLatents">Latent dimensions whose posterior mean varies over these rows.</param>
public sealed record Evaluation(Bound Bound, ImportanceWeightedBound ImportanceWeighted, int ActiveLatents)
{
    /// <summary>Latent dimensions in all.</summary>
    public int Latents { get; init; } = Bound.Latents.Count;

    /// <summary>A sentence if the code has collapsed, with remedies; otherwise null.</summary>
    public string? Collapse => PosteriorCollapse.Explain(Bound, ActiveLatents);
}
