using Elbo.Autoencoders;
using Elbo.Images;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Diffusion;

/// <summary>All that a diffusion model of images is apart from its weights: with them, enough to make it again.</summary>
/// <param name="Shape">Height, width, channels.</param>
/// <param name="Shades">Of each number: 256 of 8 bits.</param>
/// <param name="Parts">The parts of the model.</param>
/// <param name="Images">Images that it was fitted to.</param>
/// <param name="Training">How it was trained.</param>
public sealed record ImageDiffusionDescription(RowShape Shape, int Shades, DiffusionOptions Parts, int Images, TrainingOptions Training)
{
    /// <summary>The label that images are modelled given; null for none.</summary>
    public LabelModel? Label { get; init; }

    /// <summary>What a model of images would be.</summary>
    /// <param name="images">The images.</param>
    /// <param name="shades">Shades of each number.</param>
    /// <param name="parts">The parts of the model.</param>
    /// <param name="training">How to train it.</param>
    /// <exception cref="ArgumentException">Parts do not go together, or images are smaller than the network needs; the message says which and why.</exception>
    public static ImageDiffusionDescription Of(ImageSet images, int shades, DiffusionOptions parts, TrainingOptions training)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(training);
        training.Check();
        var description = new ImageDiffusionDescription(new(images.Height, images.Width, images.Channels), shades, parts, images.Count, training);
        using var model = description.Begin(1);
        return description with { Parts = model.Options };
    }

    /// <summary>The model, untrained.</summary>
    /// <param name="threads">Threads to share the work among; null for all the machine has.</param>
    public DiffusionModel Begin(int? threads = null) => DiffusionModel.Make(Shape, Readout.ShadesOf(Shades), Parts, Label?.Classes.Count ?? 0, threads);
}
