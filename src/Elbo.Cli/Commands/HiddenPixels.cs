using Elbo.Data;
using Elbo.Images;

namespace Elbo.Cli.Commands;

/// <summary>Which pixels of images are missing: a half, the middle, or where the images of a file are black.</summary>
internal sealed record HiddenPixels(string Text)
{
    public const string Words = "top, bottom, left, right, middle, or a file of images of the same size that are black where pixels are missing";

    private bool IsHalf => Text is "top" or "bottom" or "left" or "right" or "middle";

    /// <summary>Whether each number of each image is known.</summary>
    public bool[] IsKnown(ImageSet images, string data)
    {
        var masks = IsHalf ? null : File.Exists(Text) || Directory.Exists(Text) ? ImageReader.Read(Text, ImageReadOptions.Default with { Shape = new(images.Height, images.Width, images.Channels) }).Images
            : throw new UsageException($"--hide is '{Text}', but must be {Words}.");
        if (masks is not null && ((masks.Height, masks.Width, masks.Channels) != (images.Height, images.Width, images.Channels) || (masks.Count != 1 && masks.Count < images.Count)))
            throw new UsageException($"--hide: {Text} holds {masks.Count} images of {masks.Height} x {masks.Width} pixels, and those of {data} have {images.Height} x {images.Width}. Give one of this size for all, or one for each.");
        var isKnown = new bool[images.Count * images.Size];
        for (var i = 0; i < isKnown.Length; i++)
        {
            var (image, pixel) = (i / images.Size, i % images.Size / images.Channels);
            isKnown[i] = masks is null ? !IsIn(pixel / images.Width, pixel % images.Width, images) : masks.Pixels(masks.Count == 1 ? 0 : image)[i % images.Size] != 0;
        }

        return isKnown;
    }

    private bool IsIn(int row, int column, ImageSet images) => Text switch
    {
        "top" => 2 * row < images.Height,
        "bottom" => 2 * row >= images.Height,
        "left" => 2 * column < images.Width,
        "right" => 2 * column >= images.Width,
        _ => 4 * row >= images.Height && 4 * row < 3 * images.Height && 4 * column >= images.Width && 4 * column < 3 * images.Width,
    };
}
