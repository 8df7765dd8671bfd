namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// Logarithms: x = 2ᵏ·(1 + f) with 1 + f in [¾, 1½) or [√½, √2), then log(1 + f) by a polynomial in f (f32; the form of the Cephes
/// library, Moshier 1989) or in s = f/(2 + f) (f64; the form of fdlibm, Ng 1993), the coefficients by Remez fits.
/// </summary>
internal static class Logarithm
{
    /// <summary>log x: −∞ at 0, NaN below. Largest error seen: 0.8 ULP (f32), 0.8 ULP (f64).</summary>
    public static Lane Log(LaneProgram p, Lane x)
    {
        // The parts of 0, ∞ and NaN are such that the sum below is right for them too: ln 2 has no part of the other sign.
        var (k, f) = (p.Exponent(x), p.Mantissa(x) - 1);
        return p.IsSingle
            ? SumSingle(p, k, f, (0.693145751953125, 1.42860677e-6), AroundOne)
            : SumDouble(p, k, f, AroundOneWide);
    }

    /// <summary>log x for normal x &gt; 0; nothing sensible elsewhere.</summary>
    public static Lane LogOfNormal(LaneProgram p, Lane x)
    {
        var (k, _, m) = SplitNormal(p, x);
        return LogOfParts(p, k, m - 1);
    }

    /// <summary>
    /// log(1 + x) with full relative accuracy near 0: −∞ at −1, NaN below. Largest error seen: 1.1 ULP (f32), 1.0 ULP (f64).
    /// </summary>
    public static Lane Log1p(LaneProgram p, Lane x)
    {
        var result = Log1pOfFinite(p, x);
        result = p.Select(x > -1, p.Select(x < double.PositiveInfinity, result, x), Outside(p, x, -1));

        // Below this x − x²/2 rounds to x; keeps the sign of zero.
        return p.Select(p.Abs(x) < (p.IsSingle ? Math.ScaleB(1, -26) : Math.ScaleB(1, -55)), x, result);
    }

    /// <summary>log(1 + x) for −1 &lt; x &lt; ∞; nothing sensible elsewhere.</summary>
    public static Lane Log1pOfFinite(LaneProgram p, Lane x) => LogOfSum(p, p.Constant(1), x);

    /// <summary>log(1 + x) for 0 ≤ x ≤ 1, where k is 0 or 1; NaN stays NaN.</summary>
    public static Lane Log1pOfFraction(LaneProgram p, Lane x)
    {
        var isUpper = x > (Math.Sqrt(2) - 1);
        var k = p.Select(isUpper, p.Constant(1), p.Constant(0));
        return LogOfParts(p, k, p.Select(isUpper, p.Fma(x, 0.5, p.Constant(-0.5)), x));
    }

    /// <summary>
    /// log(a + x) for a of 0 or 1 (in any lane) and a + x in (0, ∞), where the sum is known better than one float can
    /// tell: its rounded value only chooses k, and f = 2⁻ᵏ(a + x) − 1 is computed from the parts.
    /// </summary>
    public static Lane LogOfSum(LaneProgram p, Lane a, Lane x)
    {
        var (k, exponent, m) = SplitNormal(p, a + x);
        var reciprocal = p.BitsToFloat(p.ConstantInt(p.IsSingle ? 254L << 23 : 2046L << 52) - exponent);
        var f = p.Fma(x, reciprocal, p.Fma(a, reciprocal, p.Constant(-1)));

        // For large x the reciprocal power of two is subnormal, and a does not matter.
        return LogOfParts(p, k, p.Select(x > (p.IsSingle ? 1e9 : 1e18), m - 1, f));
    }

    /// <summary>log 0, and NaN for negative arguments and NaN.</summary>
    private static Lane Outside(LaneProgram p, Lane x, double zero) =>
        p.Select(x.EqualTo(zero), p.Constant(double.NegativeInfinity), p.Constant(double.NaN));

    /// <summary>x = 2ᵏ(1 + f) with 1 + f in [√½, √2) for positive x, subnormal or not.</summary>
    public static (Lane K, Lane F) Split(LaneProgram p, Lane x)
    {
        var (smallestNormal, shift) = p.IsSingle ? (Math.ScaleB(1, -126), 24) : (Math.ScaleB(1, -1022), 54);
        var isSubnormal = x < smallestNormal;
        var (k, _, m) = SplitNormal(p, p.Select(isSubnormal, x * Math.ScaleB(1, shift), x));
        return (p.Select(isSubnormal, k - shift, k), m - 1);
    }

    /// <summary>u = 2ᵏm for positive normal u; the exponent is the bits of 2ᵏ.</summary>
    private static (Lane K, Lane Exponent, Lane M) SplitNormal(LaneProgram p, Lane u)
    {
        // Shifting the origin from 1 to √½ makes the exponent field k for all of [√½, √2)·2ᵏ.
        var (rootHalf, one, fraction) = p.IsSingle ? (0x3F3504F3L, 0x3F800000L, 23) : (0x3FE6A09E667F3BCD, 0x3FF0000000000000, 52);
        var bits = p.BitsToInt(u) + p.ConstantInt(one - rootHalf);
        var mantissa = p.BitsToFloat((bits & p.ConstantInt((1L << fraction) - 1)) + p.ConstantInt(rootHalf));

        // A whole number in the low bits of 2²³ (or 2⁵²) is a float with that number added.
        var offset = Math.ScaleB(1, fraction);
        var magic = p.IsSingle ? 0x4B000000L : 0x4330000000000000;
        var k = p.BitsToFloat((bits >>> fraction) | p.ConstantInt(magic)) - (offset + (one >> fraction));
        return (k, bits & p.ConstantInt(-1L << fraction), mantissa);
    }

    // k·ln 2 + log(1 + f) for 1 + f in [√½, √2).
    private static Lane LogOfParts(LaneProgram p, Lane k, Lane f) => p.IsSingle
        ? SumSingle(p, k, f, (0.693359375, -2.12194440e-4), AroundRoot)
        : SumDouble(p, k, f, AroundRootWide);

    // ln 2 is in two parts, the first short enough for k·hi to be exact.
    private static Lane SumSingle(LaneProgram p, Lane k, Lane f, (double Hi, double Lo) ln2, ReadOnlySpan<double> coefficients)
    {
        var q = Polynomial.Horner(p, f, coefficients);
        var tail = p.Fma(f * f, p.Fma(f, q, p.Constant(-0.5)), k * ln2.Lo);
        return p.Fma(k, p.Constant(ln2.Hi), f + tail);
    }

    // log(1 + f) = f − (f²/2 − s·(f²/2 + R)), R = s²·P(s²).
    private static Lane SumDouble(LaneProgram p, Lane k, Lane f, ReadOnlySpan<double> coefficients)
    {
        var s = f / (2 + f);
        var z = s * s;
        var r = z * Polynomial.Horner(p, z, coefficients);
        var halfSquare = 0.5 * f * f;
        var correction = halfSquare - p.Fma(s, halfSquare + r, k * 1.90821492927058770002e-10);
        return p.Fma(k, p.Constant(0.693147180369123816490), f - correction);
    }

    // For 1 + f in [¾, 1½).
    private static ReadOnlySpan<double> AroundOne =>
        [0.333334506, -0.250001043, 0.199908003, -0.166468665, 0.144784033, -0.131662101, 0.104745515, -0.0451535843];

    private static ReadOnlySpan<double> AroundOneWide =>
        [
            0.666666666666726804, 0.399999999961763331, 0.285714293929361207, 0.22222138675507877, 0.181863495665779251,
            0.152503082005333634, 0.15367330449097602,
        ];

    // For 1 + f in [√½, √2).
    private static ReadOnlySpan<double> AroundRoot =>
        [0.3333333, -0.25000823, 0.20001228, -0.16623355, 0.14201722, -0.13160153, 0.12761833, -0.076349065];

    private static ReadOnlySpan<double> AroundRootWide =>
        [
            0.6666666666666734, 0.3999999999941473, 0.28571428742384253, 0.22222198572914076, 0.18183564365471735,
            0.15314049031737864, 0.14795968992562175,
        ];
}
