using System.Buffers.Binary;
using System.IO.Compression;

namespace Elbo.Data;

/// <summary>
/// Reads pictures in the PNG format: grey, colour, palettes, opacity, 1 to 16 bits, interlaced or not (PNG specification, third edition, W3C 2025).
/// Gamma and colour profiles are not applied.
/// </summary>
internal sealed class PngReader
{
    private readonly string _file;
    private readonly PngHeader _header;
    private readonly ReadOnlyMemory<byte> _palette;
    private readonly ReadOnlyMemory<byte> _transparent;
    private readonly byte[] _compressed;

    private PngReader(ReadOnlyMemory<byte> bytes, string file)
    {
        _file = file;
        PngHeader? header = null;
        using var compressed = new MemoryStream();
        foreach (var (name, data) in PngChunks.Read(bytes, file))
        {
            switch (name)
            {
                case "IHDR" when header is null:
                    header = PngHeader.Read(data.Span, file);
                    break;
                case var _ when header is null:
                    throw PngChunks.Damaged(file, "its first part is not the header");
                case "PLTE":
                    _palette = data;
                    break;
                case "tRNS":
                    _transparent = data;
                    break;
                case "IDAT":
                    compressed.Write(data.Span);
                    break;
                case "IEND":
                    break;
                case [>= 'A' and <= 'Z', ..]:
                    throw PngChunks.Damaged(file, $"it has a part '{name}' without which it cannot be read and which is not known");
            }
        }

        _compressed = compressed.ToArray();
        _header = header ?? throw PngChunks.Damaged(file, "it has no header");
        if (_header.Colour == 3 && (_palette.Length is 0 or > 768 || _palette.Length % 3 != 0))
            throw PngChunks.Damaged(file, "its palette is missing or not sound");
        if (_header.Colour is 0 or 2 && !_transparent.IsEmpty && _transparent.Length != 2 * _header.Channels)
            throw PngChunks.Damaged(file, "the colour that it calls transparent is not sound");
    }

    /// <summary>Reads a picture.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="file">For errors.</param>
    /// <exception cref="DataException">The bytes are not a whole PNG file.</exception>
    public static PngPicture Read(ReadOnlyMemory<byte> bytes, string file) => new PngReader(bytes, file).Picture();

    private PngPicture Picture()
    {
        var count = _header.Passes.Sum(p => (1 + _header.RowBytes(p)) * p.Height);
        byte[] rows;
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(_compressed), CompressionMode.Decompress);
            rows = ExactRead.Bytes(zlib, count, read => PngChunks.Damaged(_file, $"its pixels end after {read} of {count} bytes"));
        }
        catch (InvalidDataException e)
        {
            throw PngChunks.Damaged(_file, "its pixels cannot be decompressed", e);
        }

        var pixels = new byte[4 * _header.Width * _header.Height];
        var at = 0;
        foreach (var pass in _header.Passes)
        {
            var length = (int)_header.RowBytes(pass);
            ReadOnlySpan<byte> above = new byte[length];
            for (var y = 0; y < pass.Height; y++)
            {
                var row = rows.AsSpan(at + 1, length);
                Unfilter(rows[at], row, above);
                Place(row, pixels, pass, y);
                above = row;
                at += 1 + length;
            }
        }

        return new(_header.Width, _header.Height, _header.Depth, pixels);
    }

    // Section 9: each byte was written as its difference from what its neighbours foretell.
    private void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above)
    {
        var step = Math.Max(1, _header.BitsPerPixel / 8);
        if (filter > 4)
            throw PngChunks.Damaged(_file, $"a row has the unknown filter {filter}");
        for (var i = 0; filter != 0 && i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => Paeth(left, up, corner),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        var (toLeft, toUp, toCorner) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - (2 * corner)));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private void Place(ReadOnlySpan<byte> row, byte[] pixels, PngPass pass, int y)
    {
        Span<int> numbers = stackalloc int[4];
        for (var x = 0; x < pass.Width; x++)
        {
            for (var c = 0; c < _header.Channels; c++)
                numbers[c] = Number(row, (x * _header.Channels) + c);
            var to = 4 * ((((long)pass.Y + ((long)y * pass.StepY)) * _header.Width) + pass.X + ((long)x * pass.StepX));
            Colour(numbers, pixels.AsSpan((int)to, 4));
        }
    }

    private int Number(ReadOnlySpan<byte> row, int index)
    {
        switch (_header.Depth)
        {
            case 8:
                return row[index];
            case 16:
                return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]);
            default:
                var bit = index * _header.Depth;
                return (row[bit / 8] >> (8 - _header.Depth - (bit % 8))) & ((1 << _header.Depth) - 1);
        }
    }

    private void Colour(ReadOnlySpan<int> numbers, Span<byte> pixel)
    {
        pixel[3] = 255;
        switch (_header.Colour)
        {
            case 0 or 4:
                pixel[..3].Fill(EightBits(numbers[0]));
                break;
            case 3:
                FromPalette(numbers[0], pixel);
                return;
            default:
                for (var c = 0; c < 3; c++)
                    pixel[c] = EightBits(numbers[c]);
                break;
        }

        if (_header.Colour is 4 or 6)
            pixel[3] = EightBits(numbers[_header.Channels - 1]);
        else if (!_transparent.IsEmpty && IsTransparent(numbers))
            pixel[3] = 0;
    }

    private void FromPalette(int index, Span<byte> pixel)
    {
        if (3 * index >= _palette.Length)
            throw PngChunks.Damaged(_file, $"a pixel has colour {index} of a palette of {_palette.Length / 3}");
        _palette.Span.Slice(3 * index, 3).CopyTo(pixel);
        if (index < _transparent.Length)
            pixel[3] = _transparent.Span[index];
    }

    private bool IsTransparent(ReadOnlySpan<int> numbers)
    {
        for (var c = 0; c < _header.Channels; c++)
        {
            if (numbers[c] != BinaryPrimitives.ReadUInt16BigEndian(_transparent.Span[(2 * c)..]))
                return false;
        }

        return true;
    }

    // The nearest of 256 steps.
    private byte EightBits(int number)
    {
        var greatest = (1 << _header.Depth) - 1;
        return (byte)(((number * 255) + (greatest / 2)) / greatest);
    }
}
