namespace Elbo.Compute.Tests.Reference;

/// <summary>Special functions by their series, continued fractions and recurrences: slow, and unlike the engine's polynomials.</summary>
internal static class SpecialFunctions
{
    // B₂, B₄, … of the Euler–Maclaurin and Stirling series.
    private static readonly double[] Bernoulli = [1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510];

    public static double Expm1(double x)
    {
        if (Math.Abs(x) > 0.5)
            return Math.Exp(x) - 1;
        var (sum, term) = (0.0, 1.0);
        for (var n = 1; n < 30; n++)
            sum += term *= x / n;
        return sum;
    }

    // Kahan: the error of 1 + x is made good by dividing by what was really added.
    public static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * x / (u - 1);
    }

    // Abramowitz and Stegun 7.1.6 near 0, where every term is positive.
    public static double Erf(double x)
    {
        if (Math.Abs(x) > 2.5)
            return Math.Sign(x) * (1 - Erfc(Math.Abs(x)));
        var (sum, term) = (x, x);
        for (var n = 1; n < 100; n++)
            sum += term *= 2 * x * x / (2 * n + 1);
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    // Abramowitz and Stegun 7.1.14, from the far end of the fraction.
    public static double Erfc(double x)
    {
        if (x < 2)
            return 1 - Erf(x);
        var fraction = x;
        for (var n = 200; n > 0; n--)
            fraction = x + n / 2.0 / fraction;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }

    public static double ErfInv(double y)
    {
        var (low, high) = (-7.0, 7.0);
        for (var step = 0; step < 80; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = Erf(middle) < y ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    public static double LogNormalCdf(double x)
    {
        var z = -x / Math.Sqrt(2);
        if (z < 2)
            return Log1p(-0.5 * Erfc(-z));
        var fraction = z;
        for (var n = 200; n > 0; n--)
            fraction = z + n / 2.0 / fraction;
        return -z * z - Math.Log(2 * Math.Sqrt(Math.PI) * fraction);
    }

    public static double LogGamma(double x)
    {
        if (x <= 0)
            return Math.Log(Math.PI / Math.Abs(Math.Sin(Math.PI * x))) - LogGamma(1 - x);
        var (shift, z) = (0.0, x);
        for (; z < 20; z++)
            shift += Math.Log(z);
        var series = 0.0;
        for (var k = 1; k <= Bernoulli.Length; k++)
            series += Bernoulli[k - 1] / (2 * k * (2 * k - 1) * Math.Pow(z, 2 * k - 1));
        return (z - 0.5) * Math.Log(z) - z + 0.5 * Math.Log(2 * Math.PI) + series - shift;
    }

    // ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! Σ 1/(x + k)ⁿ⁺¹, the tail by Euler and Maclaurin.
    public static double Polygamma(int order, double x)
    {
        var (sum, z, s) = (0.0, x, order + 1);
        for (; z < 20; z++)
            sum += Math.Pow(z, -s);
        if (order == 0)
        {
            var digamma = Math.Log(z) - 0.5 / z;
            for (var k = 1; k <= Bernoulli.Length; k++)
                digamma -= Bernoulli[k - 1] / (2 * k * Math.Pow(z, 2 * k));
            return digamma - sum;
        }
        sum += Math.Pow(z, 1 - s) / (s - 1) + 0.5 * Math.Pow(z, -s);
        var rising = (double)s; // s(s + 1)…(s + 2k − 2)/(2k)!
        for (var k = 1; k <= Bernoulli.Length; k++)
        {
            sum += Bernoulli[k - 1] * rising / Factorial(2 * k) * Math.Pow(z, -(s + 2 * k - 1));
            rising *= (s + 2 * k - 1) * (s + 2.0 * k);
        }
        return (order % 2 == 0 ? -1 : 1) * Factorial(order) * sum;
    }

    private static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);
}
