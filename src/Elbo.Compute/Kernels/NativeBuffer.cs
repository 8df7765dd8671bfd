using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Zeroed memory outside the garbage collector's heap, aligned to a cache line. A line of slack behind the requested
/// bytes lets vector code read or write a whole register over the end without harm.
/// </summary>
/// <remarks>A safe handle, so that a forgotten buffer is still freed by the runtime.</remarks>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    /// <summary>The alignment of every buffer in bytes: a cache line and an AVX-512 register.</summary>
    public const int Alignment = 64;

    /// <summary>Allocates and zeroes at least <paramref name="bytes"/> bytes.</summary>
    public NativeBuffer(long bytes)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        // Zeroed by the system where that costs nothing: pages of a large block that nobody writes to are never touched.
        var capacity = checked((nuint)RoundUp(bytes) + (2 * Alignment));
        SetHandle((IntPtr)NativeMemory.AllocZeroed(capacity));
        GC.AddMemoryPressure((long)capacity);
    }

    /// <summary>The number of bytes asked for; the slack behind them is not counted.</summary>
    public long Bytes { get; }

    /// <summary>The first byte.</summary>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (byte*)RoundUp(handle);
        }
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>The next multiple of the alignment.</summary>
    public static long RoundUp(long bytes) => checked(bytes + Alignment - 1) & -Alignment;

    /// <summary>The requested bytes seen as elements. The caller keeps the buffer alive while it uses the span.</summary>
    public Span<T> Span<T>()
        where T : unmanaged => new(Pointer, checked((int)(Bytes / sizeof(T))));

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        GC.RemoveMemoryPressure(RoundUp(Bytes) + (2 * Alignment));
        return true;
    }
}
