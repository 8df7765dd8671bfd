using Elbo.Likelihoods;
using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>The parts of a variational autoencoder of images.</summary>
public sealed record VaeOptions
{
    /// <summary>Latent dimensions.</summary>
    public int Latent { get; init; } = 20;

    /// <summary>Several layers of latent numbers, whose networks, numbers and q(z|x) then take the place of <see cref="Latent"/>, <see cref="Architecture"/>, <see cref="Posterior"/> and <see cref="Prior"/>; null for one layer.</summary>
    public Hierarchy? Hierarchy { get; init; }

    /// <summary>The kind of networks.</summary>
    public Architecture Architecture { get; init; } = Architecture.FullyConnected([400], Activation.Relu);

    /// <summary>The family of q(z|x).</summary>
    public CodePosterior Posterior { get; init; } = CodePosterior.Diagonal;

    /// <summary>The family of p(z).</summary>
    public CodePrior Prior { get; init; } = CodePrior.StandardNormal;

    /// <summary>A label that is latent where it is not observed, and summed out: see <see cref="LabelledNetwork"/>; null for none.</summary>
    public LabelModel? Label { get; init; }

    /// <summary>The family of a pixel; null for <see cref="PixelLikelihood.Bernoulli"/> where images are binary, or are made so, and for <see cref="PixelLikelihood.DiscretisedLogistic"/> where they are not.</summary>
    public PixelLikelihood? Likelihood { get; init; }

    /// <summary>How images become binary; null for <see cref="Likelihoods.Binarisation.Draw"/> where a Bernoulli likelihood is asked for and they are not.</summary>
    public Binarisation? Binarisation { get; init; }

    /// <summary>Decides the initial weights, the held-out rows, the order of rows and every draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Multiplies the initial weights of the decoder's last layer: see <see cref="Models.TableVaeOptions.DecoderScale"/>.</summary>
    public double DecoderScale { get; init; } = 0.1;

    /// <summary>The same with everything decided that depends on the images.</summary>
    /// <param name="images">The images to fit.</param>
    /// <exception cref="ArgumentException">A part is out of its range, or parts do not go together; the message says which and why.</exception>
    public VaeOptions For(Images.ImageSet images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (Latent < 1)
            throw new ArgumentException($"Latent is {Latent}; it must be at least 1.");
        if (!(DecoderScale > 0 && double.IsFinite(DecoderScale)))
            throw new ArgumentException($"DecoderScale is {DecoderScale}; it must be above 0.");
        if (Label is not null && Hierarchy is not null)
            throw new ArgumentException("A label goes with one layer of latent numbers; leave the hierarchy or the label out.");
        Hierarchy?.Check();
        Architecture.Check();
        Posterior.Check();
        Prior.Check(Latent, Posterior);
        var likelihood = Likelihood ?? (images.IsBinary || Binarisation is not (null or Likelihoods.Binarisation.None) ? PixelLikelihood.Bernoulli : PixelLikelihood.DiscretisedLogistic);
        var binarisation = Binarisation ?? (likelihood == PixelLikelihood.Bernoulli && !images.IsBinary ? Likelihoods.Binarisation.Draw : Likelihoods.Binarisation.None);
        if (likelihood == PixelLikelihood.Bernoulli && !images.IsBinary && binarisation == Likelihoods.Binarisation.None)
            throw new ArgumentException("The images have shades between black and white, to which a Bernoulli likelihood gives no density. Make them binary (Binarisation.Draw or Threshold), or use the ContinuousBernoulli or DiscretisedLogistic likelihood.");
        return this with { Likelihood = likelihood, Binarisation = binarisation };
    }
}

/// <summary>All that an autoencoder of images is apart from its weights: with them, enough to make it again.</summary>
/// <param name="Shape">Of an image.</param>
/// <param name="Options">Its parts, with nothing left open.</param>
/// <param name="Training">How it was trained.</param>
/// <param name="Images">How many images it was fitted to.</param>
public sealed record VaeDescription(RowShape Shape, VaeOptions Options, Training.TrainingOptions Training, int Images);
