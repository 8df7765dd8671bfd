using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute;

/// <summary>The width of the vectors a kernel is emitted for; the value is the number of bytes.</summary>
internal enum VectorWidth
{
    /// <summary>One element at a time.</summary>
    Scalar = 0,

    /// <summary>128-bit vectors.</summary>
    Bits128 = 16,

    /// <summary>256-bit vectors.</summary>
    Bits256 = 32,

    /// <summary>512-bit vectors.</summary>
    Bits512 = 64,
}

/// <summary>What the hardware accelerates.</summary>
internal static class VectorWidths
{
    /// <summary>The widest vectors that this machine runs at full speed.</summary>
    public static VectorWidth Best { get; } =
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated && Fma.IsSupported ? VectorWidth.Bits256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
        : VectorWidth.Scalar;
}
