using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Lanes;

/// <summary>
/// Operations that some hardware has as one instruction, with the same results everywhere else: minimum and maximum that
/// return the second operand when unordered, and scaling by a power of two.
/// </summary>
/// <remarks>
/// Without a scaling instruction, 2ⁿ is applied as 2^⌊n/2⌋ and the rest. The first product is exact wherever the second
/// is not rounded to zero, so the result is rounded once. The halves become exponents by adding 1.5·2²³ (or 2⁵²), which
/// leaves a whole number in the low bits of a float.
/// </remarks>
internal static class NativeOperations
{
    private const float MagicSingle = 12582912f + 127;
    private const double MagicDouble = 6755399441055744.0 + 1023;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Lesser(float a, float b) => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Greater(float a, float b) => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(float a, float n)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ScaleScalar(Vector128.CreateScalarUnsafe(a), Vector128.CreateScalarUnsafe(n)).ToScalar();
        }

        var half = MathF.Floor(n * 0.5f);
        var first = BitConverter.SingleToInt32Bits(half + MagicSingle) << 23;
        var second = BitConverter.SingleToInt32Bits(n - half + MagicSingle) << 23;
        return a * BitConverter.Int32BitsToSingle(first) * BitConverter.Int32BitsToSingle(second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Lesser(Vector128<float> a, Vector128<float> b) => Sse.IsSupported
        ? Sse.Min(a, b)
        : Vector128.ConditionalSelect(Vector128.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Greater(Vector128<float> a, Vector128<float> b) => Sse.IsSupported
        ? Sse.Max(a, b)
        : Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scale(Vector128<float> a, Vector128<float> n)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.Scale(a, n);
        }

        var half = Vector128.Floor(n * 0.5f);
        var first = (half + Vector128.Create(MagicSingle)).AsInt32() << 23;
        var second = (n - half + Vector128.Create(MagicSingle)).AsInt32() << 23;
        return a * first.AsSingle() * second.AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Lesser(Vector256<float> a, Vector256<float> b) => Avx.IsSupported
        ? Avx.Min(a, b)
        : Vector256.ConditionalSelect(Vector256.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Greater(Vector256<float> a, Vector256<float> b) => Avx.IsSupported
        ? Avx.Max(a, b)
        : Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(Vector256<float> a, Vector256<float> n)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.Scale(a, n);
        }

        var half = Vector256.Floor(n * 0.5f);
        var first = (half + Vector256.Create(MagicSingle)).AsInt32() << 23;
        var second = (n - half + Vector256.Create(MagicSingle)).AsInt32() << 23;
        return a * first.AsSingle() * second.AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lesser(Vector512<float> a, Vector512<float> b) => Avx512F.IsSupported
        ? Avx512F.Min(a, b)
        : Vector512.ConditionalSelect(Vector512.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Greater(Vector512<float> a, Vector512<float> b) => Avx512F.IsSupported
        ? Avx512F.Max(a, b)
        : Vector512.ConditionalSelect(Vector512.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scale(Vector512<float> a, Vector512<float> n)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.Scale(a, n);
        }

        var half = Vector512.Floor(n * 0.5f);
        var first = (half + Vector512.Create(MagicSingle)).AsInt32() << 23;
        var second = (n - half + Vector512.Create(MagicSingle)).AsInt32() << 23;
        return a * first.AsSingle() * second.AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Lesser(double a, double b) => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Greater(double a, double b) => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Scale(double a, double n)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ScaleScalar(Vector128.CreateScalarUnsafe(a), Vector128.CreateScalarUnsafe(n)).ToScalar();
        }

        var half = Math.Floor(n * 0.5);
        var first = BitConverter.DoubleToInt64Bits(half + MagicDouble) << 52;
        var second = BitConverter.DoubleToInt64Bits(n - half + MagicDouble) << 52;
        return a * BitConverter.Int64BitsToDouble(first) * BitConverter.Int64BitsToDouble(second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Lesser(Vector128<double> a, Vector128<double> b) => Sse2.IsSupported
        ? Sse2.Min(a, b)
        : Vector128.ConditionalSelect(Vector128.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Greater(Vector128<double> a, Vector128<double> b) => Sse2.IsSupported
        ? Sse2.Max(a, b)
        : Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Scale(Vector128<double> a, Vector128<double> n)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.Scale(a, n);
        }

        var half = Vector128.Floor(n * 0.5);
        var first = (half + Vector128.Create(MagicDouble)).AsInt64() << 52;
        var second = (n - half + Vector128.Create(MagicDouble)).AsInt64() << 52;
        return a * first.AsDouble() * second.AsDouble();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Lesser(Vector256<double> a, Vector256<double> b) => Avx.IsSupported
        ? Avx.Min(a, b)
        : Vector256.ConditionalSelect(Vector256.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Greater(Vector256<double> a, Vector256<double> b) => Avx.IsSupported
        ? Avx.Max(a, b)
        : Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Scale(Vector256<double> a, Vector256<double> n)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.Scale(a, n);
        }

        var half = Vector256.Floor(n * 0.5);
        var first = (half + Vector256.Create(MagicDouble)).AsInt64() << 52;
        var second = (n - half + Vector256.Create(MagicDouble)).AsInt64() << 52;
        return a * first.AsDouble() * second.AsDouble();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Lesser(Vector512<double> a, Vector512<double> b) => Avx512F.IsSupported
        ? Avx512F.Min(a, b)
        : Vector512.ConditionalSelect(Vector512.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Greater(Vector512<double> a, Vector512<double> b) => Avx512F.IsSupported
        ? Avx512F.Max(a, b)
        : Vector512.ConditionalSelect(Vector512.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Scale(Vector512<double> a, Vector512<double> n)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.Scale(a, n);
        }

        var half = Vector512.Floor(n * 0.5);
        var first = (half + Vector512.Create(MagicDouble)).AsInt64() << 52;
        var second = (n - half + Vector512.Create(MagicDouble)).AsInt64() << 52;
        return a * first.AsDouble() * second.AsDouble();
    }
}
