namespace Elbo.Data;

/// <summary>The bytes of a text file, decompressed when it is gzip; it refuses what is not text.</summary>
internal sealed class TextSource : ForwardStream
{
    private readonly string _file;
    private readonly FileBytes _bytes;
    private bool _mayHoldZeros;
    private bool _started;
    private long _lines;

    private TextSource(string file) => (_file, _bytes) = (file, FileBytes.Open(file));

    /// <summary>Opens a file.</summary>
    /// <exception cref="DataException">There is no such file, or it cannot be read.</exception>
    public static TextSource Open(string file) => new(file);

    public override int Read(Span<byte> buffer)
    {
        var count = _bytes.Read(buffer);
        CheckText(buffer[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _bytes.Dispose();
        base.Dispose(disposing);
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
}
