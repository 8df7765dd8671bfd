using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Elbo.Data.Tests;

/// <summary>Writes PNG files of every kind that the format allows, plainly, for tests of the reader: a value is asked for each channel of each pixel.</summary>
internal sealed record PngBuilder(int Width, int Height, int Depth, int Colour)
{
    public bool IsInterlaced { get; init; }

    public byte[]? Palette { get; init; }

    public byte[]? Transparent { get; init; }

    /// <summary>The filter of a row.</summary>
    public Func<int, int> Filter { get; init; } = _ => 0;

    /// <summary>Bytes of compressed pixels in one chunk.</summary>
    public int ChunkLength { get; init; } = int.MaxValue;

    private int Channels => Colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    public byte[] Build(Func<int, int, int, int> value)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9], header[12]) = ((byte)Depth, (byte)Colour, (byte)(IsInterlaced ? 1 : 0));
        Add(file, "IHDR", header);
        Add(file, "tEXt", "Comment\0a picture"u8.ToArray());
        if (Palette is not null)
            Add(file, "PLTE", Palette);
        if (Transparent is not null)
            Add(file, "tRNS", Transparent);
        foreach (var part in Pixels(value).Chunk(ChunkLength))
            Add(file, "IDAT", part);
        Add(file, "IEND", []);
        return file.ToArray();
    }

    public static void Add(Stream file, string name, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. data];
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(named));
        file.Write(number);
    }

    private byte[] Pixels(Func<int, int, int, int> value)
    {
        using var bytes = new MemoryStream();
        using (var zlib = new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var (xs, ys) in Passes())
            {
                if (xs.Length == 0)
                    continue;
                var above = new byte[((xs.Length * Channels * Depth) + 7) / 8];
                foreach (var (y, number) in ys.Select((y, i) => (y, i)))
                {
                    var row = Row(xs, y, value);
                    zlib.WriteByte((byte)Filter(number));
                    zlib.Write(Filtered(Filter(number), row, above));
                    above = row;
                }
            }
        }

        return bytes.ToArray();
    }

    // Section 8.1 of the specification, by the table of the pattern itself.
    private IEnumerable<(int[] Xs, int[] Ys)> Passes()
    {
        if (!IsInterlaced)
            return [([.. Enumerable.Range(0, Width)], [.. Enumerable.Range(0, Height)])];
        const string pattern = "1646264677777777565656567777777736463646777777775656565677777777";
        return Enumerable.Range(1, 7).Select(pass =>
        {
            var (xs, ys) = (new SortedSet<int>(), new SortedSet<int>());
            for (var i = 0; i < 64; i++)
            {
                if (pattern[i] - '0' != pass)
                    continue;
                for (var x = i % 8; x < Width; x += 8)
                    xs.Add(x);
                for (var y = i / 8; y < Height; y += 8)
                    ys.Add(y);
            }

            return (xs.ToArray(), ys.ToArray());
        });
    }

    private byte[] Row(int[] xs, int y, Func<int, int, int, int> value)
    {
        var bits = new StringBuilder();
        foreach (var x in xs)
        {
            for (var c = 0; c < Channels; c++)
                bits.Append(Convert.ToString(value(y, x, c), 2).PadLeft(Depth, '0'));
        }

        while (bits.Length % 8 != 0)
            bits.Append('0');
        return [.. bits.ToString().Chunk(8).Select(b => Convert.ToByte(new string(b), 2))];
    }

    private byte[] Filtered(int filter, byte[] row, byte[] above)
    {
        var step = Math.Max(1, Channels * Depth / 8);
        return [.. row.Select((x, i) =>
        {
            int a = i >= step ? row[i - step] : 0, b = above[i], c = i >= step ? above[i - step] : 0;
            var p = a + b - c;
            var foretold = filter switch
            {
                0 => 0,
                1 => a,
                2 => b,
                3 => (a + b) >> 1,
                _ => new[] { a, b, c }.MinBy(v => Math.Abs(p - v)),
            };
            return (byte)(x - foretold);
        })];
    }
}
