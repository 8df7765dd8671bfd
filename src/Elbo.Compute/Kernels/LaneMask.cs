using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

/// <summary>Where masks for the partial vector at the end of a row lie.</summary>
internal static unsafe class LaneMask
{
    // 64 bytes of ones, then 64 of zeros: a register loaded so that it ends in zeros masks a row's end.
    // Constant data, which lives in the image and never moves.
    private static ReadOnlySpan<int> Table =>
        [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>A register, at most 64 bytes long, of which this many bytes are ones and the rest zeros.</summary>
    public static byte* Of(int bytes) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Table)) + 64 - bytes;
}
