using System.Buffers.Binary;

namespace Elbo.Data;

/// <summary>A NumPy array: its elements with the last dimension varying fastest.</summary>
internal sealed class NumpyArray
{
    private readonly NumpyType _type;
    private readonly byte[] _bytes;

    private NumpyArray(NumpyHeader header, byte[] bytes)
    {
        (_type, Shape, Count) = (header.Type, header.Shape, bytes.Length / header.Type.Size);
        _bytes = header.IsFortran && Shape.Count > 1 ? LastFastest(header, bytes) : bytes;
    }

    public IReadOnlyList<long> Shape { get; }

    public NumpyType Type => _type;

    /// <summary>How many elements.</summary>
    public int Count { get; }

    /// <summary>The elements as they are, where each is one byte.</summary>
    public byte[] Bytes => _type.Size == 1 ? _bytes : throw new InvalidOperationException($"Elements are {_type}, not bytes.");

    /// <summary>An element, by its place in memory.</summary>
    public double this[int index] => Value(_type, _bytes.AsSpan(index * _type.Size, _type.Size));

    /// <summary>An element in the shortest text that comes back to the same number, with a decimal point.</summary>
    public string TextAt(int index)
    {
        var (value, invariant) = (this[index], System.Globalization.CultureInfo.InvariantCulture);
        return _type switch
        {
            { Kind: 'f', Size: 2 } => ((Half)value).ToString(invariant),
            { Kind: 'f', Size: 4 } => ((float)value).ToString(invariant),
            _ => value.ToString(invariant),
        };
    }

    /// <summary>Reads an array: header and elements.</summary>
    /// <exception cref="DataException">It is damaged, too large, or its elements are no numbers.</exception>
    public static NumpyArray Read(Stream stream, string file)
    {
        var header = NumpyHeader.Read(stream, file);
        var count = ArrayShape.ByteCount(file, header.Shape, header.Type.Size);
        var what = $"{ArrayShape.Text(header.Shape)} elements of {header.Type} = {count} bytes";
        var bytes = ExactRead.Bytes(stream, count, read => new DataException(
            file, $"its header gives {what}, but it ends after {read}", "Copy the file again from where it came"));
        if (stream.ReadByte() >= 0)
            throw new DataException(file, $"it goes on after the {what} that its header gives", "Copy the file again from where it came");
        return new(header, bytes);
    }

    // The first dimension varies fastest in the file; the counters run through the elements in the order that is wanted.
    private static byte[] LastFastest(NumpyHeader header, byte[] bytes)
    {
        var (size, shape) = (header.Type.Size, header.Shape);
        var strides = new long[shape.Count];
        long stride = size;
        for (var d = 0; d < strides.Length; d++)
        {
            strides[d] = stride;
            stride *= shape[d];
        }

        var ordered = new byte[bytes.Length];
        var counters = new long[shape.Count];
        long from = 0;
        for (var to = 0; to < ordered.Length; to += size)
        {
            bytes.AsSpan((int)from, size).CopyTo(ordered.AsSpan(to));
            for (var d = shape.Count - 1; d >= 0; d--)
            {
                from += strides[d];
                if (++counters[d] < shape[d])
                    break;
                from -= strides[d] * shape[d];
                counters[d] = 0;
            }
        }

        return ordered;
    }

    private static double Value(NumpyType type, ReadOnlySpan<byte> bytes) => (type.Kind, type.Size) switch
    {
        ('b', _) => bytes[0] == 0 ? 0 : 1,
        ('u', 1) => bytes[0],
        ('i', 1) => (sbyte)bytes[0],
        ('f', 2) => (double)BitConverter.UInt16BitsToHalf(Bits16(type, bytes)),
        ('f', 4) => BitConverter.UInt32BitsToSingle(Bits32(type, bytes)),
        ('f', _) => BitConverter.UInt64BitsToDouble(Bits64(type, bytes)),
        ('u', 2) => Bits16(type, bytes),
        ('u', 4) => Bits32(type, bytes),
        ('u', _) => Bits64(type, bytes),
        (_, 2) => (short)Bits16(type, bytes),
        (_, 4) => (int)Bits32(type, bytes),
        _ => (long)Bits64(type, bytes),
    };

    private static ushort Bits16(NumpyType type, ReadOnlySpan<byte> bytes) =>
        type.IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint Bits32(NumpyType type, ReadOnlySpan<byte> bytes) =>
        type.IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong Bits64(NumpyType type, ReadOnlySpan<byte> bytes) =>
        type.IsBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
}
