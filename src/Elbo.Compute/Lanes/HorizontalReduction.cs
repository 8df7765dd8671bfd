using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Elbo.Compute.Lanes;

/// <summary>
/// One number from the lanes of a vector, in a fixed order: halves are combined until one lane is left, so the result
/// depends on the width of the vector and on nothing else.
/// </summary>
internal static class HorizontalReduction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(Vector512<float> v) => Add(v.GetLower() + v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(Vector256<float> v) => Add(v.GetLower() + v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(Vector128<float> v)
    {
        v += Vector128.Shuffle(v, Vector128.Create(2, 3, 0, 1));
        return v.ToScalar() + v.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Add(Vector512<double> v) => Add(v.GetLower() + v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Add(Vector256<double> v) => Add(v.GetLower() + v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Add(Vector128<double> v) => v.ToScalar() + v.GetElement(1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> v) => Max(Vector256.Max(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector256<float> v) => Max(Vector128.Max(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector128<float> v)
    {
        v = Vector128.Max(v, Vector128.Shuffle(v, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(v.ToScalar(), v.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(Vector512<double> v) => Max(Vector256.Max(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(Vector256<double> v) => Max(Vector128.Max(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(Vector128<double> v) => Math.Max(v.ToScalar(), v.GetElement(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(Vector512<float> v) => Min(Vector256.Min(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(Vector256<float> v) => Min(Vector128.Min(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(Vector128<float> v)
    {
        v = Vector128.Min(v, Vector128.Shuffle(v, Vector128.Create(2, 3, 0, 1)));
        return MathF.Min(v.ToScalar(), v.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Min(Vector512<double> v) => Min(Vector256.Min(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Min(Vector256<double> v) => Min(Vector128.Min(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Min(Vector128<double> v) => Math.Min(v.ToScalar(), v.GetElement(1));
}
