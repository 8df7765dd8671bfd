using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Benchmarks.Loops;

/// <summary>Exponential and logarithm in AVX-512 intrinsics, as accurate as the engine's: what the loops written by hand call.</summary>
internal static class HandWrittenMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Exp<T>(Vector512<T> x) => typeof(T) == typeof(float) ? Exp(x.AsSingle()).As<float, T>() : Exp(x.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Log<T>(Vector512<T> x) => typeof(T) == typeof(float) ? Log(x.AsSingle()).As<float, T>() : Log(x.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MinNative(Vector512.Create(89f), Vector512.MaxNative(Vector512.Create(-104f), x));
        var magic = Vector512.Create(12582912f);
        var n = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.442695041f), magic) - magic;
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.69314718246459961f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(1.9046542121259336e-9f), r);
        var q = Vector512.Create(0.0013813388f);
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.00836942f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.041668452f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.16666515f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.49999994f));
        var e = Vector512.FusedMultiplyAdd(r * r, q, r) + Vector512<float>.One;
        return Avx512F.Scale(e, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exp(Vector512<double> x)
    {
        x = Vector512.MinNative(Vector512.Create(710.0), Vector512.MaxNative(Vector512.Create(-746.0), x));
        var magic = Vector512.Create(6755399441055744.0);
        var n = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.4426950408889634), magic) - magic;
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.69314718055994529), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-2.3190468138462996e-17), r);
        var q = Vector512.Create(2.0825632700830963e-09);
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.5113227787410742e-08));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.755759236754883e-07));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.7557231478244074e-06));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.4801586903902578e-05));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.000198412698997302));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.001388888888913411));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.008333333333315703));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.04166666666666603));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.16666666666666685));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.5));
        var e = Vector512.FusedMultiplyAdd(r * r, q, r) + Vector512<double>.One;
        return Avx512F.Scale(e, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Log(Vector512<float> x)
    {
        // The exponent of x/√2 and one more, so that the mantissa lies around 1.
        var k = Avx512F.GetExponent(x * 0.70710678f) + Vector512<float>.One;
        var f = Avx512F.Scale(x, -k) - Vector512<float>.One;
        var q = Vector512.Create(-0.076349065f);
        q = Vector512.FusedMultiplyAdd(q, f, Vector512.Create(0.12761833f));
        q = Vector512.FusedMultiplyAdd(q, f, Vector512.Create(-0.13160153f));
        q = Vector512.FusedMultiplyAdd(q, f, Vector512.Create(0.14201722f));
        q = Vector512.FusedMultiplyAdd(q, f, Vector512.Create(-0.16623355f));
        q = Vector512.FusedMultiplyAdd(q, f, Vector512.Create(0.20001228f));
        q = Vector512.FusedMultiplyAdd(q, f, Vector512.Create(-0.25000823f));
        q = Vector512.FusedMultiplyAdd(q, f, Vector512.Create(0.3333333f));
        var tail = Vector512.FusedMultiplyAdd(f * f, Vector512.FusedMultiplyAdd(f, q, Vector512.Create(-0.5f)), k * -2.12194440e-4f);
        var log = Vector512.FusedMultiplyAdd(k, Vector512.Create(0.693359375f), f + tail);
        return Special(x, log);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Log(Vector512<double> x)
    {
        var k = Avx512F.GetExponent(x * 0.70710678118654752) + Vector512<double>.One;
        var f = Avx512F.Scale(x, -k) - Vector512<double>.One;
        var s = f / (Vector512.Create(2.0) + f);
        var z = s * s;
        var r = Vector512.Create(0.14795968992562175);
        r = Vector512.FusedMultiplyAdd(r, z, Vector512.Create(0.15314049031737864));
        r = Vector512.FusedMultiplyAdd(r, z, Vector512.Create(0.18183564365471735));
        r = Vector512.FusedMultiplyAdd(r, z, Vector512.Create(0.22222198572914076));
        r = Vector512.FusedMultiplyAdd(r, z, Vector512.Create(0.28571428742384253));
        r = Vector512.FusedMultiplyAdd(r, z, Vector512.Create(0.3999999999941473));
        r = Vector512.FusedMultiplyAdd(r, z, Vector512.Create(0.6666666666666734));
        var half = f * f * 0.5;
        var correction = half - Vector512.FusedMultiplyAdd(s, Vector512.FusedMultiplyAdd(r, z, half), k * 1.90821492927058770002e-10);
        var log = Vector512.FusedMultiplyAdd(k, Vector512.Create(0.693147180369123816490), f - correction);
        return Special(x, log);
    }

    // NaN of NaN and of negative numbers, −∞ of 0, ∞ of ∞, by the class of the argument.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Special(Vector512<float> x, Vector512<float> log) => Avx512F.Fixup(log, x, Vector512.Create(0x03530422), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Special(Vector512<double> x, Vector512<double> log) => Avx512F.Fixup(log, x, Vector512.Create(0x03530422L), 0);
}
