namespace Elbo.Tests.Likelihoods;

/// <summary>Log-densities in double precision from their textbook definitions.</summary>
internal static class ClosedForms
{
    public static double Gaussian(double x, double mean, double sd) => -0.5 * Math.Pow((x - mean) / sd, 2) - Math.Log(sd * Math.Sqrt(2 * Math.PI));

    public static double LogNormal(double x, double mean, double sd, double shift) => Gaussian(Math.Log(x + shift), mean, sd) - Math.Log(x + shift);

    public static double StudentT(double x, double location, double scale, double degrees) =>
        LogGamma((degrees + 1) / 2) - LogGamma(degrees / 2) - 0.5 * Math.Log(Math.PI * degrees) - Math.Log(scale)
        - (degrees + 1) / 2 * Math.Log(1 + Math.Pow((x - location) / scale, 2) / degrees);

    public static double Poisson(double y, double rate) => y * Math.Log(rate) - rate - LogGamma(y + 1);

    /// <summary>The chance of y failures before success r, where the mean is μ: Γ(y + r)/(Γ(r) y!) pʳ (1 − p)ʸ with p = r/(r + μ).</summary>
    public static double NegativeBinomial(double y, double mean, double r)
    {
        var p = r / (r + mean);
        // Γ(y + r)/Γ(r) is the product of r, r + 1, …, r + y − 1: no cancellation, for any r.
        var rising = 0.0;
        for (var i = 0; i < y; i++)
            rising += Math.Log(r + i);
        return rising - LogGamma(y + 1) + r * Math.Log(p) + y * Math.Log(mean / (r + mean));
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Stirling's series after raising the argument to 20.</summary>
    public static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 20; x++)
            shift += Math.Log(x);
        var inverse = 1 / x;
        var square = inverse * inverse;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680))) - shift;
    }
}
