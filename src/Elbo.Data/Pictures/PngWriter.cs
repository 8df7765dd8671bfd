using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Elbo.Images;

namespace Elbo.Data.Pictures;

/// <summary>Writes pictures of 8 bits a channel as PNG files. The same pixels give the same bytes.</summary>
public static class PngWriter
{
    private const byte Grey = 0;
    private const byte Colour = 2;

    /// <summary>Writes one image of a set, whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="images">The set; grey or colour.</param>
    /// <param name="image">Which, from 0.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">The set has neither one channel nor three.</exception>
    public static void Write(string path, ImageSet images, int image = 0)
    {
        ArgumentNullException.ThrowIfNull(images);
        var bytes = Encode(images.Width, images.Height, images.Channels, images.Pixels(image));
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>The bytes of a PNG file.</summary>
    /// <param name="width">Columns of pixels.</param>
    /// <param name="height">Rows of pixels.</param>
    /// <param name="channels">1 for grey, 3 for red, green and blue.</param>
    /// <param name="pixels">Row by row, channel by channel within a pixel.</param>
    /// <exception cref="ArgumentException">The pixels are not as many as that.</exception>
    public static byte[] Encode(int width, int height, int channels, ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3))
            throw new ArgumentException($"Pictures have 1 channel, grey, or 3, not {channels}.", nameof(channels));
        if (pixels.Length != (long)width * height * channels)
            throw new ArgumentException($"{pixels.Length} bytes for a picture of {height} x {width} pixels with {channels} channels.", nameof(pixels));

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, channels == 1 ? Grey : Colour);

        using var file = new MemoryStream();
        file.Write(PngChunks.Signature);
        Add(file, "IHDR", header);
        Add(file, "IDAT", Compress(pixels, width * channels));
        Add(file, "IEND", []);
        return file.ToArray();
    }

    // Each row is written as its difference from the row above, which leaves zeros where the picture is even: good for grids of images and for plots.
    private static byte[] Compress(ReadOnlySpan<byte> pixels, int rowLength)
    {
        const byte up = 2;
        using var bytes = new MemoryStream();
        using (var zlib = new ZLibStream(bytes, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var row = new byte[1 + rowLength];
            row[0] = up;
            ReadOnlySpan<byte> above = new byte[rowLength];
            for (var at = 0; at < pixels.Length; at += rowLength)
            {
                var here = pixels.Slice(at, rowLength);
                for (var i = 0; i < rowLength; i++)
                    row[1 + i] = (byte)(here[i] - above[i]);
                zlib.Write(row);
                above = here;
            }
        }

        return bytes.ToArray();
    }

    private static void Add(Stream file, string name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. data];
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(named));
        file.Write(number);
    }
}
