using System.Numerics;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Solves L·X = B or Lᵀ·X = B by substitution. Only the lower triangle of L is read. A zero on the diagonal gives infinities
/// or NaN, never an exception.
/// </summary>
internal static unsafe class TriangularSolveKernel
{
    /// <summary>Solves <paramref name="batch"/> systems of <paramref name="n"/> unknowns for <paramref name="m"/> right-hand sides each.</summary>
    /// <param name="l">Batch × n × n.</param>
    /// <param name="b">Batch × n × m.</param>
    /// <param name="x">Batch × n × m; may be <paramref name="b"/>.</param>
    /// <param name="batch">How many systems.</param>
    /// <param name="n">Unknowns.</param>
    /// <param name="m">Right-hand sides.</param>
    /// <param name="transpose">Solve with Lᵀ.</param>
    public static void Run<T>(T* l, T* b, T* x, int batch, int n, int m, bool transpose)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var size = (nint)n * m;
        for (var system = 0; system < batch; system++, l += (nint)n * n, b += size, x += size)
        {
            if (x != b)
                Buffer.MemoryCopy(b, x, size * sizeof(T), size * sizeof(T));
            if (transpose)
                SolveTransposed(l, x, n, m);
            else if (m == 1)
                SolveVector(l, x, n);
            else
                Solve(l, x, n, m);
        }
    }

    private static void Solve<T>(T* l, T* x, int n, int m)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (nint i = 0; i < n; i++)
        {
            for (nint k = 0; k < i; k++)
                ContiguousRows.Subtract(l[(i * n) + k], x + (k * m), x + (i * m), m);
            ContiguousRows.Divide(l[(i * n) + i], x + (i * m), m);
        }
    }

    private static void SolveVector<T>(T* l, T* x, int n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (nint i = 0; i < n; i++)
            x[i] = (x[i] - ContiguousRows.Dot(l + (i * n), x, (int)i)) / l[(i * n) + i];
    }

    // Each unknown is taken out of the equations above it as soon as it is known, since a row of L is a column of its transpose.
    private static void SolveTransposed<T>(T* l, T* x, int n, int m)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (nint i = n - 1; i >= 0; i--)
        {
            ContiguousRows.Divide(l[(i * n) + i], x + (i * m), m);
            if (m == 1)
            {
                ContiguousRows.Subtract(x[i], l + (i * n), x, (int)i);
                continue;
            }

            for (nint k = 0; k < i; k++)
                ContiguousRows.Subtract(l[(i * n) + k], x + (i * m), x + (k * m), m);
        }
    }
}
