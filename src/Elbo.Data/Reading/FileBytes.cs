using System.IO.Compression;

namespace Elbo.Data;

/// <summary>
/// The bytes of a file, decompressed when it is gzip (told by its first two bytes, not by its name), as a forward-only stream that tells a
/// truncated gzip file from a whole one.
/// <para>.NET's <see cref="GZipStream"/> ends quietly where a truncated file ends. So that the end can be trusted, a small gzip
/// member of our own is appended to the compressed bytes (a gzip file may have several members): only when every member before it
/// was whole does what is decompressed end with our mark, which is then taken off.</para>
/// </summary>
internal sealed class FileBytes : ForwardStream
{
    // No text in UTF-8 ends so, and bytes of pictures do not by chance.
    private static readonly byte[] EndMark = [0xFF, 0xFE, 0x9D, 0x01, 0xC7, 0xF5, 0x3A, 0x88, 0xFE, 0xFF, 0x62, 0xE1, 0x0B, 0xD4, 0xFF, 0xFE];

    private readonly string _file;
    private readonly FileStream _raw;
    private readonly Stream _bytes;
    private readonly byte[] _held = new byte[EndMark.Length];
    private byte[] _block = [];
    private int _heldCount;

    private FileBytes(string file, FileStream raw)
    {
        _file = file;
        _raw = raw;
        Span<byte> head = stackalloc byte[2];
        IsCompressed = raw.ReadAtLeast(head, 2, throwOnEndOfStream: false) == 2 && head[0] == 0x1F && head[1] == 0x8B;
        raw.Position = 0;
        _bytes = IsCompressed
            ? new GZipStream(new ConcatenatedStream(raw, new MemoryStream(CompressedEndMark())), CompressionMode.Decompress)
            : raw;
    }

    /// <summary>Whether the file is gzip.</summary>
    public bool IsCompressed { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="DataException">There is no such file, or it cannot be read.</exception>
    public static FileBytes Open(string file)
    {
        if (Directory.Exists(file))
            throw new DataException(file, "is a directory, not a file", "Name a file");
        try
        {
            var raw = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            return new FileBytes(file, raw);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(file, "there is no such file", "Check the path", innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(file, $"cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        try
        {
            return IsCompressed ? ReadCompressed(buffer) : _bytes.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Truncated(e);
        }
        catch (IOException e)
        {
            throw new DataException(_file, $"cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _bytes.Dispose();
            _raw.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] CompressedEndMark()
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(EndMark);
        return memory.ToArray();
    }

    // Keeps back as many bytes as the mark is long, since they may turn out to be it.
    private int ReadCompressed(Span<byte> buffer)
    {
        if (_block.Length < buffer.Length)
            _block = new byte[buffer.Length];
        var block = _block.AsSpan(0, buffer.Length);
        while (true)
        {
            var read = _bytes.Read(block);
            if (read == 0)
            {
                if (!_held.AsSpan(0, _heldCount).SequenceEqual(EndMark))
                    throw Truncated(null);
                return 0;
            }

            var total = _heldCount + read;
            var released = Math.Min(Math.Max(total - EndMark.Length, 0), buffer.Length);
            var fromHeld = Math.Min(released, _heldCount);
            _held.AsSpan(0, fromHeld).CopyTo(buffer);
            block[..(released - fromHeld)].CopyTo(buffer[fromHeld..]);
            _held.AsSpan(fromHeld, _heldCount - fromHeld).CopyTo(_held);
            block[(released - fromHeld)..read].CopyTo(_held.AsSpan(_heldCount - fromHeld));
            _heldCount = total - released;
            if (released > 0)
                return released;
        }
    }

    private DataException Truncated(Exception? cause) => new(
        _file, "the gzip file is truncated or damaged", "Copy or compress it again; 'gzip -t' tells when it is whole", innerException: cause);

    /// <summary>One stream after another.</summary>
    private sealed class ConcatenatedStream(Stream first, Stream second) : ForwardStream
    {
        private bool _inSecond;

        public override int Read(Span<byte> buffer)
        {
            var count = _inSecond ? 0 : first.Read(buffer);
            if (count > 0 || buffer.IsEmpty)
                return count;
            _inSecond = true;
            return second.Read(buffer);
        }
    }
}
