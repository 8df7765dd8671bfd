using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute;

/// <summary>The vector registers a kernel is compiled for; the value is their size in bytes.</summary>
internal enum VectorWidth
{
    /// <summary>No vectors: one element at a time.</summary>
    Scalar = 0,

    /// <summary>SSE or NEON.</summary>
    Bits128 = 16,

    /// <summary>AVX2 with FMA.</summary>
    Bits256 = 32,

    /// <summary>AVX-512.</summary>
    Bits512 = 64,
}

/// <summary>Chooses the vector width from what the hardware accelerates.</summary>
internal static class VectorWidths
{
    /// <summary>The widest vectors that this machine runs at full speed.</summary>
    internal static VectorWidth Best { get; } =
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated && Fma.IsSupported ? VectorWidth.Bits256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
        : VectorWidth.Scalar;
}
