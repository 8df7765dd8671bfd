using Elbo.Compute.Kernels;

namespace Elbo.Compute.Tests.Kernels;

public unsafe class NativeBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Memory_is_aligned_zeroed_and_has_slack(int bytes)
    {
        using var buffer = new NativeBuffer(bytes);
        Assert.Equal(0, (nint)buffer.Pointer % NativeBuffer.Alignment);
        Assert.Equal(bytes, buffer.Span<byte>().Length);
        Assert.Equal(-1, new Span<byte>(buffer.Pointer, bytes + NativeBuffer.Alignment).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Disposed_memory_cannot_be_reached()
    {
        var buffer = new NativeBuffer(8);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span<byte>().Length);
    }
}
