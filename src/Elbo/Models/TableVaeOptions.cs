using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Networks;

namespace Elbo.Models;

/// <summary>The shape of a variational autoencoder of tables.</summary>
public sealed record TableVaeOptions
{
    /// <summary>Latent dimensions; null for about half the columns, between 2 and 10.</summary>
    public int? Latent { get; init; }

    /// <summary>Sizes of the hidden layers of the encoder, and in reverse of the decoder; empty for affine maps.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [128];

    /// <summary>The nonlinearity between layers.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>The family of q(z|x).</summary>
    public CodePosterior Posterior { get; init; } = CodePosterior.Diagonal;

    /// <summary>The family of p(z).</summary>
    public CodePrior Prior { get; init; } = CodePrior.StandardNormal;

    /// <summary>The column that is a label: latent where it is missing, and summed out (see <see cref="LabelledNetwork"/>); null for none.</summary>
    public string? Label { get; init; }

    /// <summary>p(y) of the label; null for how frequent its classes are where it is known.</summary>
    public IReadOnlyList<double>? LabelPrior { get; init; }

    /// <summary>Likelihoods for columns by name, where the default is not wanted.</summary>
    public IReadOnlyDictionary<string, LikelihoodKind> Likelihoods { get; init; } = new Dictionary<string, LikelihoodKind>();

    /// <summary>Why cells are missing. Where it is not ignored, bounds are of the known cells and of the pattern of holes together.</summary>
    public Missingness Missing { get; init; } = Missingness.Ignorable;

    /// <summary>Decides the initial weights, the held-out rows, the order of rows and every draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Multiplies the initial weights of the decoder's last layer. Small weights make every row look alike to begin with, so
    /// that the code is the only way to do better: the remedy against posterior collapse that costs nothing.
    /// </summary>
    public double DecoderScale { get; init; } = 0.1;
}
