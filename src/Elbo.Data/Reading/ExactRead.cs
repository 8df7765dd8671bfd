namespace Elbo.Data;

/// <summary>Reads as many bytes as a header promises. Memory grows with what is really there, so that a false promise costs nothing.</summary>
internal static class ExactRead
{
    private const int FirstBlock = 1 << 20;

    /// <summary>So many bytes of a stream.</summary>
    /// <param name="stream">Where to read.</param>
    /// <param name="count">How many, at most <see cref="Array.MaxLength"/>.</param>
    /// <param name="tooShort">Makes the error for a stream that ends after so many bytes.</param>
    public static byte[] Bytes(Stream stream, long count, Func<long, Exception> tooShort)
    {
        var bytes = new byte[Math.Min(count, FirstBlock)];
        var read = 0;
        while (true)
        {
            read += stream.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
            if (read < bytes.Length)
                throw tooShort(read);
            if (read == count)
                return bytes;
            Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
        }
    }
}
