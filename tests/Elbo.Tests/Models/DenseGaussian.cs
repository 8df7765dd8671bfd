namespace Elbo.Tests.Models;

/// <summary>A multivariate normal by its Cholesky factor, in double precision.</summary>
internal sealed class DenseGaussian
{
    private readonly double[] _mean;
    private readonly double[,] _factor;

    public DenseGaussian(double[] mean, double[,] covariance)
    {
        _mean = mean;
        _factor = Cholesky(covariance);
    }

    public double LogDensity(ReadOnlySpan<double> x)
    {
        var n = _mean.Length;
        var (z, sum) = (new double[n], -0.5 * n * Math.Log(2 * Math.PI));
        for (var i = 0; i < n; i++)
        {
            z[i] = x[i] - _mean[i];
            for (var j = 0; j < i; j++)
                z[i] -= _factor[i, j] * z[j];
            z[i] /= _factor[i, i];
            sum -= 0.5 * z[i] * z[i] + Math.Log(_factor[i, i]);
        }
        return sum;
    }

    /// <summary>Mean and covariance of some components given the others: Σ_ma Σ_aa⁻¹ and the Schur complement.</summary>
    public static (double[] Mean, double[,] Covariance) Conditional(double[] mean, double[,] covariance, int[] missing, int[] known, double[] values)
    {
        var inverse = Inverse(Select(covariance, known, known));
        var gain = Product(Select(covariance, missing, known), inverse);
        var conditional = new double[missing.Length];
        for (var i = 0; i < missing.Length; i++)
        {
            conditional[i] = mean[missing[i]];
            for (var j = 0; j < known.Length; j++)
                conditional[i] += gain[i, j] * (values[known[j]] - mean[known[j]]);
        }
        var schur = Select(covariance, missing, missing);
        var taken = Product(gain, Select(covariance, known, missing));
        for (var i = 0; i < missing.Length; i++)
        {
            for (var j = 0; j < missing.Length; j++)
                schur[i, j] -= taken[i, j];
        }
        return (conditional, schur);
    }

    public static double[,] Cholesky(double[,] a)
    {
        var n = a.GetLength(0);
        var l = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++)
                    sum -= l[i, k] * l[j, k];
                l[i, j] = i == j ? Math.Sqrt(sum) : sum / l[j, j];
            }
        }
        return l;
    }

    /// <summary>The inverse of a positive definite matrix.</summary>
    public static double[,] Inverse(double[,] a)
    {
        var (n, l) = (a.GetLength(0), Cholesky(a));
        var inverse = new double[n, n];
        for (var column = 0; column < n; column++)
        {
            var z = new double[n];
            for (var i = 0; i < n; i++)
            {
                z[i] = i == column ? 1 : 0;
                for (var j = 0; j < i; j++)
                    z[i] -= l[i, j] * z[j];
                z[i] /= l[i, i];
            }
            for (var i = n - 1; i >= 0; i--)
            {
                for (var j = i + 1; j < n; j++)
                    z[i] -= l[j, i] * z[j];
                z[i] /= l[i, i];
                inverse[i, column] = z[i];
            }
        }
        return inverse;
    }

    public static double[,] Product(double[,] a, double[,] b)
    {
        var product = new double[a.GetLength(0), b.GetLength(1)];
        for (var i = 0; i < a.GetLength(0); i++)
        {
            for (var j = 0; j < b.GetLength(1); j++)
            {
                for (var k = 0; k < b.GetLength(0); k++)
                    product[i, j] += a[i, k] * b[k, j];
            }
        }
        return product;
    }

    private static double[,] Select(double[,] a, int[] rows, int[] columns)
    {
        var selected = new double[rows.Length, columns.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
                selected[i, j] = a[rows[i], columns[j]];
        }
        return selected;
    }
}
