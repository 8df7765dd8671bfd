using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Lanes;

/// <summary>
/// Between 4-byte elements in memory and 8-byte lanes. Two elements, half a 128-bit vector, travel as a <see cref="long"/>.
/// </summary>
internal static class LaneConversion
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Widen(Vector256<float> v) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Double(v)
        : Vector512.WidenLower(v.ToVector512Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Widen(Vector256<int> v) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Int64(v)
        : Vector512.WidenLower(v.ToVector512Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Widen(Vector128<float> v) => Avx.IsSupported
        ? Avx.ConvertToVector256Double(v)
        : Vector256.WidenLower(v.ToVector256Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Widen(Vector128<int> v) => Avx2.IsSupported
        ? Avx2.ConvertToVector256Int64(v)
        : Vector256.WidenLower(v.ToVector256Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> WidenSinglePair(long pair) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(pair).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> WidenInt32Pair(long pair) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(pair).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Narrow(Vector512<double> v) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector256Single(v)
        : Vector256.Narrow(v.GetLower(), v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Narrow(Vector512<long> v) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector256Int32(v)
        : Vector256.Narrow(v.GetLower(), v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Narrow(Vector256<double> v) => Avx.IsSupported
        ? Avx.ConvertToVector128Single(v)
        : Vector128.Narrow(v.GetLower(), v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Narrow(Vector256<long> v) => Avx512F.VL.IsSupported
        ? Avx512F.VL.ConvertToVector128Int32(v)
        : Vector128.Narrow(v.GetLower(), v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long NarrowSinglePair(Vector128<double> v) => Vector128.Narrow(v, v).AsInt64().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long NarrowInt32Pair(Vector128<long> v) => Vector128.Narrow(v, v).AsInt64().ToScalar();
}
