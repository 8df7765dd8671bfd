namespace Elbo.Compute.Lanes.Functions;

/// <summary>Hyperbolic functions.</summary>
internal static class Hyperbolic
{
    /// <summary>
    /// tanh x = t/(t + 2) with t = e^2|x| − 1, and the sign of x: accurate at 0, odd, and never above 1.
    /// Largest error seen: 2.0 ULP (f32), 2.0 ULP (f64).
    /// </summary>
    public static Lane Tanh(LaneProgram p, Lane x)
    {
        // From here on the result rounds to 1.
        var magnitude = p.Lesser(p.Constant(9.1, 19.1), p.Abs(x));
        var t = Exponential.Expm1OfModerate(p, magnitude + magnitude);
        return Sign.Copy(p, t / (t + 2), x);
    }
}
