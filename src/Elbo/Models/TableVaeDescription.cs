using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Models;

/// <summary>All that a table model is apart from its weights: with them, enough to make it again.</summary>
/// <param name="Columns">The columns in the order of the training table.</param>
/// <param name="Latent">The number of latent dimensions.</param>
/// <param name="Hidden">Sizes of the hidden layers.</param>
/// <param name="Activation">The nonlinearity.</param>
/// <param name="DecoderScale">The scale of the decoder's initial output weights.</param>
/// <param name="Seed">The seed of the fit.</param>
/// <param name="Rows">Rows of the table it was fitted to.</param>
/// <param name="Training">How it was trained.</param>
public sealed record TableVaeDescription(
    IReadOnlyList<ModelledColumn> Columns, int Latent, IReadOnlyList<int> Hidden, Activation Activation, double DecoderScale, ulong Seed, int Rows, TrainingOptions Training)
{
    /// <summary>The family of q(z|x).</summary>
    public CodePosterior Posterior { get; init; } = CodePosterior.Diagonal;

    /// <summary>The family of p(z).</summary>
    public CodePrior Prior { get; init; } = CodePrior.StandardNormal;

    /// <summary>Why cells are missing, with the columns named whose holes are modelled.</summary>
    public Missingness Missing { get; init; } = Missingness.Ignorable;
}
