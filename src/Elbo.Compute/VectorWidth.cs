using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute;

/// <summary>The width of the vectors that kernels are compiled for; the value is the number of bytes. The same code at another width.</summary>
public enum VectorWidth
{
    /// <summary>One element at a time.</summary>
    Scalar = 0,

    /// <summary>128-bit vectors: x64 without AVX2, and ARM.</summary>
    Bits128 = 16,

    /// <summary>256-bit vectors: AVX2.</summary>
    Bits256 = 32,

    /// <summary>512-bit vectors: AVX-512.</summary>
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

    /// <summary>The width itself if it is one and the machine has it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not; the message says what the machine has.</exception>
    public static VectorWidth Checked(VectorWidth width)
    {
        if (width is not (VectorWidth.Scalar or VectorWidth.Bits128 or VectorWidth.Bits256 or VectorWidth.Bits512) || width > Best)
            throw new ArgumentOutOfRangeException(nameof(width), width, $"This machine has vectors of up to {8 * (int)Best} bits, and {8 * (int)width} bits were asked for. Leave the width out to use the widest.");
        return width;
    }
}
