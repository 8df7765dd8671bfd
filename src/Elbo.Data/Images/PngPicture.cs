namespace Elbo.Data;

/// <summary>A picture from a PNG file, 8 bits a channel.</summary>
/// <param name="Width">Columns of pixels.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Depth">Bits a channel in the file.</param>
/// <param name="Pixels">Red, green, blue and opacity of each pixel, row by row.</param>
internal sealed record PngPicture(int Width, int Height, int Depth, byte[] Pixels)
{
    /// <summary>Whether each pixel is as red as it is green and blue.</summary>
    public bool IsGrey { get; } = AreGrey(Pixels);

    /// <summary>Whether a pixel lets something through.</summary>
    public bool IsTransparent { get; } = AreTransparent(Pixels);

    /// <summary>The pixels laid over white: one byte each, or three.</summary>
    public byte[] OverWhite(int channels)
    {
        var bytes = new byte[Pixels.Length / 4 * channels];
        for (int from = 0, to = 0; from < Pixels.Length; from += 4)
        {
            for (var c = 0; c < channels; c++)
                bytes[to++] = ImageArrangement.OverWhite(Pixels[from + c], Pixels[from + 3]);
        }

        return bytes;
    }

    private static bool AreGrey(byte[] pixels)
    {
        for (var i = 0; i < pixels.Length; i += 4)
        {
            if (pixels[i] != pixels[i + 1] || pixels[i] != pixels[i + 2])
                return false;
        }

        return true;
    }

    private static bool AreTransparent(byte[] pixels)
    {
        for (var i = 3; i < pixels.Length; i += 4)
        {
            if (pixels[i] != 255)
                return true;
        }

        return false;
    }
}
