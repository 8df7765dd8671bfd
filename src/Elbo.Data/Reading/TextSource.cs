using System.IO.Compression;

namespace Elbo.Data;

/// <summary>
/// The bytes of a text file, decompressed when it is gzip (told by its first two bytes, not by its name), as a forward-only
/// stream. It refuses what is not text and tells a truncated gzip file from a whole one.
/// <para>.NET's <see cref="GZipStream"/> ends quietly where a truncated file ends. So that the end can be trusted, a small gzip
/// member of our own is appended to the compressed bytes (a gzip file may have several members): only when every member before it
/// was whole does the decompressed text end with our mark, which is then taken off.</para>
/// </summary>
internal sealed class TextSource : ForwardStream
{
    // Bytes that never occur in UTF-8, so no text ends with them.
    private static readonly byte[] EndMark = [0xFF, 0xFE, 0xFF, 0xFE, 0xFF, 0xFE, 0xFF, 0xFE];

    private readonly string _file;
    private readonly FileStream _raw;
    private readonly Stream _bytes;
    private readonly bool _compressed;
    private readonly byte[] _held = new byte[EndMark.Length];
    private byte[] _block = [];
    private int _heldCount;
    private bool _mayHoldZeros;
    private bool _started;
    private long _lines;

    private TextSource(string file, FileStream raw)
    {
        _file = file;
        _raw = raw;
        Span<byte> head = stackalloc byte[2];
        _compressed = raw.ReadAtLeast(head, 2, throwOnEndOfStream: false) == 2 && head[0] == 0x1F && head[1] == 0x8B;
        raw.Position = 0;
        _bytes = _compressed
            ? new GZipStream(new ConcatenatedStream(raw, new MemoryStream(CompressedEndMark())), CompressionMode.Decompress)
            : raw;
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="DataException">There is no such file, or it cannot be read.</exception>
    public static TextSource Open(string file)
    {
        if (Directory.Exists(file))
            throw new DataException(file, "is a directory, not a file", "Name a file");
        try
        {
            var raw = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            return new TextSource(file, raw);
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
        int count;
        try
        {
            count = _compressed ? ReadCompressed(buffer) : _bytes.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Truncated(e);
        }
        catch (IOException e)
        {
            throw new DataException(_file, $"cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
        }

        CheckText(buffer[..count]);
        return count;
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

    private void CheckText(ReadOnlySpan<byte> bytes)
    {
        if (!_started && !bytes.IsEmpty)
        {
            // UTF-16 and UTF-32 marked as such are text although they hold zero bytes; the parser transcodes them.
            _started = true;
            _mayHoldZeros = bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
                || bytes.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]);
        }

        if (_mayHoldZeros)
            return;
        var zero = bytes.IndexOf((byte)0);
        if (zero < 0)
        {
            _lines += bytes.Count((byte)'\n');
            return;
        }

        var line = _lines + bytes[..zero].Count((byte)'\n') + 1;
        throw new DataException(
            _file, "is not text: it holds a zero byte", "Save the table as CSV or TSV in UTF-8 (a spreadsheet can export it)", line);
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
