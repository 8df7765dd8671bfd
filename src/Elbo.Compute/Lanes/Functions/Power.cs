namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// x to the y as e^(y·log x), with the logarithm to about one and a half times the precision: relative errors of y·log x
/// are multiplied by its size, up to 709, in the result.
/// </summary>
internal static class Power
{
    /// <summary>x to the y, with the special cases of IEEE 754-2019. Largest error seen: 1.0 ULP (f32), 1.0 ULP (f64).</summary>
    public static Lane Pow(LaneProgram p, Lane x, Lane y)
    {
        var magnitude = p.Abs(x);
        var logarithm = Log(p, magnitude);
        var hi = p.Select(magnitude.EqualTo(0), p.Constant(double.NegativeInfinity), logarithm.Hi);
        hi = p.Select(magnitude < double.PositiveInfinity, hi, magnitude);
        var product = new LanePair(hi, logarithm.Lo).Times(y);

        // Where the leading part decides alone, or is infinite, its correction may be NaN.
        var correction = p.Select(p.Abs(product.Hi) < 2000, product.Lo, p.Constant(0));
        var (mantissa, exponent) = Exponential.ExpParts(p, product.Hi, correction);
        return Signed(p, x, y, p.Scale(mantissa, exponent));
    }

    /// <summary>The sign of x to the y, and where the power is 1 or undefined whatever was computed.</summary>
    private static Lane Signed(LaneProgram p, Lane x, Lane y, Lane power)
    {
        var isWhole = p.Floor(y).EqualTo(y);
        var half = y * 0.5;
        var isOdd = isWhole & !p.Floor(half).EqualTo(half);
        var signed = Sign.Flip(p, power, p.Select(isOdd, Sign.Bit(p, x), p.ConstantInt(0)));
        var isUndefined = (x < 0) & (x > double.NegativeInfinity) & !isWhole & (p.Abs(y) < double.PositiveInfinity);
        var isOne = x.EqualTo(1) | y.EqualTo(0) | (x.EqualTo(-1) & p.Abs(y).EqualTo(double.PositiveInfinity));
        return p.Select(isOne, p.Constant(1), p.Select(isUndefined, p.Constant(double.NaN), signed));
    }

    /// <summary>
    /// log x = k·ln 2 + 2s + s³(2/3 + s²(2/5 + …)), s = f/(2 + f): s, the 2/3 and everything they touch as pairs, the rest,
    /// which is smaller by a factor of 2¹², as floats.
    /// </summary>
    private static LanePair Log(LaneProgram p, Lane x)
    {
        var (k, f) = Logarithm.Split(p, x);
        var s = LanePair.Quotient(f, LanePair.FastSum(p.Constant(2), f));
        var z = s.Times(s);
        var tail = z.Hi * Polynomial.Horner(
            p,
            z.Hi,
            [0.40000153, 0.28547135, 0.23418538],
            [
                0.40000000000002256, 0.28571428570100327, 0.22222222519776785, 0.18181784380570223,
                0.1538675669165205, 0.1325683296561921, 0.13196185212670095,
            ]);
        var (thirdsHi, thirdsLo) = (p.Constant(0.66666668653488159, 2.0 / 3), p.Constant(-1.98682149251302e-8, 3.7007434154171886e-17));
        var inner = LanePair.FastSum(thirdsHi, tail);
        inner = inner with { Lo = inner.Lo + thirdsLo };
        var cubic = s.Times(z.Times(inner));
        var ofMantissa = new LanePair(s.Hi + s.Hi, s.Lo + s.Lo).PlusSmaller(cubic);

        var sum = LanePair.FastSum(k * p.Constant(0.693359375, 0.693147180369123816490), ofMantissa.Hi);
        var rest = p.Fma(k, p.Constant(-2.12194440e-4, 1.90821492927058770002e-10), ofMantissa.Lo + sum.Lo);
        return LanePair.FastSum(sum.Hi, rest);
    }
}
