using System.Buffers.Binary;
using System.Text;

namespace Elbo.Data;

/// <summary>The parts of a PNG file, each with a length, a name of four letters and a checksum (PNG specification, third edition, W3C 2025, section 5).</summary>
internal static class PngChunks
{
    private const int NameLength = 4;

    /// <summary>What every PNG file begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The chunks up to the last.</summary>
    /// <exception cref="DataException">The bytes are not a whole PNG file.</exception>
    public static IEnumerable<(string Name, ReadOnlyMemory<byte> Data)> Read(ReadOnlyMemory<byte> bytes, string file)
    {
        if (!bytes.Span.StartsWith(Signature))
            throw new DataException(file, "does not begin as a PNG file does", "Convert it to PNG, or move it out of the folder");
        var at = Signature.Length;
        while (true)
        {
            if (bytes.Length - at < 8)
                throw Damaged(file, "it ends before its last part");
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[at..]);
            if (length > bytes.Length - at - 12)
                throw Damaged(file, "it ends within a part");
            var named = bytes.Slice(at + 4, NameLength + (int)length);
            if (Crc32.Of(named.Span) != BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[(at + 8 + (int)length)..]))
                throw Damaged(file, $"the part at byte {at} does not match its checksum");
            var name = Encoding.ASCII.GetString(named.Span[..NameLength]);
            yield return (name, named[NameLength..]);
            if (name == "IEND")
                yield break;
            at += 12 + (int)length;
        }
    }

    /// <summary>The error for a file that is not as it was written.</summary>
    public static DataException Damaged(string file, string reason, Exception? cause = null) =>
        new(file, $"the PNG file is damaged: {reason}", "Copy it again from where it came", innerException: cause);
}
