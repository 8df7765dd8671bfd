using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Images;
using Elbo.Likelihoods;

namespace Elbo.Cli.Commands;

/// <summary>A model of images from its file, and where wanted images read for it.</summary>
internal sealed class OpenedImages : IDisposable
{
    private readonly ImageReadResult? _read;

    private OpenedImages(ImageModelFile file, Vae model, ImageReadResult? read) => (File, Model, _read) = (file, model, read);

    public ImageModelFile File { get; }

    public Vae Model { get; }

    public ImageReadResult Read => _read!;

    /// <summary>Opens a model.</summary>
    public static OpenedImages Open(string path, ImageModelFile file, int? threads) => new(file, file.Open(path, threads), null);

    /// <summary>Opens a model and reads images of its size.</summary>
    /// <exception cref="UsageException">The images are not such as it was fitted to.</exception>
    public static OpenedImages Open(string path, ImageModelFile file, int? threads, string data, Terminal terminal)
    {
        var read = ImageReader.Read(data, ReadingFor(file, ImageReadOptions.Default));
        foreach (var notice in read.Notices)
            terminal.Notice(notice);
        var (shape, options, images) = (file.Description.Shape, file.Description.Options, read.Images);
        if ((images.Height, images.Width, images.Channels) != (shape.Height, shape.Width, shape.Channels))
        {
            throw new UsageException(
                $"{data}: its images have {images.Height} x {images.Width} pixels{FitText.Colours(images.Channels)}; {path} is a model of {shape.Height} x {shape.Width} pixels{FitText.Colours(shape.Channels)}.");
        }

        if (options is { Likelihood: PixelLikelihood.Bernoulli, Binarisation: Binarisation.None } && !images.IsBinary)
            throw new UsageException($"{data}: its images have shades between black and white; {path} is a model of images without, which gives shades no probability.");
        return new(file, file.Open(path, threads), read);
    }

    /// <summary>How images are read for a model: their size is known.</summary>
    public static ImageReadOptions ReadingFor(ImageModelFile file, ImageReadOptions asked) =>
        asked.Shape is null && file.Description.Shape is { Channels: 1 or 3 } shape ? asked with { Shape = new(shape.Height, shape.Width, shape.Channels) } : asked;

    /// <summary>Numbers from 0 to 1 as images of the model's size.</summary>
    public ImageSet AsImages(ReadOnlySpan<float> values)
    {
        var shape = File.Description.Shape;
        return ImageSet.Of(shape.Height, shape.Width, shape.Channels, values);
    }

    public void Dispose() => Model.Dispose();
}
