namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// The derivatives of log Γ: upward recurrence, the asymptotic series (Abramowitz and Stegun 1964, 6.3.18 and 6.4.11), and
/// reflection for negative arguments (6.4.7). Digamma has a root at 1.4616…, where it is a polynomial times the distance.
/// </summary>
internal static class Polygamma
{
    private static readonly double[] Bernoulli =
    [
        1 / 6.0, -1 / 30.0, 1 / 42.0, -1 / 30.0, 5 / 66.0, -691 / 2730.0, 7 / 6.0, -3617 / 510.0, 43867 / 798.0, -174611 / 330.0,
        854513 / 138.0, -236364091 / 2730.0,
    ];

    /// <summary>
    /// ψ⁽ⁿ⁾(x) for n ≥ 0: ∓∞ or ∞ at 0, NaN at negative whole numbers. Largest error seen for n ≤ 4 and x &gt; 0: 7.4 ULP
    /// (f32), 31 ULP (f64; 8 but for digamma where it is small); below 10 for x &lt; 0, in units of the larger of the result and 1.
    /// </summary>
    public static Lane OfOrder(LaneProgram p, int n, Lane x)
    {
        // (−1)ⁿψ⁽ⁿ⁾(1 − x) − ψ⁽ⁿ⁾(x) = π dⁿ/dxⁿ cot πx.
        var isPositive = x > 0;
        var direct = OfNonNegative(p, n, p.Select(isPositive, x, 1 - x));
        var fraction = x - p.Round(x);
        var (sin, cos) = Trigonometric.SinCosPi(p, fraction);
        var cotangent = Polynomial.Horner(p, cos / sin, CotangentDerivative(n));
        var reflected = (n % 2 == 0 ? direct : -direct) - (cotangent * Math.Pow(Math.PI, n + 1));
        var isPole = fraction.EqualTo(0) & (x < 0);
        return p.Select(isPositive, direct, p.Select(isPole, p.Constant(double.NaN), reflected));
    }

    /// <summary>ψ⁽ⁿ⁾(x) for x ≥ 0, NaN below: half the work of <see cref="OfOrder"/>.</summary>
    public static Lane OfOrderAtPositive(LaneProgram p, int n, Lane x) =>
        p.Select(x >= 0, OfNonNegative(p, n, x), p.Constant(double.NaN));

    private static Lane OfNonNegative(LaneProgram p, int n, Lane x)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        return n == 0 ? Digamma(p, x) : Higher(p, n, x);
    }

    private static Lane Digamma(LaneProgram p, Lane x)
    {
        // The sum of 1/(x + i) as one fraction, so that there is one division.
        var steps = p.IsSingle ? 4 : 10;
        var (numerator, denominator) = (p.Constant(1), x);
        for (var i = 1; i < steps; i++)
        {
            var term = x + i;
            (numerator, denominator) = (p.Fma(numerator, term, denominator), denominator * term);
        }

        var isSmall = x < steps;
        var y = p.Select(isSmall, x + steps, x);
        var reciprocal = 1 / y;
        var square = reciprocal * reciprocal;
        double[] series = [.. Bernoulli.Take(p.IsSingle ? 4 : 7).Select((b, k) => b / (2 * (k + 1)))];
        var tail = p.Fma(square, Polynomial.Horner(p, square, series), 0.5 * reciprocal);
        var value = Logarithm.Log(p, y) - p.Select(isSmall, tail + (numerator / denominator), tail);

        var distance = x - p.Constant(1.46163213253021240, 1.4616321449683622) - p.Constant(1.2438149938918909e-08, 9.549995429965697e-17);
        return p.Select(p.Abs(distance) < (p.IsSingle ? 0.5 : 0.3), distance * DigammaNearRoot(p, distance), value);
    }

    /// <summary>ψ(x₀ + d)/d for the root x₀ (a Remez fit).</summary>
    private static Lane DigammaNearRoot(LaneProgram p, Lane d) => Polynomial.Horner(
        p,
        d,
        [
            0.9676723, -0.44276324, 0.25849423, -0.16393583, 0.1079979, -0.07236308, 0.046917275, -0.031632766, 0.030686622,
            -0.021378633,
        ],
        [
            0.9676722454476212, -0.44276316898359114, 0.25849976095564864, -0.1639427054429362, 0.10782405069202544,
            -0.0721995611743364, 0.04880428807234131, -0.03316113218321005, 0.02259765369253933, -0.01542455591092546,
            0.010538611089596053, -0.007208901045256076, 0.004930252880622545, -0.003318451496529737, 0.0022666853187755733,
            -0.00189173101327244, 0.0013033863211896004,
        ]);

    /// <summary>(−1)ⁿ⁺¹n!·(Σ 1/(x + i)ⁿ⁺¹ + the asymptotic series of the rest).</summary>
    private static Lane Higher(LaneProgram p, int n, Lane x)
    {
        var steps = (p.IsSingle ? 4 : 10) + n;
        var isSmall = x < steps;
        var sum = p.Constant(0);
        for (var i = steps - 1; i >= 0; i--)
        {
            sum += Power(1 / (x + i), n + 1);
        }

        var y = p.Select(isSmall, x + steps, x);
        var reciprocal = 1 / y;
        var square = reciprocal * reciprocal;
        var bracket = p.Fma(square, Polynomial.Horner(p, square, SeriesOfOrder(p, n, steps)), p.Fma(reciprocal, 0.5, p.Constant(1.0 / n)));
        var rest = Power(reciprocal, n) * bracket;
        var factorial = Enumerable.Range(1, n).Aggregate(1.0, (product, i) => product * i);
        return p.Select(isSmall, sum + rest, rest) * (n % 2 == 0 ? -factorial : factorial);
    }

    /// <summary>B₂ₖ(2k + n − 1)!/((2k)! n!), as many as matter at the smallest argument of the series.</summary>
    private static double[] SeriesOfOrder(LaneProgram p, int n, int smallest)
    {
        var coefficients = new List<double>();
        var ratio = 0.5;
        for (var k = 1; k <= Bernoulli.Length; k++)
        {
            // (2k + n − 1)!/((2k)! n!) from the previous: at k = 1 it is (n + 1)/2.
            ratio = k == 1 ? (n + 1) / 2.0 : ratio * (2 * k + n - 1) * (2 * k + n - 2) / (2.0 * k * (2 * k - 1));
            coefficients.Add(Bernoulli[k - 1] * ratio);
            if (n * Math.Abs(coefficients[^1]) * Math.Pow(smallest, -2 * k) < (p.IsSingle ? 1e-9 : 1e-18))
            {
                break;
            }
        }

        return [.. coefficients];
    }

    private static Lane Power(Lane x, int n)
    {
        var power = x;
        for (var i = 1; i < n; i++)
        {
            power *= x;
        }

        return power;
    }

    /// <summary>dⁿ/dxⁿ cot πx = πⁿQₙ(cot πx) with Q₀(c) = c and Qₙ₊₁ = −(1 + c²)Qₙ′.</summary>
    private static double[] CotangentDerivative(int n)
    {
        double[] q = [0, 1];
        for (var order = 0; order < n; order++)
        {
            var next = new double[q.Length + 1];
            for (var i = 1; i < q.Length; i++)
            {
                next[i - 1] -= i * q[i];
                next[i + 1] -= i * q[i];
            }

            q = next;
        }

        return q;
    }
}
