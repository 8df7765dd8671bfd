namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// Exponentials: x = n·ln 2 + r with whole n and |r| ≤ ln 2 / 2 (Cody and Waite 1980), a minimax polynomial in r, and a
/// scaling by 2ⁿ. The polynomials are Remez fits of (eʳ − 1 − r)/r², weighted by what they add to eʳ.
/// </summary>
internal static class Exponential
{
    /// <summary>eˣ, subnormal results included. Largest error seen: 0.9 ULP (f32), 1.0 ULP (f64).</summary>
    public static Lane Exp(LaneProgram p, Lane x)
    {
        var (mantissa, exponent) = ExpParts(p, x);
        return p.Scale(mantissa, exponent);
    }

    /// <summary>
    /// e^(hi + lo) as a mantissa in [0.7, 1.42] and a power of two to <see cref="LaneProgram.Scale"/> with: so that a
    /// product with it is rounded before it becomes subnormal, not after.
    /// </summary>
    public static (Lane Mantissa, Lane Exponent) ExpParts(LaneProgram p, Lane hi, Lane? lo = null)
    {
        // Beyond these limits the result is zero or infinity, and n would leave the range of Scale.
        var x = p.IsSingle ? p.Clamp(hi, -104, 89) : p.Clamp(hi, -746, 710);
        var (n, r) = Reduce(p, x, lo);
        return (ExpM1OfReduced(p, r) + 1, n);
    }

    /// <summary>eˣ − 1 with full relative accuracy near 0. Largest error seen: 1.3 ULP (f32), 1.7 ULP (f64).</summary>
    public static Lane Expm1(LaneProgram p, Lane x)
    {
        // Below the lower limit the result is −1.
        var (n, r) = Reduce(p, p.IsSingle ? p.Clamp(x, -18, 89) : p.Clamp(x, -38, 710));

        // Half of the result, because 2ⁿ alone can overflow where the result does not.
        var half = p.Scale(p.Constant(0.5), n);
        var result = 2 * p.Fma(half, ExpM1OfReduced(p, r), half - 0.5);

        // Below this x + x²/2 rounds to x; keeps the sign of zero.
        return p.Select(p.Abs(x) < (p.IsSingle ? Math.ScaleB(1, -26) : Math.ScaleB(1, -55)), x, result);
    }

    /// <summary>eˣ − 1 for x ≥ 0 well below overflow: nothing to clamp, no signed zero to keep.</summary>
    public static Lane Expm1OfModerate(LaneProgram p, Lane x)
    {
        var (n, r) = Reduce(p, x);
        var scale = p.Scale(p.Constant(1), n);
        return p.Fma(scale, ExpM1OfReduced(p, r), scale - 1);
    }

    private static (Lane N, Lane R) Reduce(LaneProgram p, Lane x, Lane? lo = null)
    {
        // Adding 1.5·2²³ (or 2⁵²) leaves no bits for a fraction, so it rounds to a whole number.
        var magic = p.Constant(12582912, 6755399441055744);
        var n = p.Fma(x, 1.4426950408889634, magic) - magic;

        // The first product and difference are exact; ln 2 continues in a second constant.
        var r = p.Fma(n, p.Constant(-0.69314718246459961, -0.69314718055994529), x);
        var ln2Low = p.Constant(1.9046542121259336e-9, -2.3190468138462996e-17);
        return (n, lo is null ? p.Fma(n, ln2Low, r) : p.Fma(n, ln2Low, lo) + r);
    }

    private static Lane ExpM1OfReduced(LaneProgram p, Lane r)
    {
        var q = Polynomial.Horner(
            p,
            r,
            [0.49999994, 0.16666515, 0.041668452, 0.00836942, 0.0013813388],
            [
                0.5, 0.16666666666666685, 0.04166666666666603, 0.008333333333315703, 0.001388888888913411,
                0.000198412698997302, 2.4801586903902578e-05, 2.7557231478244074e-06, 2.755759236754883e-07,
                2.5113227787410742e-08, 2.0825632700830963e-09,
            ]);
        return p.Fma(r * r, q, r);
    }
}
