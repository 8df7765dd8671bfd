namespace Elbo.Tests.Models;

/// <summary>The maximum-likelihood factor analysis of rows, by expectation-maximisation (Rubin and Thayer, 1982).</summary>
internal sealed class FactorAnalysis
{
    private readonly double[] _mean;
    private readonly double[,] _covariance;

    public FactorAnalysis(double[][] columns, int factors, int iterations, bool isotropic)
    {
        var d = columns.Length;
        var sample = SampleCovariance(columns);
        _mean = [.. columns.Select(c => c.Average())];
        var (w, psi) = (new double[d, factors], new double[d]);
        for (var c = 0; c < d; c++)
        {
            psi[c] = sample[c, c] / 2;
            for (var f = 0; f < factors; f++)
                w[c, f] = Math.Sqrt(sample[c, c] / 2 / factors) * (((c * 7 + f * 3) % 5 - 2) / 2.0 + (c % factors == f ? 1 : 0));
        }
        for (var iteration = 0; iteration < iterations; iteration++)
            (w, psi) = Step(sample, w, psi, isotropic);
        _covariance = Covariance(w, psi);
    }

    /// <summary>The mean log-density of rows at the maximum, nats per row.</summary>
    public double Evidence(double[][] columns)
    {
        var gaussian = new DenseGaussian(_mean, _covariance);
        return Enumerable.Range(0, columns[0].Length).Average(row => gaussian.LogDensity([.. columns.Select(c => c[row])]));
    }

    public static double[,] Covariance(double[,] w, double[] psi)
    {
        var covariance = new double[psi.Length, psi.Length];
        for (var a = 0; a < psi.Length; a++)
        {
            for (var b = 0; b < psi.Length; b++)
            {
                covariance[a, b] = a == b ? psi[a] : 0;
                for (var f = 0; f < w.GetLength(1); f++)
                    covariance[a, b] += w[a, f] * w[b, f];
            }
        }
        return covariance;
    }

    // β = Wᵀ(WWᵀ + Ψ)⁻¹; W ← Sβᵀ(I − βW + βSβᵀ)⁻¹; Ψ ← diag(S − WβS), its mean where noise is isotropic.
    private static (double[,] W, double[] Psi) Step(double[,] s, double[,] w, double[] psi, bool isotropic)
    {
        var (d, k) = (w.GetLength(0), w.GetLength(1));
        var beta = DenseGaussian.Product(Transpose(w), DenseGaussian.Inverse(Covariance(w, psi)));
        var cross = DenseGaussian.Product(s, Transpose(beta));
        var (second, explained) = (DenseGaussian.Product(beta, cross), DenseGaussian.Product(beta, w));
        for (var i = 0; i < k; i++)
        {
            for (var j = 0; j < k; j++)
                second[i, j] += (i == j ? 1 : 0) - explained[i, j];
        }
        w = DenseGaussian.Product(cross, DenseGaussian.Inverse(second));
        var next = new double[d];
        for (var c = 0; c < d; c++)
        {
            next[c] = s[c, c];
            for (var f = 0; f < k; f++)
                next[c] -= w[c, f] * cross[c, f];
        }
        return (w, isotropic ? [.. Enumerable.Repeat(next.Average(), d)] : next);
    }

    private static double[,] SampleCovariance(double[][] columns)
    {
        var (d, n) = (columns.Length, columns[0].Length);
        double[] means = [.. columns.Select(c => c.Average())];
        var covariance = new double[d, d];
        for (var a = 0; a < d; a++)
        {
            for (var b = 0; b < d; b++)
            {
                for (var row = 0; row < n; row++)
                    covariance[a, b] += (columns[a][row] - means[a]) * (columns[b][row] - means[b]) / n;
            }
        }
        return covariance;
    }

    private static double[,] Transpose(double[,] a)
    {
        var transposed = new double[a.GetLength(1), a.GetLength(0)];
        for (var i = 0; i < a.GetLength(0); i++)
        {
            for (var j = 0; j < a.GetLength(1); j++)
                transposed[j, i] = a[i, j];
        }
        return transposed;
    }
}
