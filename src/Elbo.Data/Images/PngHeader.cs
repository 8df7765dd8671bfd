using System.Buffers.Binary;

namespace Elbo.Data;

/// <summary>What a picture in a PNG file is.</summary>
/// <param name="Width">Columns of pixels.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Depth">Bits a number: 1, 2, 4, 8 or 16.</param>
/// <param name="Colour">0 grey, 2 colour, 3 a palette, 4 grey with opacity, 6 colour with opacity.</param>
/// <param name="IsInterlaced">Whether it is written in the seven passes of Adam7.</param>
internal sealed record PngHeader(int Width, int Height, int Depth, int Colour, bool IsInterlaced)
{
    // Where each pass of Adam7 begins, and how far its pixels lie apart.
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Numbers a pixel in the file.</summary>
    public int Channels => Colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>Bits a pixel in the file.</summary>
    public int BitsPerPixel => Depth * Channels;

    /// <summary>The passes in which the pixels are written, those without a pixel left out.</summary>
    public IEnumerable<PngPass> Passes => (IsInterlaced ? Adam7 : [(0, 0, 1, 1)])
        .Select(p => new PngPass(p.X, p.Y, p.StepX, p.StepY, (Width - p.X + p.StepX - 1) / p.StepX, (Height - p.Y + p.StepY - 1) / p.StepY))
        .Where(p => p.Width > 0 && p.Height > 0);

    /// <summary>Bytes of a row of a pass, without the byte of its filter.</summary>
    public long RowBytes(PngPass pass) => (((long)pass.Width * BitsPerPixel) + 7) / 8;

    /// <summary>Reads the chunk IHDR.</summary>
    /// <exception cref="DataException">It is not one that the format allows, or larger than memory holds in one piece.</exception>
    public static PngHeader Read(ReadOnlySpan<byte> data, string file)
    {
        if (data.Length != 13)
            throw PngChunks.Damaged(file, $"its header has {data.Length} bytes where 13 belong");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));
        var (depth, colour) = (data[8], data[9]);
        var isKnown = colour switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            2 or 4 or 6 => depth is 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            _ => false,
        };
        if (!isKnown || data[10] != 0 || data[11] != 0 || data[12] > 1 || width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw PngChunks.Damaged(file, $"its header is not sound ({width} x {height}, {depth} bits, colour type {colour})");
        if ((Int128)width * height * 8 > Array.MaxLength)
            throw new DataException(file, $"its header gives {width} x {height} pixels, more than are read", "Make the picture smaller, or copy it again if that is not its size");
        return new((int)width, (int)height, depth, colour, data[12] == 1);
    }
}

/// <summary>A pass of an interlaced picture, or the only one.</summary>
/// <param name="X">Its first column.</param>
/// <param name="Y">Its first row.</param>
/// <param name="StepX">Columns from one of its pixels to the next.</param>
/// <param name="StepY">Rows from one to the next.</param>
/// <param name="Width">Its pixels a row.</param>
/// <param name="Height">Its rows.</param>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Width, int Height);
