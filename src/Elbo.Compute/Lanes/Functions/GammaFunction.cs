namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// log Γ: Stirling's series for large x; otherwise x = j + d with the nearest whole number j, a polynomial for
/// log Γ(2 + d)/d, and one logarithm of the product that leads from 2 + d to x. Both zeros, at 1 and 2, are exact in this
/// form. The polynomials are Remez fits.
/// </summary>
internal static class GammaFunction
{
    /// <summary>
    /// log |Γ(x)|: ∞ at 0, −1, −2, …. Largest error seen: 2.3 ULP (f32), 4.1 ULP (f64) for x &gt; 0; 5.8 and 5.0 below,
    /// in units of the larger of the result and 1, because near its zeros left of 0 it is accurate absolutely only.
    /// </summary>
    public static Lane LogGamma(LaneProgram p, Lane x)
    {
        // log |Γ(x)| = −log |sin(πx)/π| − log Γ(1 − x) for x < 0.
        var isNegative = x < 0;
        var direct = LogGammaOfNonNegative(p, p.Select(isNegative, 1 - x, x));
        var distance = p.Abs(x - p.Round(x));
        var (sin, _) = Trigonometric.SinCosPi(p, distance);
        var reflected = -Logarithm.Log(p, sin * (1 / Math.PI)) - direct;
        reflected = p.Select(x.EqualTo(double.NegativeInfinity), p.Constant(double.PositiveInfinity), reflected);
        return p.Select(isNegative, reflected, direct);
    }

    /// <summary>log Γ(x) for x ≥ 0, NaN below: half the work of <see cref="LogGamma"/>.</summary>
    public static Lane LogGammaOfPositive(LaneProgram p, Lane x) =>
        p.Select(x >= 0, LogGammaOfNonNegative(p, x), p.Constant(double.NaN));

    private static Lane LogGammaOfNonNegative(LaneProgram p, Lane x)
    {
        var largest = p.IsSingle ? 4 : 8;
        var isLarge = x >= largest;
        var j = p.Floor(x + 0.5);
        var d = x - j;

        // Γ(x) = Γ(2 + d)·(x − 1)⋯(x − j + 2) upwards, Γ(2 + d)/x or /(x(x + 1)) downwards.
        var product = p.Select(j < 1, x * (x + 1), p.Select(j < 2, x, p.Constant(1)));
        for (var i = 1; i + 2 <= largest; i++)
        {
            product *= p.Select(j > i + 1, x - i, p.Constant(1));
        }

        var logarithm = Logarithm.Log(p, p.Select(isLarge, x, product));
        var small = p.Fma(d, OfTwoPlus(p, d), p.Select(j < 2, -logarithm, logarithm));
        var large = p.Fma(x - 0.5, logarithm - 1, Stirling(p, x));
        return p.Select(x.EqualTo(0), p.Constant(double.PositiveInfinity), p.Select(isLarge, large, small));
    }

    /// <summary>log Γ(2 + d)/d for |d| ≤ ½.</summary>
    private static Lane OfTwoPlus(LaneProgram p, Lane d) => Polynomial.Horner(
        p,
        d,
        [
            0.42278433, 0.32246703, -0.06735222, 0.020581601, -0.007387427, 0.0028790578, -0.0011778425, 0.0005698197,
            -0.00026984944,
        ],
        [
            0.42278433509846713, 0.3224670334241133, -0.06735230105319576, 0.02058080842776596, -0.007385551028925223,
            0.002890510331841684, -0.0011927539013286627, 0.0005096694951134325, -0.00022315497227187522,
            9.945794417218097e-05, -4.4923771853320106e-05, 2.050354409926698e-05, -9.456079200029998e-06,
            4.393520161835885e-06, -1.974825783809526e-06, 8.999036741162408e-07, -5.806128291061496e-07,
            2.9770371418360037e-07,
        ]);

    /// <summary>log Γ(x) − (x − ½)(log x − 1): (log 2π − 1)/2 and the series in 1/x.</summary>
    private static Lane Stirling(LaneProgram p, Lane x)
    {
        var reciprocal = 1 / x;
        var series = Polynomial.Horner(
            p,
            reciprocal * reciprocal,
            [0.08333243, -0.0027187052],
            [
                0.0833333333333331, -0.0027777777773585976, 0.0007936505764626217, -0.0005951896807688052,
                0.0008364584189682408, -0.001633427466028603,
            ]);
        return p.Fma(reciprocal, series, p.Constant(0.41893853320467274));
    }
}
