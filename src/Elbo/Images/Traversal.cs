using Elbo.Autoencoders;
using Elbo.Diagnostics;

namespace Elbo.Images;

/// <summary>What single latent numbers do to an image: one is moved while the others stay.</summary>
public static class Traversal
{
    /// <summary>Images by a model of images: for each latent number in turn its means of the pixels as that number goes through some values.</summary>
    /// <param name="model">The model.</param>
    /// <param name="latents">Latent numbers to move, from 0.</param>
    /// <param name="values">The values that each goes through.</param>
    /// <param name="from">The code that the others stay at; null for 0, the middle of the prior.</param>
    /// <returns>As many images as there are values, for one latent number after the other.</returns>
    /// <exception cref="ArgumentException">The model is not of images, a latent number is none of its, or the code has another size.</exception>
    public static ImageSet Of(Vae model, IReadOnlyList<int> latents, IReadOnlyList<double> values, IReadOnlyList<double>? from = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(latents);
        ArgumentNullException.ThrowIfNull(values);
        var size = model.Network.Latent;
        var shape = model.Description?.Shape ?? throw new ArgumentException("The model is not of images, so there is nothing to be seen.", nameof(model));
        if (latents.Count == 0 || values.Count == 0)
            throw new ArgumentException("There is nothing to move, or nowhere to move it to; give latent numbers and values.", nameof(latents));
        if (latents.Any(j => j < 0 || j >= size))
            throw new ArgumentException($"The model has latent numbers 0 to {size - 1}; {latents.First(j => j < 0 || j >= size)} is none of them.", nameof(latents));
        from ??= new double[size];
        if (from.Count != size)
            throw new ArgumentException($"The code has {from.Count} numbers, and those of the model {size}.", nameof(from));
        var codes = new float[latents.Count * values.Count * size];
        for (var i = 0; i < codes.Length; i++)
        {
            var (code, j) = Math.DivRem(i, size);
            codes[i] = (float)(latents[code / values.Count] == j ? values[code % values.Count] : from[j]);
        }
        return ImageSet.Of(shape.Height, shape.Width, shape.Channels, model.Decode(new Points(codes, size)));
    }
}
