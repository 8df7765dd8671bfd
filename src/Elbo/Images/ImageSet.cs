using Elbo.Autoencoders;

namespace Elbo.Images;

/// <summary>
/// Images of one size with 8 bits a channel, as numbers from 0 to 1. It never changes once made.
/// </summary>
public sealed class ImageSet : IRows
{
    private readonly ReadOnlyMemory<byte> _pixels;

    /// <summary>A set of images.</summary>
    /// <param name="height">Rows of pixels, at least 1.</param>
    /// <param name="width">Columns of pixels, at least 1.</param>
    /// <param name="channels">1 for grey, 3 for colour.</param>
    /// <param name="pixels">Image by image, row by row, channel by channel within a pixel. They are kept, not copied: the caller must not change them afterwards.</param>
    /// <exception cref="ArgumentException">The bytes are not a whole number of images.</exception>
    public ImageSet(int height, int width, int channels, ReadOnlyMemory<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        (Height, Width, Channels, _pixels) = (height, width, channels, pixels);
        if (pixels.Length % Size != 0)
            throw new ArgumentException($"{pixels.Length} bytes are no whole number of images of {height} x {width} pixels with {channels} channels, {Size} bytes each.", nameof(pixels));
        Count = pixels.Length / Size;
        IsBinary = !pixels.Span.ContainsAnyExcept((byte)0, (byte)255);
    }

    /// <summary>Images of numbers from 0 to 1, each rounded to 8 bits; what lies outside is brought to the nearer end.</summary>
    /// <param name="height">Rows of pixels, at least 1.</param>
    /// <param name="width">Columns of pixels, at least 1.</param>
    /// <param name="channels">1 for grey, 3 for colour.</param>
    /// <param name="values">Image by image, row by row, channel by channel within a pixel.</param>
    /// <exception cref="ArgumentException">The numbers are not a whole number of images.</exception>
    public static ImageSet Of(int height, int width, int channels, ReadOnlySpan<float> values)
    {
        var pixels = new byte[values.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Round(255 * Math.Clamp(values[i], 0f, 1f), MidpointRounding.AwayFromZero);
        return new(height, width, channels, pixels);
    }

    /// <summary>How many images.</summary>
    public int Count { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>Columns of pixels.</summary>
    public int Width { get; }

    /// <summary>Numbers a pixel: 1 for grey, 3 for colour.</summary>
    public int Channels { get; }

    /// <summary>Numbers an image: height x width x channels.</summary>
    public int Size => Height * Width * Channels;

    /// <summary>Whether each number is 0 or 255.</summary>
    public bool IsBinary { get; }

    /// <inheritdoc/>
    public bool HasMissing => false;

    /// <summary>The bytes of an image, row by row.</summary>
    public ReadOnlySpan<byte> Pixels(int image) => _pixels.Span.Slice(image * Size, Size);

    /// <summary>Some of the images, in the order given.</summary>
    /// <param name="images">Their indices, from 0.</param>
    public ImageSet Select(ReadOnlySpan<int> images)
    {
        var pixels = new byte[(long)images.Length * Size];
        for (var i = 0; i < images.Length; i++)
            Pixels(images[i]).CopyTo(pixels.AsSpan(i * Size));
        return new(Height, Width, Channels, pixels);
    }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var pixels = Pixels(rows[i]);
            var to = values.Slice(i * Size, Size);
            for (var j = 0; j < to.Length; j++)
                to[j] = pixels[j] * (1f / 255);
        }
        values[(rows.Length * Size)..].Clear();
        mask[..(Math.Min(mask.Length, rows.Length * Size))].Fill(1);
        mask[Math.Min(mask.Length, rows.Length * Size)..].Clear();
    }
}
