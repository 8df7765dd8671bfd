using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Elbo.Diagnostics;

/// <summary>
/// Means of draws, less what other values of the same draws tell of their chance error, as the means of those are known: by linear regression. Means of
/// sums are the sums of means.
/// </summary>
internal sealed class ControlVariates
{
    // Of values of unit variance: so much keeps those that say the same from dividing by 0, and changes nothing else.
    private const double Ridge = 1e-11;

    private readonly double[][] _controls;
    private readonly Cholesky<double>? _gram;
    private readonly int _draws;

    /// <param name="controls">For each control a value of each draw.</param>
    /// <param name="known">Their means.</param>
    public ControlVariates(IReadOnlyList<double[]> controls, IReadOnlyList<double> known)
    {
        _draws = controls[0].Length;
        // In units of their standard deviations, around the known mean; those that do not vary tell nothing.
        _controls = [.. controls.Zip(known, Scaled).OfType<double[]>()];
        var n = _controls.Length;
        _gram = n == 0 ? null : (Matrix<double>.Build.Dense(n, n, (i, j) => Covariance(_controls[i], _controls[j])) + Ridge * Matrix<double>.Build.DenseIdentity(n)).Cholesky();
    }

    /// <summary>The mean of a value of each draw.</summary>
    public Estimate MeanOf(double[] values)
    {
        var slopes = _gram?.Solve(Vector<double>.Build.Dense(_controls.Length, i => Covariance(_controls[i], values)));
        var corrected = values.ToArray();
        for (var k = 0; k < _controls.Length; k++)
        {
            for (var i = 0; i < corrected.Length; i++)
                corrected[i] -= slopes![k] * _controls[k][i];
        }
        var mean = Estimate.OfMean(corrected);
        // What is left of the variance was made small by choice of the slopes.
        return mean with { StandardError = mean.StandardError * Math.Sqrt((_draws - 1.0) / Math.Max(1, _draws - 1 - _controls.Length)) };
    }

    private static double[]? Scaled(double[] control, double known)
    {
        var sd = Math.Sqrt(Covariance(control, control));
        return sd > 1e-12 * (1 + Math.Abs(known)) ? [.. control.Select(c => (c - known) / sd)] : null;
    }

    private static double Covariance(double[] a, double[] b)
    {
        var (meanA, meanB, sum) = (a.Average(), b.Average(), 0.0);
        for (var i = 0; i < a.Length; i++)
            sum += (a[i] - meanA) * (b[i] - meanB);
        return sum / Math.Max(1, a.Length - 1);
    }
}
