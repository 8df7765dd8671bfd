namespace Elbo.Data;

/// <summary>A stream that can only be read, from its beginning to its end.</summary>
internal abstract class ForwardStream : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw CannotSeek();

    public sealed override long Position
    {
        get => throw CannotSeek();
        set => throw CannotSeek();
    }

    public abstract override int Read(Span<byte> buffer);

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override void Flush()
    {
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw CannotSeek();

    public sealed override void SetLength(long value) => throw CannotWrite();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw CannotWrite();

    private static NotSupportedException CannotSeek() => new("The stream is read once, from its beginning to its end.");

    private static NotSupportedException CannotWrite() => new("The stream can only be read.");
}
