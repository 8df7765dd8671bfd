using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Lanes;

/// <summary>
/// Loads and stores of the first few lanes of a vector that touch no memory beyond them: masked instructions where there
/// are any, else element by element. Elements are moved as floats of their size, whatever their bits mean.
/// </summary>
internal static unsafe class PartialMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> First512(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> First256(int count) => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> First128(int count) => Vector128.LessThan(Vector128<int>.Indices, Vector128.Create(count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> FirstWide512(int count) =>
        Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> FirstWide256(int count) =>
        Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> FirstWide128(int count) =>
        Vector128.LessThan(Vector128<long>.Indices, Vector128.Create((long)count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(float* p, int count) => Avx512F.IsSupported
        ? Avx512F.MaskLoad(p, First512(count).AsSingle(), Vector512<float>.Zero)
        : LoadEach<float, Vector512<float>>(p, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load512(double* p, int count) => Avx512F.IsSupported
        ? Avx512F.MaskLoad(p, FirstWide512(count).AsDouble(), Vector512<double>.Zero)
        : LoadEach<double, Vector512<double>>(p, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(float* p, int count) => Avx2.IsSupported
        ? Avx.MaskLoad(p, First256(count).AsSingle())
        : LoadEach<float, Vector256<float>>(p, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load256(double* p, int count) => Avx2.IsSupported
        ? Avx.MaskLoad(p, FirstWide256(count).AsDouble())
        : LoadEach<double, Vector256<double>>(p, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(float* p, int count) => Avx.IsSupported
        ? Avx.MaskLoad(p, First128(count).AsSingle())
        : LoadEach<float, Vector128<float>>(p, count);

    // Fewer than two elements are one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Load128(double* p, int count) =>
        count > 0 ? Vector128.CreateScalar(*p) : Vector128<double>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long LoadPair(float* p, int count) => count > 0 ? *(uint*)p : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store512(float* p, Vector512<float> v, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(p, First512(count).AsSingle(), v);
        }
        else
        {
            StoreEach(p, v, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store512(double* p, Vector512<double> v, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(p, FirstWide512(count).AsDouble(), v);
        }
        else
        {
            StoreEach(p, v, count);
        }
    }

    // The VEX masked stores are slow on AMD; the EVEX ones are not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store256(float* p, Vector256<float> v, int count)
    {
        if (Avx512F.VL.IsSupported)
        {
            Avx512F.VL.MaskStore(p, First256(count).AsSingle(), v);
        }
        else if (Avx2.IsSupported)
        {
            Avx.MaskStore(p, First256(count).AsSingle(), v);
        }
        else
        {
            StoreEach(p, v, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store256(double* p, Vector256<double> v, int count)
    {
        if (Avx512F.VL.IsSupported)
        {
            Avx512F.VL.MaskStore(p, FirstWide256(count).AsDouble(), v);
        }
        else if (Avx2.IsSupported)
        {
            Avx.MaskStore(p, FirstWide256(count).AsDouble(), v);
        }
        else
        {
            StoreEach(p, v, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store128(float* p, Vector128<float> v, int count)
    {
        if (Avx512F.VL.IsSupported)
        {
            Avx512F.VL.MaskStore(p, First128(count).AsSingle(), v);
        }
        else if (Avx.IsSupported)
        {
            Avx.MaskStore(p, First128(count).AsSingle(), v);
        }
        else
        {
            StoreEach(p, v, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store128(double* p, Vector128<double> v, int count)
    {
        if (count > 0)
        {
            *p = v.ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair(float* p, long pair, int count)
    {
        if (count > 0)
        {
            *(uint*)p = (uint)pair;
        }
    }

    private static TVector LoadEach<T, TVector>(T* p, int count)
        where T : unmanaged
        where TVector : unmanaged
    {
        TVector v = default;
        for (var i = 0; i < count; i++)
        {
            ((T*)&v)[i] = p[i];
        }

        return v;
    }

    private static void StoreEach<T, TVector>(T* p, TVector v, int count)
        where T : unmanaged
        where TVector : unmanaged
    {
        for (var i = 0; i < count; i++)
        {
            p[i] = ((T*)&v)[i];
        }
    }
}
