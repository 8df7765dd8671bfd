using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>Several layers of latent numbers in place of one, p(z_L)…p(z₁|z₂)p(x|z₁): a recipe.</summary>
public abstract record Hierarchy
{
    private protected Hierarchy()
    {
    }

    /// <summary>Layers of fully connected networks.</summary>
    /// <param name="latents">Numbers of each layer, from the data up.</param>
    /// <param name="hidden">Hidden layers of each network; none for affine maps.</param>
    /// <param name="posterior">How q(z|x) is factorised.</param>
    /// <param name="activation">The nonlinearity between layers.</param>
    public static Hierarchy FullyConnected(IReadOnlyList<int> latents, IReadOnlyList<int> hidden, HierarchyPosterior posterior = HierarchyPosterior.TopDown, Activation activation = Activation.Tanh) =>
        new FullyConnectedHierarchy(latents, hidden, posterior, activation);

    /// <exception cref="ArgumentException">A size is out of its range; the message names it.</exception>
    internal abstract void Check();

    internal abstract LatentNetwork Begin(LatentSetting setting, double decoderScale);
}

/// <summary>Layers of fully connected networks.</summary>
/// <param name="Latents">Numbers of each layer, from the data up.</param>
/// <param name="Hidden">Hidden layers of each network.</param>
/// <param name="Posterior">How q(z|x) is factorised.</param>
/// <param name="Activation">The nonlinearity between layers.</param>
public sealed record FullyConnectedHierarchy(IReadOnlyList<int> Latents, IReadOnlyList<int> Hidden, HierarchyPosterior Posterior, Activation Activation) : Hierarchy
{
    internal override void Check()
    {
        if (Latents.Count == 0 || Latents.Any(n => n < 1) || Hidden.Any(n => n < 1))
            throw new ArgumentException($"A hierarchy needs at least one layer of at least one number, and hidden layers of at least one unit; layers ({string.Join(", ", Latents)}) and hidden layers ({string.Join(", ", Hidden)}) were asked for.");
    }

    internal override LatentNetwork Begin(LatentSetting setting, double decoderScale) =>
        new GaussianHierarchy(setting.Features, setting.Parameters, Latents, Hidden, Posterior, setting.Random, Activation, decoderScale);
}
