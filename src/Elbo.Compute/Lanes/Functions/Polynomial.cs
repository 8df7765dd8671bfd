namespace Elbo.Compute.Lanes.Functions;

/// <summary>Polynomials in fused multiply–adds.</summary>
internal static class Polynomial
{
    /// <summary>c₀ + c₁x + c₂x² + …, by Horner's rule: the fewest operations; neighbouring vectors hide its latency.</summary>
    public static Lane Horner(LaneProgram p, Lane x, params ReadOnlySpan<double> coefficients)
    {
        var sum = p.Constant(coefficients[^1]);
        for (var i = coefficients.Length - 2; i >= 0; i--)
        {
            sum = p.Fma(sum, x, p.Constant(coefficients[i]));
        }

        return sum;
    }

    /// <summary>The polynomial for the precision of the lane.</summary>
    public static Lane Horner(LaneProgram p, Lane x, ReadOnlySpan<double> single, ReadOnlySpan<double> wide) =>
        Horner(p, x, p.IsSingle ? single : wide);
}
