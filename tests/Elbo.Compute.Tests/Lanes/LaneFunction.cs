using Elbo.Compute.Lanes;
using Elbo.Compute.Lanes.Functions;

namespace Elbo.Compute.Tests.Lanes;

/// <summary>
/// A lane function, where its reference values are, and the largest error it may have in units in the last place: what
/// 16,000 points of the same distribution as the tables showed, as the documentation of the functions says.
/// </summary>
internal sealed record LaneFunction(
    string Name, string Table, double Single, double Wide, Func<LaneProgram, Lane[], Lane> Body, double Floor = 0,
    double SingleRange = double.PositiveInfinity)
{
    public static IReadOnlyList<LaneFunction> All { get; } =
    [
        Of("Exp", "exp", 0.9, 1, Exponential.Exp),
        Of("Expm1", "expm1", 1.3, 1.7, Exponential.Expm1),
        Of("Log", "log", 0.8, 0.8, Logarithm.Log),
        Of("Log1p", "log1p", 1.1, 1, Logarithm.Log1p),
        Of("Sin", "sin", 1.4, 1.4, Trigonometric.Sin, singleRange: 1e6),
        Of("Cos", "cos", 1.5, 1.4, Trigonometric.Cos, singleRange: 1e6),
        Of("Tanh", "tanh", 2, 2, Hyperbolic.Tanh),
        Of("Sigmoid", "sigmoid", 1.8, 2.1, Logistic.Sigmoid),
        Of("Softplus", "softplus", 1.4, 1.3, Logistic.Softplus),
        Of("Erf", "erf", 0.9, 1, ErrorFunction.Erf),
        Of("Erfc", "erfc", 3.4, 3.6, ErrorFunction.Erfc),
        Of("ErfInv", "erfinv", 4, 5.4, NormalDistribution.ErfInv),
        Of("NormalCdf", "normalcdf", 4.1, 4, NormalDistribution.Cdf),
        Of("LogNormalCdf", "lognormalcdf", 3.7, 4.3, NormalDistribution.LogCdf),
        Of("NormalQuantile", "normalquantile", 4.2, 4.2, NormalDistribution.Quantile),
        Of("LogGamma", "loggamma", 2.3, 4.1, GammaFunction.LogGamma),
        Of("LogGammaOfPositive", "loggamma", 2.3, 4.1, GammaFunction.LogGammaOfPositive),
        Of("LogGamma (x < 0)", "loggammanegative", 5.8, 5, GammaFunction.LogGamma, floor: 1),
        .. from n in Enumerable.Range(0, 5)
           select Of($"Polygamma {n}", $"polygamma{n}", 7.4, 31, (p, x) => Polygamma.OfOrder(p, n, x)),
        .. from n in Enumerable.Range(0, 5)
           select Of($"Polygamma {n} (x > 0)", $"polygamma{n}", 7.4, 31, (p, x) => Polygamma.OfOrderAtPositive(p, n, x)),
        .. from n in Enumerable.Range(0, 5)
           select Of($"Polygamma {n} (x < 0)", $"polygammanegative{n}", 10, 10, (p, x) => Polygamma.OfOrder(p, n, x), floor: 1),
        new("Pow", "pow", 1, 1, (p, v) => Power.Pow(p, v[0], v[1])),
    ];

    public override string ToString() => Name;

    private static LaneFunction Of(
        string name, string table, double single, double wide, Func<LaneProgram, Lane, Lane> body, double floor = 0,
        double singleRange = double.PositiveInfinity) =>
        new(name, table, single, wide, (p, v) => body(p, v[0]), floor, singleRange);
}
