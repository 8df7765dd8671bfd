using System.Buffers.Binary;

namespace Elbo.Data;

/// <summary>
/// An array of bytes in the IDX format, in which MNIST is published: two zero bytes, the type of the elements, the number of dimensions, each size as
/// four bytes with the greatest first, and the elements.
/// </summary>
internal sealed record IdxFile(IReadOnlyList<long> Shape, byte[] Bytes)
{
    private const byte UnsignedByte = 0x08;
    private const int MostDimensions = 4;

    /// <summary>Whether a file that begins so is IDX.</summary>
    public static bool BeginsWith(ReadOnlySpan<byte> start) =>
        start.Length >= 4 && start[0] == 0 && start[1] == 0 && TypeName(start[2]) is not null && start[3] is > 0 and <= 8;

    /// <exception cref="DataException">The file is not IDX, is damaged, or does not hold bytes.</exception>
    public static IdxFile Read(string file)
    {
        using var stream = FileBytes.Open(file);
        Span<byte> head = stackalloc byte[4];
        if (stream.ReadAtLeast(head, 4, throwOnEndOfStream: false) < 4)
            throw new DataException(file, "it ends before its header does", "Copy the file again from where it came");
        if (!BeginsWith(head))
        {
            throw new DataException(
                file, $"it begins with the bytes {string.Join(' ', head.ToArray().Select(b => b.ToString("X2", null)))}, which is not IDX (00 00, type, dimensions)",
                "Name a file of images or labels such as train-images-idx3-ubyte.gz");
        }

        if (head[2] != UnsignedByte)
            throw new DataException(file, $"its elements are {TypeName(head[2])}; images and labels are bytes (type 08)", "Write it with bytes from 0 to 255");
        if (head[3] > MostDimensions)
            throw new DataException(file, $"it has {head[3]} dimensions", $"Images have 3 or {MostDimensions}: how many, rows, columns, and channels");
        Span<byte> sizes = stackalloc byte[4 * head[3]];
        if (stream.ReadAtLeast(sizes, sizes.Length, throwOnEndOfStream: false) < sizes.Length)
            throw new DataException(file, "it ends before its header does", "Copy the file again from where it came");
        var shape = new long[head[3]];
        for (var d = 0; d < shape.Length; d++)
            shape[d] = BinaryPrimitives.ReadUInt32BigEndian(sizes[(4 * d)..]);

        var count = ArrayShape.ByteCount(file, shape, 1);
        var bytes = ExactRead.Bytes(stream, count, read => new DataException(
            file, $"its header gives {ArrayShape.Text(shape)} = {count} bytes, but it ends after {read}", "Copy the file again from where it came"));
        if (stream.ReadByte() >= 0)
            throw new DataException(file, $"it goes on after the {ArrayShape.Text(shape)} = {count} bytes that its header gives", "Copy the file again from where it came");
        return new(shape, bytes);
    }

    private static string? TypeName(byte type) => type switch
    {
        UnsignedByte => "bytes",
        0x09 => "signed bytes",
        0x0B => "16-bit integers",
        0x0C => "32-bit integers",
        0x0D => "32-bit floating-point numbers",
        0x0E => "64-bit floating-point numbers",
        _ => null,
    };
}
