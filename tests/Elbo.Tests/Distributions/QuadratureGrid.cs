namespace Elbo.Tests.Distributions;

/// <summary>
/// Points and weights of an integral over an interval, double-exponentially dense at its ends and at a point inside (Takahasi and
/// Mori, 1974): exact to rounding for what is smooth between, with algebraic singularities or heavy tails at the ends.
/// </summary>
internal static class QuadratureGrid
{
    private const double Step = 0.04;
    private const double Reach = 4.4;

    /// <summary>How many points a grid has.</summary>
    public static int Count => 2 * Half;

    private static int Half => (int)(2 * Reach / Step) + 1;

    /// <summary>Points and weights between two limits, finite or not.</summary>
    /// <param name="low">The lower limit.</param>
    /// <param name="centre">A point inside, where the integrand may have a kink.</param>
    /// <param name="spread">A distance over which the integrand changes.</param>
    /// <param name="high">The upper limit.</param>
    public static (double[] Points, double[] Weights) Between(double low, double centre, double spread, double high)
    {
        var (points, weights) = (new double[Count], new double[Count]);
        for (var i = 0; i < Half; i++)
        {
            var s = -Reach + i * Step;
            (points[i], weights[i]) = Side(s, centre, low, spread, -1);
            (points[Half + i], weights[Half + i]) = Side(s, centre, high, spread, 1);
        }
        return (points, weights);
    }

    private static (double Point, double Weight) Side(double s, double centre, double end, double spread, int sign)
    {
        var (exponent, slope) = (Math.PI / 2 * Math.Sinh(s), Math.PI / 2 * Math.Cosh(s) * Step);
        if (double.IsInfinity(end))
        {
            var distance = spread * Math.Exp(exponent);
            return (centre + sign * distance, distance * slope);
        }
        // From the nearer end of the two, so that points close to it keep their distance from it.
        var (near, far) = (1 / (1 + Math.Exp(-2 * exponent)), 1 / (1 + Math.Exp(2 * exponent)));
        var width = Math.Abs(end - centre);
        var point = s < 0 ? centre + sign * width * near : end - sign * width * far;
        return (point, 2 * width * near * far * slope);
    }
}
