using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Lanes;

/// <summary>
/// Positive floats as x = 2ᵏ·m with m in [¾, 1½), subnormal or not: what a logarithm starts from. Of zero m is 1 and k is −∞, of
/// ∞ they are 1 and ∞, and of NaN m is NaN; of negative numbers m is NaN and k means nothing. So k·ln 2 + log m is right everywhere.
/// </summary>
/// <remarks>
/// AVX-512 has instructions for both. Elsewhere the origin of the bits is moved from 1 to ¾, which makes the exponent field k for all
/// of [¾, 1½)·2ᵏ. Both ways are exact.
/// </remarks>
internal static class BinaryParts
{
    // Mantissas from [¾, 1½), NaN of negative numbers, +1 of zeros.
    private const byte AroundOne = 0b1111;

    private const int OriginSingle = 0x3F400000;
    private const int MovedSingle = 0x3F800000 - OriginSingle;
    private const long OriginDouble = 0x3FE8000000000000;
    private const long MovedDouble = 0x3FF0000000000000 - OriginDouble;
    private const float SmallestSingle = 1.17549435e-38f;
    private const double SmallestDouble = 2.2250738585072014e-308;

    // Enough to make any subnormal normal.
    private const float LiftSingle = 1 << 24;
    private const double LiftDouble = 1L << 54;

    // A whole number in the low bits of 2⁵² is a float with that number added.
    private const long MagicDouble = 0x4330000000000000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Mantissa(float x)
    {
        var bits = BitConverter.SingleToInt32Bits(x < SmallestSingle ? x * LiftSingle : x) + MovedSingle;
        return x > 0 ? x < float.PositiveInfinity ? BitConverter.Int32BitsToSingle((bits & 0x7FFFFF) + OriginSingle) : 1 : x == 0 ? 1 : float.NaN;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exponent(float x)
    {
        var bits = BitConverter.SingleToInt32Bits(x < SmallestSingle ? x * LiftSingle : x) + MovedSingle;
        return x == 0 ? float.NegativeInfinity : x < float.PositiveInfinity ? (bits >> 23) - (x < SmallestSingle ? 151 : 127) : x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Mantissa(Vector128<float> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetMantissa(x, AroundOne);
        var bits = Vector128.ConditionalSelect(Vector128.LessThan(x, Vector128.Create(SmallestSingle)), x * LiftSingle, x).AsInt32() + Vector128.Create(MovedSingle);
        var m = ((bits & Vector128.Create(0x7FFFFF)) + Vector128.Create(OriginSingle)).AsSingle();
        var isFinite = Vector128.GreaterThan(x, Vector128<float>.Zero) & Vector128.LessThan(x, Vector128.Create(float.PositiveInfinity));
        var isOther = Vector128.GreaterThanOrEqual(x, Vector128<float>.Zero);
        return Vector128.ConditionalSelect(isFinite, m, Vector128.ConditionalSelect(isOther, Vector128<float>.One, Vector128.Create(float.NaN)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exponent(Vector128<float> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetExponent(x) - Avx512F.VL.GetExponent(Avx512F.VL.GetMantissa(x, AroundOne));
        var isSmall = Vector128.LessThan(x, Vector128.Create(SmallestSingle));
        var bits = Vector128.ConditionalSelect(isSmall, x * LiftSingle, x).AsInt32() + Vector128.Create(MovedSingle);
        var k = Vector128.ConvertToSingle(bits >> 23) - Vector128.ConditionalSelect(isSmall, Vector128.Create((float)151), Vector128.Create((float)127));
        k = Vector128.ConditionalSelect(Vector128.LessThan(x, Vector128.Create(float.PositiveInfinity)), k, x);
        return Vector128.ConditionalSelect(Vector128.Equals(x, Vector128<float>.Zero), Vector128.Create(float.NegativeInfinity), k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Mantissa(Vector256<float> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetMantissa(x, AroundOne);
        var bits = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(SmallestSingle)), x * LiftSingle, x).AsInt32() + Vector256.Create(MovedSingle);
        var m = ((bits & Vector256.Create(0x7FFFFF)) + Vector256.Create(OriginSingle)).AsSingle();
        var isFinite = Vector256.GreaterThan(x, Vector256<float>.Zero) & Vector256.LessThan(x, Vector256.Create(float.PositiveInfinity));
        var isOther = Vector256.GreaterThanOrEqual(x, Vector256<float>.Zero);
        return Vector256.ConditionalSelect(isFinite, m, Vector256.ConditionalSelect(isOther, Vector256<float>.One, Vector256.Create(float.NaN)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exponent(Vector256<float> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetExponent(x) - Avx512F.VL.GetExponent(Avx512F.VL.GetMantissa(x, AroundOne));
        var isSmall = Vector256.LessThan(x, Vector256.Create(SmallestSingle));
        var bits = Vector256.ConditionalSelect(isSmall, x * LiftSingle, x).AsInt32() + Vector256.Create(MovedSingle);
        var k = Vector256.ConvertToSingle(bits >> 23) - Vector256.ConditionalSelect(isSmall, Vector256.Create((float)151), Vector256.Create((float)127));
        k = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(float.PositiveInfinity)), k, x);
        return Vector256.ConditionalSelect(Vector256.Equals(x, Vector256<float>.Zero), Vector256.Create(float.NegativeInfinity), k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Mantissa(Vector512<float> x) => Avx512F.IsSupported ? Avx512F.GetMantissa(x, AroundOne)
        : Vector512.Create(Mantissa(x.GetLower()), Mantissa(x.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exponent(Vector512<float> x) => Avx512F.IsSupported ? Avx512F.GetExponent(x) - Avx512F.GetExponent(Avx512F.GetMantissa(x, AroundOne))
        : Vector512.Create(Exponent(x.GetLower()), Exponent(x.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Mantissa(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x < SmallestDouble ? x * LiftDouble : x) + MovedDouble;
        return x > 0 ? x < double.PositiveInfinity ? BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) + OriginDouble) : 1 : x == 0 ? 1 : double.NaN;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Exponent(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x < SmallestDouble ? x * LiftDouble : x) + MovedDouble;
        return x == 0 ? double.NegativeInfinity : x < double.PositiveInfinity ? (bits >> 52) - (x < SmallestDouble ? 1077 : 1023) : x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Mantissa(Vector128<double> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetMantissa(x, AroundOne);
        var bits = Vector128.ConditionalSelect(Vector128.LessThan(x, Vector128.Create(SmallestDouble)), x * LiftDouble, x).AsInt64() + Vector128.Create(MovedDouble);
        var m = ((bits & Vector128.Create(0xFFFFFFFFFFFFF)) + Vector128.Create(OriginDouble)).AsDouble();
        var isFinite = Vector128.GreaterThan(x, Vector128<double>.Zero) & Vector128.LessThan(x, Vector128.Create(double.PositiveInfinity));
        var isOther = Vector128.GreaterThanOrEqual(x, Vector128<double>.Zero);
        return Vector128.ConditionalSelect(isFinite, m, Vector128.ConditionalSelect(isOther, Vector128<double>.One, Vector128.Create(double.NaN)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Exponent(Vector128<double> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetExponent(x) - Avx512F.VL.GetExponent(Avx512F.VL.GetMantissa(x, AroundOne));
        var isSmall = Vector128.LessThan(x, Vector128.Create(SmallestDouble));
        var bits = Vector128.ConditionalSelect(isSmall, x * LiftDouble, x).AsInt64() + Vector128.Create(MovedDouble);
        var k = ((bits >>> 52) | Vector128.Create(MagicDouble)).AsDouble() - Vector128.Create((double)(1L << 52)) - Vector128.ConditionalSelect(isSmall, Vector128.Create((double)1077), Vector128.Create((double)1023));
        k = Vector128.ConditionalSelect(Vector128.LessThan(x, Vector128.Create(double.PositiveInfinity)), k, x);
        return Vector128.ConditionalSelect(Vector128.Equals(x, Vector128<double>.Zero), Vector128.Create(double.NegativeInfinity), k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Mantissa(Vector256<double> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetMantissa(x, AroundOne);
        var bits = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(SmallestDouble)), x * LiftDouble, x).AsInt64() + Vector256.Create(MovedDouble);
        var m = ((bits & Vector256.Create(0xFFFFFFFFFFFFF)) + Vector256.Create(OriginDouble)).AsDouble();
        var isFinite = Vector256.GreaterThan(x, Vector256<double>.Zero) & Vector256.LessThan(x, Vector256.Create(double.PositiveInfinity));
        var isOther = Vector256.GreaterThanOrEqual(x, Vector256<double>.Zero);
        return Vector256.ConditionalSelect(isFinite, m, Vector256.ConditionalSelect(isOther, Vector256<double>.One, Vector256.Create(double.NaN)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Exponent(Vector256<double> x)
    {
        if (Avx512F.VL.IsSupported)
            return Avx512F.VL.GetExponent(x) - Avx512F.VL.GetExponent(Avx512F.VL.GetMantissa(x, AroundOne));
        var isSmall = Vector256.LessThan(x, Vector256.Create(SmallestDouble));
        var bits = Vector256.ConditionalSelect(isSmall, x * LiftDouble, x).AsInt64() + Vector256.Create(MovedDouble);
        var k = ((bits >>> 52) | Vector256.Create(MagicDouble)).AsDouble() - Vector256.Create((double)(1L << 52)) - Vector256.ConditionalSelect(isSmall, Vector256.Create((double)1077), Vector256.Create((double)1023));
        k = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(double.PositiveInfinity)), k, x);
        return Vector256.ConditionalSelect(Vector256.Equals(x, Vector256<double>.Zero), Vector256.Create(double.NegativeInfinity), k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Mantissa(Vector512<double> x) => Avx512F.IsSupported ? Avx512F.GetMantissa(x, AroundOne)
        : Vector512.Create(Mantissa(x.GetLower()), Mantissa(x.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exponent(Vector512<double> x) => Avx512F.IsSupported ? Avx512F.GetExponent(x) - Avx512F.GetExponent(Avx512F.GetMantissa(x, AroundOne))
        : Vector512.Create(Exponent(x.GetLower()), Exponent(x.GetUpper()));
}
