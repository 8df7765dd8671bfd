using Elbo.Images;

namespace Elbo.Data.Pictures;

/// <summary>Images beside and below each other in one picture.</summary>
public static class ImageGrid
{
    /// <summary>Lays out images row by row.</summary>
    /// <param name="images">The images; where they are fewer than rows x columns, the rest stays empty.</param>
    /// <param name="rows">Rows of images, or null for as many as all images take.</param>
    /// <param name="columns">Columns of images, or null for about as many as there are rows.</param>
    /// <param name="gap">Pixels between images and around them, before they are enlarged.</param>
    /// <param name="shade">Brightness of the gaps and of what stays empty, 0 to 255.</param>
    /// <param name="enlarge">Each pixel becomes a square of so many.</param>
    /// <returns>A set of one image.</returns>
    public static ImageSet Of(ImageSet images, int? rows = null, int? columns = null, int gap = 2, byte shade = 128, int enlarge = 1)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);
        ArgumentOutOfRangeException.ThrowIfLessThan(enlarge, 1);
        var across = columns ?? (rows is { } given ? (images.Count + given - 1) / Math.Max(1, given) : (int)Math.Ceiling(Math.Sqrt(images.Count)));
        across = Math.Max(1, across);
        var down = Math.Max(1, rows ?? ((images.Count + across - 1) / across));

        var (height, width) = (((images.Height + gap) * down) + gap, ((images.Width + gap) * across) + gap);
        var pixels = new byte[checked(height * enlarge * width * enlarge * images.Channels)];
        Array.Fill(pixels, shade);
        for (var i = 0; i < Math.Min(images.Count, down * across); i++)
            Place(images, i, pixels, gap + (i / across * (images.Height + gap)), gap + (i % across * (images.Width + gap)), width, enlarge);
        return new(height * enlarge, width * enlarge, images.Channels, pixels);
    }

    private static void Place(ImageSet images, int image, byte[] pixels, int top, int left, int width, int enlarge)
    {
        var from = images.Pixels(image);
        var channels = images.Channels;
        for (var y = 0; y < images.Height * enlarge; y++)
        {
            for (var x = 0; x < images.Width * enlarge; x++)
            {
                var pixel = from.Slice((((y / enlarge) * images.Width) + (x / enlarge)) * channels, channels);
                pixel.CopyTo(pixels.AsSpan(((((top * enlarge) + y) * width * enlarge) + (left * enlarge) + x) * channels));
            }
        }
    }
}
