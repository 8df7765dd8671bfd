using System.Numerics;
using Elbo.Compute.Kernels;

namespace Elbo.Compute.Tests.Kernels;

public unsafe class FactorisationTests
{
    private const int Batch = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(17)]
    [InlineData(40)]
    public void A_factor_reconstructs_its_matrix(int n)
    {
        Reconstructs<float>(n, 1e-5);
        Reconstructs<double>(n, 1e-13);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 1)]
    [InlineData(40, 1)]
    [InlineData(4, 3)]
    [InlineData(21, 19)]
    public void A_solution_satisfies_its_equations(int n, int m)
    {
        foreach (var transpose in (bool[])[false, true])
        {
            Solves<float>(n, m, transpose, 1e-5);
            Solves<double>(n, m, transpose, 1e-13);
        }
    }

    [Fact]
    public void A_matrix_that_is_not_positive_definite_gives_nan_and_its_neighbours_are_right()
    {
        double[] matrices = [4, 0, 2, 5, /**/ 1, 0, 2, 1, /**/ double.NaN, 0, 0, 1, /**/ 0, 0, 0, 1, /**/ 9, 0, 0, 16];
        Factorise(matrices, 5, 2);
        Assert.Equal([2, 0, 1, 2], matrices[..4]);
        Assert.All(matrices[4..16], x => Assert.True(double.IsNaN(x)));
        Assert.Equal([3, 0, 0, 4], matrices[16..]);
    }

    [Fact]
    public void The_upper_triangle_is_not_read()
    {
        double[] matrix = [4, double.NaN, 2, 5];
        Factorise(matrix, 1, 2);
        Assert.Equal([2, 0, 1, 2], matrix);
    }

    private static void Reconstructs<T>(int n, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var expected = Enumerable.Range(0, Batch).SelectMany(seed => PositiveDefinite(n, seed)).ToArray();
        var a = Array.ConvertAll(expected, T.CreateChecked);
        var l = new T[a.Length];
        fixed (T* pa = a, pl = l)
            CholeskyKernel.Run(pa, pl, Batch, n);
        for (var at = 0; at < a.Length; at++)
        {
            var (matrix, i, j) = (at / (n * n) * n * n, at / n % n, at % n);
            var sum = Enumerable.Range(0, n).Sum(k => double.CreateChecked(l[matrix + (i * n) + k] * l[matrix + (j * n) + k]));
            Assert.Equal(expected[at], sum, tolerance * n);
            if (j > i)
                Assert.Equal(T.Zero, l[at]);
        }
    }

    private static void Solves<T>(int n, int m, bool transpose, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var l = Enumerable.Range(0, Batch).SelectMany(seed => Lower(n, seed)).Select(T.CreateChecked).ToArray();
        var random = new Random(5);
        var b = Enumerable.Range(0, Batch * n * m).Select(_ => T.CreateChecked(random.NextDouble())).ToArray();
        var x = new T[b.Length];
        fixed (T* pl = l, pb = b, px = x)
            TriangularSolveKernel.Run(pl, pb, px, Batch, n, m, transpose);
        for (var at = 0; at < b.Length; at++)
        {
            var (system, i, j) = (at / (n * m), at / m % n, at % m);
            var sum = 0.0;
            for (var k = 0; k < n; k++)
            {
                var (row, column) = transpose ? (k, i) : (i, k);
                if (column <= row)
                    sum += double.CreateChecked(l[(system * n * n) + (row * n) + column] * x[(system * n * m) + (k * m) + j]);
            }

            Assert.Equal(double.CreateChecked(b[at]), sum, tolerance * n);
        }
    }

    private static void Factorise(double[] matrices, int batch, int n)
    {
        fixed (double* p = matrices)
            CholeskyKernel.Run(p, p, batch, n);
    }

    private static double[] PositiveDefinite(int n, int seed)
    {
        var l = Lower(n, seed);
        var a = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                a[(i * n) + j] = Enumerable.Range(0, n).Where(k => k <= Math.Min(i, j)).Sum(k => l[(i * n) + k] * l[(j * n) + k]);
        }

        return a;
    }

    // NaN above the diagonal, where nothing may read; a diagonal that keeps the systems well conditioned.
    private static double[] Lower(int n, int seed)
    {
        var random = new Random(seed);
        var l = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                l[(i * n) + j] = j > i ? double.NaN : j == i ? 1 + random.NextDouble() : (random.NextDouble() - 0.5) / Math.Sqrt(n);
        }

        return l;
    }
}
