namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// The error function and its complement. One function carries the tail: (1 + 2a)·e^(a²)·erfc(a) is so smooth in
/// (a − K)/(a + K) that one polynomial serves 0 ≤ a ≤ ∞ (Shepherd and Laframboise 1981; the form with a corrected quotient
/// by N. Juffa); the coefficients are Remez fits.
/// </summary>
internal static class ErrorFunction
{
    /// <summary>erf x.</summary>
    public static Lane Erf(LaneProgram p, Lane x)
    {
        // From the limit on erf rounds to 1.
        var a = p.Lesser(p.Constant(4, 6), p.Abs(x));
        var z = x * x;
        var near = p.Fma(x, Polynomial.Horner(
            p,
            z,
            [0.12837917, -0.37612626, 0.112835854, -0.026853813, 0.0051883273, -0.00080101885, 7.853835e-05],
            [
                0.12837916709551256, -0.3761263890318352, 0.11283791670944185, -0.026866170643111347, 0.0052239776061174595,
                -0.0008548325929272184, 0.0001205529357588592, -1.4924712287322375e-05, 1.6447131443698054e-06,
                -1.6206313135914714e-07, 1.371097899193956e-08, -7.779467841376254e-10,
            ]), x);
        var far = Sign.Copy(p, 1 - ComplementOfPositive(p, a), x);

        // Copying keeps the sign of zero, which the sum in the polynomial may lose.
        return p.Select(a < 1, Sign.Copy(p, p.Abs(near), x), far);
    }

    /// <summary>erfc x = 1 − erf x, with full relative accuracy in the upper tail down to subnormal results.</summary>
    public static Lane Erfc(LaneProgram p, Lane x)
    {
        // From the limit on the result rounds to 0 or 2.
        var tail = ComplementOfPositive(p, p.Lesser(p.Constant(10.2, 27.3), p.Abs(x)));
        return p.Select(x < 0, 2 - tail, tail);
    }

    /// <summary>e^(a²)·erfc(a) for 0 ≤ a &lt; 2⁶⁰.</summary>
    public static Lane ScaledComplement(LaneProgram p, Lane a)
    {
        const double Single = 3, Wide = 3.75;
        var k = p.IsSingle ? Single : Wide;
        var reciprocal = 1 / (a + k);
        var q = (a - k) * reciprocal;

        // a − k − q·(a + k), the remainder of the quotient.
        var remainder = p.Fma(-q, a, p.Fma(q + 1, -k, a));
        q = p.Fma(reciprocal, remainder, q);
        return Polynomial.Horner(
            p,
            q,
            [
                1.253008, -0.13562106, -0.047562186, 0.12964386, -0.11927503, 0.06831814, -0.023764314, 0.0024952684,
                0.0018759852, -0.0007223904, -9.292942e-05, 7.576461e-05,
            ],
            [
                1.2375126308378275, -0.14024059858554563, 0.0035854154854874374, 0.08227673849002279, -0.10880393014278901,
                0.09230432116367902, -0.058693398571174886, 0.02836227737810283, -0.009746579727746639, 0.0017556261324664928,
                0.0002937145883504774, -0.0002901552450779, 5.164591111927468e-05, 2.2387345040057646e-05,
                -1.1436881291420768e-05, -9.789763576374871e-07, 1.740570432669811e-06, -5.107216808646696e-08,
                -2.4751174134215127e-07, 1.8892015071272803e-08, 3.15302939648265e-08, -1.974420805602188e-09,
                -2.5410117418234436e-09,
            ]) / p.Fma(a, 2.0, p.Constant(1));
    }

    /// <summary>erfc a for moderate a ≥ 0.</summary>
    private static Lane ComplementOfPositive(LaneProgram p, Lane a)
    {
        var square = LanePair.Product(a, a);
        var (mantissa, exponent) = Exponential.ExpParts(p, -square.Hi, -square.Lo);
        return p.Scale(mantissa * ScaledComplement(p, a), exponent);
    }
}
