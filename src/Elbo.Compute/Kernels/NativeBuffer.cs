using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

internal sealed unsafe class NativeBuffer(long bytes) : IDisposable
{
    public void* Pointer { get; private set; } = NativeMemory.AlignedAlloc((nuint)bytes, 64);
    public Span<T> AsSpan<T>() where T : unmanaged => new(Pointer, (int)(bytes / sizeof(T)));
    public void Dispose() => NativeMemory.AlignedFree(Pointer);
}
