using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Benchmarks.Loops;

/// <summary>What is computed from the elements at one place: of two arrays, of two rows repeated for every row, and of two numbers.</summary>
internal interface IElementwise<T>
{
    static abstract Vector512<T> Of(Vector512<T> x, Vector512<T> y, Vector512<T> a, Vector512<T> b);
}

/// <summary>exp(−½((x − a)·b)²).</summary>
internal readonly struct GaussianDensity<T> : IElementwise<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of(Vector512<T> x, Vector512<T> y, Vector512<T> a, Vector512<T> b) =>
        (x - a) * b is var z ? HandWrittenMath.Exp(z * z * Vector512.Create(T.CreateChecked(-0.5))) : default;
}

/// <summary>log(x·x + a)·b.</summary>
internal readonly struct ScaledLogarithm<T> : IElementwise<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of(Vector512<T> x, Vector512<T> y, Vector512<T> a, Vector512<T> b) => HandWrittenMath.Log((x * x) + a) * b;
}

/// <summary>(x − a)·b + y.</summary>
internal readonly struct Affine<T> : IElementwise<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of(Vector512<T> x, Vector512<T> y, Vector512<T> a, Vector512<T> b) => ((x - a) * b) + y;
}

/// <summary>((x − a)·b)².</summary>
internal readonly struct SquaredDistance<T> : IElementwise<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of(Vector512<T> x, Vector512<T> y, Vector512<T> a, Vector512<T> b) => (x - a) * b is var z ? z * z : default;
}

/// <summary>How elements become one.</summary>
internal interface IFold<T>
{
    static abstract T Identity { get; }

    static abstract Vector512<T> Fold(Vector512<T> sum, Vector512<T> value);

    static abstract T Across(Vector512<T> value);
}

internal readonly struct SumFold<T> : IFold<T> where T : unmanaged, INumber<T>
{
    public static T Identity => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Fold(Vector512<T> sum, Vector512<T> value) => sum + value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Across(Vector512<T> value) => Vector512.Sum(value);
}

/// <summary>The greatest, NaN if any is.</summary>
internal readonly struct MaximumFold<T> : IFold<T> where T : unmanaged, INumber<T>, IFloatingPointIeee754<T>
{
    public static T Identity => T.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Fold(Vector512<T> sum, Vector512<T> value) => Vector512.Max(sum, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Across(Vector512<T> value)
    {
        var greatest = T.NegativeInfinity;
        var half = Vector256.Max(value.GetLower(), value.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        for (var i = 0; i < Vector128<T>.Count; i++)
            greatest = T.Max(greatest, quarter.GetElement(i));
        return greatest;
    }
}

/// <summary>
/// The loops that the engine's are held against: one function each, four vectors side by side, masked ends, sums in registers.
/// Over rows they go in bands, so that memory is walked in order and what is summed stays near.
/// </summary>
internal static unsafe class HandWrittenLoops<T, TMap>
    where T : unmanaged, INumber<T>, IFloatingPointIeee754<T>
    where TMap : struct, IElementwise<T>
{
    private const int Band = 16;

    private static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<T>.Count;
    }

    /// <summary>z[i] of x[i] and y[i] (left out where y is null).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map(T* x, T* y, T a, T b, T* z, long count)
    {
        var (va, vb) = (Vector512.Create(a), Vector512.Create(b));
        var other = y == null ? x : y;
        var i = 0L;
        for (; i <= count - (4 * Lanes); i += 4 * Lanes)
        {
            Vector512.Store(TMap.Of(Vector512.Load(x + i), Vector512.Load(other + i), va, vb), z + i);
            Vector512.Store(TMap.Of(Vector512.Load(x + i + Lanes), Vector512.Load(other + i + Lanes), va, vb), z + i + Lanes);
            Vector512.Store(TMap.Of(Vector512.Load(x + i + (2 * Lanes)), Vector512.Load(other + i + (2 * Lanes)), va, vb), z + i + (2 * Lanes));
            Vector512.Store(TMap.Of(Vector512.Load(x + i + (3 * Lanes)), Vector512.Load(other + i + (3 * Lanes)), va, vb), z + i + (3 * Lanes));
        }
        for (; i <= count - Lanes; i += Lanes)
            Vector512.Store(TMap.Of(Vector512.Load(x + i), Vector512.Load(other + i), va, vb), z + i);
        if (i < count)
            Store(z + i, TMap.Of(Load(x + i, count - i), Load(other + i, count - i), va, vb), count - i);
    }

    /// <summary>z[r, c] of x[r, c], y[r, c], a[c] and b[c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MapRows(T* x, T* y, T* a, T* b, T* z, long rows, long columns)
    {
        for (var r = 0L; r < rows; r++, x += columns, y += columns, z += columns)
        {
            var i = 0L;
            for (; i <= columns - (2 * Lanes); i += 2 * Lanes)
            {
                Vector512.Store(TMap.Of(Vector512.Load(x + i), Vector512.Load(y + i), Vector512.Load(a + i), Vector512.Load(b + i)), z + i);
                Vector512.Store(TMap.Of(Vector512.Load(x + i + Lanes), Vector512.Load(y + i + Lanes), Vector512.Load(a + i + Lanes), Vector512.Load(b + i + Lanes)), z + i + Lanes);
            }
            for (; i <= columns - Lanes; i += Lanes)
                Vector512.Store(TMap.Of(Vector512.Load(x + i), Vector512.Load(y + i), Vector512.Load(a + i), Vector512.Load(b + i)), z + i);
            if (i < columns)
                Store(z + i, TMap.Of(Load(x + i, columns - i), Load(y + i, columns - i), Load(a + i, columns - i), Load(b + i, columns - i)), columns - i);
        }
    }

    /// <summary>Along the inner axis: z[r] of all x[r, c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Inner<TFold>(T* x, T a, T b, T* z, long rows, long columns) where TFold : struct, IFold<T>
    {
        var (va, vb) = (Vector512.Create(a), Vector512.Create(b));
        for (var r = 0L; r < rows; r++, x += columns)
        {
            var s0 = Vector512.Create(TFold.Identity);
            var (s1, s2, s3) = (s0, s0, s0);
            var i = 0L;
            for (; i <= columns - (4 * Lanes); i += 4 * Lanes)
            {
                s0 = TFold.Fold(s0, Of(x + i, va, vb));
                s1 = TFold.Fold(s1, Of(x + i + Lanes, va, vb));
                s2 = TFold.Fold(s2, Of(x + i + (2 * Lanes), va, vb));
                s3 = TFold.Fold(s3, Of(x + i + (3 * Lanes), va, vb));
            }
            for (; i <= columns - Lanes; i += Lanes)
                s0 = TFold.Fold(s0, Of(x + i, va, vb));
            if (i < columns)
                s1 = TFold.Fold(s1, First(Of(Load(x + i, columns - i), va, vb), columns - i, TFold.Identity));
            z[r] = TFold.Across(TFold.Fold(TFold.Fold(s0, s1), TFold.Fold(s2, s3)));
        }
    }

    /// <summary>Along the outer axis: z[c] of all x[r, c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Outer<TFold>(T* x, T a, T b, T* z, long rows, long columns) where TFold : struct, IFold<T>
    {
        var (va, vb) = (Vector512.Create(a), Vector512.Create(b));
        var identity = Vector512.Create(TFold.Identity);
        // A table that stays in the first cache needs no bands.
        var band = rows * columns * sizeof(T) <= 32 << 10 ? rows : Band;
        for (var first = 0L; first < rows; first += band, x += band * columns)
        {
            var height = Math.Min(band, rows - first);
            var i = 0L;
            for (; i <= columns - (4 * Lanes); i += 4 * Lanes)
            {
                var s0 = first == 0 ? identity : Vector512.Load(z + i);
                var s1 = first == 0 ? identity : Vector512.Load(z + i + Lanes);
                var s2 = first == 0 ? identity : Vector512.Load(z + i + (2 * Lanes));
                var s3 = first == 0 ? identity : Vector512.Load(z + i + (3 * Lanes));
                var p = x + i;
                for (var r = 0L; r < height; r++, p += columns)
                {
                    s0 = TFold.Fold(s0, Of(p, va, vb));
                    s1 = TFold.Fold(s1, Of(p + Lanes, va, vb));
                    s2 = TFold.Fold(s2, Of(p + (2 * Lanes), va, vb));
                    s3 = TFold.Fold(s3, Of(p + (3 * Lanes), va, vb));
                }
                Vector512.Store(s0, z + i);
                Vector512.Store(s1, z + i + Lanes);
                Vector512.Store(s2, z + i + (2 * Lanes));
                Vector512.Store(s3, z + i + (3 * Lanes));
            }
            for (; i < columns; i += Lanes)
            {
                var count = Math.Min(columns - i, Lanes);
                var sum = first == 0 ? identity : Load(z + i, count);
                var p = x + i;
                for (var r = 0L; r < height; r++, p += columns)
                    sum = TFold.Fold(sum, Of(Load(p, count), va, vb));
                Store(z + i, sum, count);
            }
        }
    }

    /// <summary>Log-sum-exp along the inner axis: by blocks that stay near, first the greatest, then the sum of exponentials.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InnerLogSumExp(T* x, T a, T b, T* z, long rows, long columns)
    {
        const int Block = 2048;
        var (va, vb) = (Vector512.Create(a), Vector512.Create(b));
        var lowest = Vector512.Create(T.NegativeInfinity);
        for (var r = 0L; r < rows; r++, x += columns)
        {
            var (shift, total) = (T.NegativeInfinity, T.Zero);
            for (var start = 0L; start < columns; start += Block)
            {
                var end = Math.Min(columns, start + Block);
                var (m0, m1) = (lowest, lowest);
                var i = start;
                for (; i <= end - (2 * Lanes); i += 2 * Lanes)
                {
                    m0 = Vector512.MaxNative(Of(x + i, va, vb), m0);
                    m1 = Vector512.MaxNative(Of(x + i + Lanes, va, vb), m1);
                }
                for (; i < end; i += Lanes)
                    m0 = Vector512.MaxNative(First(Of(Load(x + i, end - i), va, vb), end - i, T.NegativeInfinity), m0);
                var greatest = T.Max(shift, MaximumFold<T>.Across(Vector512.MaxNative(m0, m1)));
                if (T.IsInfinity(greatest))
                    greatest = T.IsNegative(greatest) ? T.Zero : greatest;
                var vm = Vector512.Create(greatest);
                var (s0, s1) = (Vector512<T>.Zero, Vector512<T>.Zero);
                for (i = start; i <= end - (2 * Lanes); i += 2 * Lanes)
                {
                    s0 += HandWrittenMath.Exp(Of(x + i, va, vb) - vm);
                    s1 += HandWrittenMath.Exp(Of(x + i + Lanes, va, vb) - vm);
                }
                for (; i < end; i += Lanes)
                    s0 += First(HandWrittenMath.Exp(Of(Load(x + i, end - i), va, vb) - vm), end - i, T.Zero);
                total = (start == 0 ? T.Zero : total * T.Exp(shift - greatest)) + Vector512.Sum(s0 + s1);
                shift = greatest;
            }
            z[r] = shift + T.Log(total);
        }
    }

    /// <summary>Log-sum-exp along the outer axis: the greatest of a band, then the sum of exponentials, for a few columns at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OuterLogSumExp(T* x, T a, T b, T* z, T* sums, long rows, long columns)
    {
        var (va, vb) = (Vector512.Create(a), Vector512.Create(b));
        var lowest = Vector512.Create(typeof(T) == typeof(float) ? (T)(object)float.MinValue : (T)(object)double.MinValue);
        for (var first = 0L; first < rows; first += Band, x += Band * columns)
        {
            var height = Math.Min(Band, rows - first);
            for (var i = 0L; i < columns; i += 2 * Lanes)
            {
                var (count0, count1) = (Math.Min(columns - i, Lanes), Math.Clamp(columns - i - Lanes, 0, Lanes));
                var (g0, g1) = first == 0 ? (lowest, lowest) : (Load(z + i, count0), Load(z + i + Lanes, count1));
                var (m0, m1) = (g0, g1);
                var p = x + i;
                for (var r = 0L; r < height; r++, p += columns)
                {
                    m0 = Vector512.MaxNative(Of(Load(p, count0), va, vb), m0);
                    m1 = Vector512.MaxNative(Of(Load(p + Lanes, count1), va, vb), m1);
                }
                var (s0, s1) = (Vector512<T>.Zero, Vector512<T>.Zero);
                if (first > 0)
                    (s0, s1) = (Load(sums + i, count0) * HandWrittenMath.Exp(g0 - m0), Load(sums + i + Lanes, count1) * HandWrittenMath.Exp(g1 - m1));
                p = x + i;
                for (var r = 0L; r < height; r++, p += columns)
                {
                    s0 += HandWrittenMath.Exp(Of(Load(p, count0), va, vb) - m0);
                    s1 += HandWrittenMath.Exp(Of(Load(p + Lanes, count1), va, vb) - m1);
                }
                var isLast = first + height == rows;
                Store(z + i, isLast ? m0 + HandWrittenMath.Log(s0) : m0, count0);
                Store(z + i + Lanes, isLast ? m1 + HandWrittenMath.Log(s1) : m1, count1);
                Store(sums + i, s0, count0);
                Store(sums + i + Lanes, s1, count1);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Of(T* x, Vector512<T> a, Vector512<T> b) => Vector512.Load(x) is var v ? TMap.Of(v, v, a, b) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Of(Vector512<T> x, Vector512<T> a, Vector512<T> b) => TMap.Of(x, x, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Mask(long count) => typeof(T) == typeof(float)
        ? Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((int)count)).As<int, T>()
        : Vector512.LessThan(Vector512<long>.Indices, Vector512.Create(count)).As<long, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> First(Vector512<T> value, long count, T identity) => Vector512.ConditionalSelect(Mask(count), value, Vector512.Create(identity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Load(T* p, long count)
    {
        if (count >= Lanes)
            return Vector512.Load(p);
        return typeof(T) == typeof(float)
            ? Avx512F.MaskLoad((float*)p, Mask(count).AsSingle(), Vector512<float>.Zero).As<float, T>()
            : Avx512F.MaskLoad((double*)p, Mask(count).AsDouble(), Vector512<double>.Zero).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* p, Vector512<T> value, long count)
    {
        if (count >= Lanes)
            Vector512.Store(value, p);
        else if (typeof(T) == typeof(float))
            Avx512F.MaskStore((float*)p, Mask(count).AsSingle(), value.AsSingle());
        else
            Avx512F.MaskStore((double*)p, Mask(count).AsDouble(), value.AsDouble());
    }
}
