using System.Numerics;

namespace Elbo.Compute.Kernels;

/// <summary>
/// The lower Cholesky factor L of symmetric positive definite matrices, A = L·Lᵀ, row by row (Golub and Van Loan 2013,
/// section 4.2), so that every sum runs along two contiguous rows.
/// </summary>
internal static unsafe class CholeskyKernel
{
    /// <summary>
    /// Factorises <paramref name="batch"/> matrices of <paramref name="n"/>×<paramref name="n"/>. Only the lower triangle of A
    /// is read; the upper triangle of L is zero. A matrix that is not positive definite gives a factor of NaN throughout, and
    /// nothing is thrown. L may be A.
    /// </summary>
    public static void Run<T>(T* a, T* l, int batch, int n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var size = (nint)n * n;
        for (var matrix = 0; matrix < batch; matrix++, a += size, l += size)
        {
            if (!TryFactorise(a, l, n))
                Fill(l, size, T.NaN);
        }
    }

    private static bool TryFactorise<T>(T* a, T* l, int n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (nint i = 0; i < n; i++)
        {
            var row = l + (i * n);
            for (nint j = 0; j < i; j++)
                row[j] = (a[(i * n) + j] - ContiguousRows.Dot(row, l + (j * n), (int)j)) / l[(j * n) + j];
            var square = a[(i * n) + i] - ContiguousRows.Dot(row, row, (int)i);

            // Also false for NaN. An infinite pivot would make the rest finite and wrong.
            if (!(square > T.Zero) || !T.IsFinite(square))
                return false;
            row[i] = T.Sqrt(square);
            Fill(row + i + 1, n - i - 1, T.Zero);
        }

        return true;
    }

    private static void Fill<T>(T* target, nint count, T value)
        where T : unmanaged
    {
        for (nint i = 0; i < count; i++)
            target[i] = value;
    }
}
