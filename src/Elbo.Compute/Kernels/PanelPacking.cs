using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Copies a strip of a matrix so that what a micro-kernel reads for one k is contiguous. Strides are in bytes.
/// Only bits move, so nothing here depends on the width a plan is compiled for.
/// </summary>
internal static unsafe class PanelPacking
{
    // Hot from the first call: compiling these loops in tiers would make a model's first steps several times slower.
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    private const int RowsAtOnce = 4;

    /// <summary>A panel's width in elements: a multiple of what <see cref="Transpose"/> moves at once.</summary>
    public static int RoundUp(int elements) => (elements + RowsAtOnce - 1) / RowsAtOnce * RowsAtOnce;

    /// <summary>
    /// Copies <paramref name="count"/> rows of <paramref name="bytes"/> bytes, a multiple of 4; what the target's stride leaves
    /// over is not written.
    /// </summary>
    [MethodImpl(Hot)]
    public static void Copy(byte* source, nint sourceStride, byte* target, nint targetStride, int bytes, int count)
    {
        for (var row = 0; row < count; row++)
        {
            var offset = 0;
            for (; offset + 32 <= bytes; offset += 32)
                Vector256.Store(Vector256.Load(source + offset), target + offset);
            if (offset + 16 <= bytes)
            {
                Vector128.Store(Vector128.Load(source + offset), target + offset);
                offset += 16;
            }

            for (; offset < bytes; offset += 4)
                Unsafe.WriteUnaligned(target + offset, Unsafe.ReadUnaligned<uint>(source + offset));
            source += sourceStride;
            target += targetStride;
        }
    }

    /// <summary>
    /// Writes element (i, k) of a source with <paramref name="rows"/> rows and <paramref name="count"/> columns as element
    /// (k, i). The target's stride has room for <see cref="RoundUp"/> rows; the room left over is filled with
    /// repetitions of the last row.
    /// </summary>
    public static void Transpose(byte* source, nint sourceStride, byte* target, nint targetStride, int rows, int count, bool isDouble)
    {
        if (isDouble)
            TransposeDoubles((double*)source, sourceStride / 8, (double*)target, targetStride / 8, rows, count);
        else
            TransposeSingles((float*)source, sourceStride / 4, (float*)target, targetStride / 4, rows, count);
    }

    [MethodImpl(Hot)]
    private static void TransposeSingles(float* source, nint stride, float* target, nint targetStride, int rows, int count)
    {
        var row = 0;
        if (Avx.IsSupported)
        {
            for (; row + 8 <= rows; row += 8)
                TransposeEightRows(source + (row * stride), stride, target + row, targetStride, count);
        }

        for (; row < rows; row += RowsAtOnce)
        {
            var r0 = source + (row * stride);
            var r1 = source + (Math.Min(row + 1, rows - 1) * stride);
            var r2 = source + (Math.Min(row + 2, rows - 1) * stride);
            var r3 = source + (Math.Min(row + 3, rows - 1) * stride);
            TransposeFourRows(r0, r1, r2, r3, target + row, targetStride, count);
        }
    }

    [MethodImpl(Hot)]
    private static void TransposeEightRows(float* source, nint stride, float* target, nint targetStride, int count)
    {
        var k = 0;
        for (; k + 8 <= count; k += 8)
        {
            // Rows i and i + 4 share a register from the start, which leaves only shuffles within its halves.
            var s = source + k;
            var a = Halves(s, s + (4 * stride));
            var b = Halves(s + stride, s + (5 * stride));
            var c = Halves(s + (2 * stride), s + (6 * stride));
            var d = Halves(s + (3 * stride), s + (7 * stride));
            StoreColumns(a, b, c, d, target + (k * targetStride), targetStride);
            s += 4;
            a = Halves(s, s + (4 * stride));
            b = Halves(s + stride, s + (5 * stride));
            c = Halves(s + (2 * stride), s + (6 * stride));
            d = Halves(s + (3 * stride), s + (7 * stride));
            StoreColumns(a, b, c, d, target + ((k + 4) * targetStride), targetStride);
        }

        for (var half = 0; half < 8 && k < count; half += RowsAtOnce)
        {
            var s = source + (half * stride) + k;
            TransposeFourRows(s, s + stride, s + (2 * stride), s + (3 * stride), target + (k * targetStride) + half, targetStride, count - k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* low, float* high) =>
        Vector256.Create(Vector128.Load(low), Vector128.Load(high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreColumns(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, float* target, nint stride)
    {
        var abLow = Avx.UnpackLow(a, b);
        var abHigh = Avx.UnpackHigh(a, b);
        var cdLow = Avx.UnpackLow(c, d);
        var cdHigh = Avx.UnpackHigh(c, d);
        Avx.Shuffle(abLow, cdLow, 0x44).Store(target);
        Avx.Shuffle(abLow, cdLow, 0xEE).Store(target + stride);
        Avx.Shuffle(abHigh, cdHigh, 0x44).Store(target + (2 * stride));
        Avx.Shuffle(abHigh, cdHigh, 0xEE).Store(target + (3 * stride));
    }

    [MethodImpl(Hot)]
    private static void TransposeFourRows(float* r0, float* r1, float* r2, float* r3, float* target, nint stride, int count)
    {
        var k = 0;
        if (Sse.IsSupported)
        {
            for (; k + 4 <= count; k += 4)
            {
                var abLow = Sse.UnpackLow(Vector128.Load(r0 + k), Vector128.Load(r1 + k));
                var abHigh = Sse.UnpackHigh(Vector128.Load(r0 + k), Vector128.Load(r1 + k));
                var cdLow = Sse.UnpackLow(Vector128.Load(r2 + k), Vector128.Load(r3 + k));
                var cdHigh = Sse.UnpackHigh(Vector128.Load(r2 + k), Vector128.Load(r3 + k));
                var t = target + (k * stride);
                Sse.MoveLowToHigh(abLow, cdLow).Store(t);
                Sse.MoveHighToLow(cdLow, abLow).Store(t + stride);
                Sse.MoveLowToHigh(abHigh, cdHigh).Store(t + (2 * stride));
                Sse.MoveHighToLow(cdHigh, abHigh).Store(t + (3 * stride));
            }
        }

        for (; k < count; k++)
            Vector128.Create(r0[k], r1[k], r2[k], r3[k]).Store(target + (k * stride));
    }

    [MethodImpl(Hot)]
    private static void TransposeDoubles(double* source, nint stride, double* target, nint targetStride, int rows, int count)
    {
        for (var row = 0; row < rows; row += RowsAtOnce)
        {
            var r0 = source + (row * stride);
            var r1 = source + (Math.Min(row + 1, rows - 1) * stride);
            var r2 = source + (Math.Min(row + 2, rows - 1) * stride);
            var r3 = source + (Math.Min(row + 3, rows - 1) * stride);
            TransposeFourRows(r0, r1, r2, r3, target + row, targetStride, count);
        }
    }

    [MethodImpl(Hot)]
    private static void TransposeFourRows(double* r0, double* r1, double* r2, double* r3, double* target, nint stride, int count)
    {
        var k = 0;
        if (Avx.IsSupported)
        {
            for (; k + 4 <= count; k += 4)
            {
                var even01 = Avx.UnpackLow(Vector256.Load(r0 + k), Vector256.Load(r1 + k));
                var odd01 = Avx.UnpackHigh(Vector256.Load(r0 + k), Vector256.Load(r1 + k));
                var even23 = Avx.UnpackLow(Vector256.Load(r2 + k), Vector256.Load(r3 + k));
                var odd23 = Avx.UnpackHigh(Vector256.Load(r2 + k), Vector256.Load(r3 + k));
                var t = target + (k * stride);
                Avx.Permute2x128(even01, even23, 0x20).Store(t);
                Avx.Permute2x128(odd01, odd23, 0x20).Store(t + stride);
                Avx.Permute2x128(even01, even23, 0x31).Store(t + (2 * stride));
                Avx.Permute2x128(odd01, odd23, 0x31).Store(t + (3 * stride));
            }
        }

        for (; k < count; k++)
            Vector256.Create(r0[k], r1[k], r2[k], r3[k]).Store(target + (k * stride));
    }
}
