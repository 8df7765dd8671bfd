using System.Numerics;
using System.Runtime.Intrinsics;

namespace Elbo.Compute.Kernels;

/// <summary>
/// The two loops that factorising and solving are made of, over contiguous elements. The register size is fixed, so that the
/// order of a sum is the same on every machine.
/// </summary>
internal static unsafe class ContiguousRows
{
    /// <summary>Σ xᵢ·yᵢ.</summary>
    public static T Dot<T>(T* x, T* y, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = Vector256<T>.Count;
        var (sum0, sum1) = (Vector256<T>.Zero, Vector256<T>.Zero);
        var i = 0;
        for (; i + (2 * lanes) <= count; i += 2 * lanes)
        {
            sum0 += Vector256.Load(x + i) * Vector256.Load(y + i);
            sum1 += Vector256.Load(x + i + lanes) * Vector256.Load(y + i + lanes);
        }

        if (i + lanes <= count)
        {
            sum0 += Vector256.Load(x + i) * Vector256.Load(y + i);
            i += lanes;
        }

        var sum = Vector256.Sum(sum0 + sum1);
        for (; i < count; i++)
            sum += x[i] * y[i];
        return sum;
    }

    /// <summary>yᵢ ← yᵢ − factor·xᵢ.</summary>
    public static void Subtract<T>(T factor, T* x, T* y, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = Vector256<T>.Count;
        var factors = Vector256.Create(factor);
        var i = 0;
        for (; i + lanes <= count; i += lanes)
            Vector256.Store(Vector256.Load(y + i) - (factors * Vector256.Load(x + i)), y + i);
        for (; i < count; i++)
            y[i] -= factor * x[i];
    }

    /// <summary>yᵢ ← yᵢ / divisor; a true division, whose result is correctly rounded.</summary>
    public static void Divide<T>(T divisor, T* y, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = Vector256<T>.Count;
        var divisors = Vector256.Create(divisor);
        var i = 0;
        for (; i + lanes <= count; i += lanes)
            Vector256.Store(Vector256.Load(y + i) / divisors, y + i);
        for (; i < count; i++)
            y[i] /= divisor;
    }
}
