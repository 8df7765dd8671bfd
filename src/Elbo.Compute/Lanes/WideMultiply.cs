using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Lanes;

/// <summary>Unsigned products of 32-bit words, twice as wide as their factors (what Philox is made of).</summary>
internal static class WideMultiply
{
    /// <summary>The high words of the products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int High(int a, int b) => (int)(((ulong)(uint)a * (uint)b) >> 32);

    /// <inheritdoc cref="High(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> High(Vector128<int> a, Vector128<int> b)
    {
        var even = Wide(a.AsInt64(), b.AsInt64());
        var odd = Wide(a.AsInt64() >>> 32, b.AsInt64() >>> 32);
        return Vector128.ConditionalSelect(Vector128.Create(0xFFFFFFFFL), even >>> 32, odd).AsInt32();
    }

    /// <inheritdoc cref="High(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> High(Vector256<int> a, Vector256<int> b)
    {
        var even = Wide(a.AsInt64(), b.AsInt64());
        var odd = Wide(a.AsInt64() >>> 32, b.AsInt64() >>> 32);
        return Vector256.ConditionalSelect(Vector256.Create(0xFFFFFFFFL), even >>> 32, odd).AsInt32();
    }

    /// <inheritdoc cref="High(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> High(Vector512<int> a, Vector512<int> b)
    {
        var even = Wide(a.AsInt64(), b.AsInt64());
        var odd = Wide(a.AsInt64() >>> 32, b.AsInt64() >>> 32);
        return Vector512.ConditionalSelect(Vector512.Create(0xFFFFFFFFL), even >>> 32, odd).AsInt32();
    }

    /// <summary>The whole products of the low words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Wide(long a, long b) => (long)((ulong)(uint)a * (uint)b);

    /// <inheritdoc cref="Wide(long, long)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> Wide(Vector128<long> a, Vector128<long> b) => Sse2.IsSupported
        ? Sse2.Multiply(a.AsUInt32(), b.AsUInt32()).AsInt64()
        : (a & Vector128.Create(0xFFFFFFFFL)) * (b & Vector128.Create(0xFFFFFFFFL));

    /// <inheritdoc cref="Wide(long, long)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Wide(Vector256<long> a, Vector256<long> b) => Avx2.IsSupported
        ? Avx2.Multiply(a.AsUInt32(), b.AsUInt32()).AsInt64()
        : (a & Vector256.Create(0xFFFFFFFFL)) * (b & Vector256.Create(0xFFFFFFFFL));

    /// <inheritdoc cref="Wide(long, long)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Wide(Vector512<long> a, Vector512<long> b) => Avx512F.IsSupported
        ? Avx512F.Multiply(a.AsUInt32(), b.AsUInt32()).AsInt64()
        : (a & Vector512.Create(0xFFFFFFFFL)) * (b & Vector512.Create(0xFFFFFFFFL));
}
