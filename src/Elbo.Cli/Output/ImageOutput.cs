using Elbo.Data;
using Elbo.Data.Pictures;
using Elbo.Images;

namespace Elbo.Cli.Output;

/// <summary>Where images go: into one picture, or into an array.</summary>
internal sealed class ImageOutput
{
    private readonly Terminal _terminal;
    private readonly string _path;

    /// <exception cref="UsageException">The name of the file does not say what it is to be.</exception>
    public ImageOutput(Terminal terminal, string? path)
    {
        (_terminal, _path) = (terminal, path ?? throw new UsageException("Images need a file to go to: say -o FILE.png for a picture of all of them, or -o FILE.npy for an array."));
        if (!IsPicture && !path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"{path}: images are written as one picture (.png) or as an array of NumPy (.npy). Choose a name that ends so.");
    }

    /// <summary>Whether they go into one picture.</summary>
    public bool IsPicture => _path.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="columns">Images beside each other in a picture; null for about as many as below each other.</param>
    /// <param name="what">What they are, for the message.</param>
    public void Write(ImageSet images, int? columns, string what)
    {
        // Small images are enlarged, so that their pixels are seen.
        const int usualSize = 40;
        if (IsPicture)
            PngWriter.Write(_path, ImageGrid.Of(images, columns: columns, enlarge: Math.Max(1, usualSize / Math.Max(images.Height, images.Width))));
        else
            NumpyWriter.Write(_path, images);
        new TableOutput(_terminal, _path).Done(what);
    }
}
