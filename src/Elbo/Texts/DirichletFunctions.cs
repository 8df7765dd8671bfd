using static MathNet.Numerics.SpecialFunctions;

namespace Elbo.Texts;

/// <summary>Scalar functions of Dirichlet distributions.</summary>
internal static class DirichletFunctions
{
    // A concentration below this puts all of a distribution into one corner, to double precision.
    private const double SmallestConcentration = 1e-6;

    /// <summary>exp E ln of each number of a Dirichlet distribution: exp(ψ(aₖ) − ψ(Σa)).</summary>
    public static void ExpMeanLogs(ReadOnlySpan<double> concentrations, Span<double> results)
    {
        var sum = 0.0;
        foreach (var concentration in concentrations)
            sum += concentration;
        var ofSum = DiGamma(sum);
        for (var k = 0; k < concentrations.Length; k++)
            results[k] = Math.Exp(DiGamma(concentrations[k]) - ofSum);
    }

    /// <summary>E ln p − E ln q of numbers under q with weights <paramref name="q"/> and a prior with weights <paramref name="prior"/>: −KL(q‖p), nats.</summary>
    public static double NegativeDivergence(ReadOnlySpan<double> q, ReadOnlySpan<double> prior)
    {
        var (sumQ, sumPrior, divergence) = (0.0, 0.0, 0.0);
        for (var k = 0; k < q.Length; k++)
        {
            sumQ += q[k];
            sumPrior += prior[k];
        }
        var ofSum = DiGamma(sumQ);
        for (var k = 0; k < q.Length; k++)
        {
            // Weights that are those of the prior add nothing but what the sums do.
            divergence += q[k] == prior[k] ? 0 : GammaLn(prior[k]) - GammaLn(q[k]) + (q[k] - prior[k]) * (DiGamma(q[k]) - ofSum);
        }
        return -(divergence + GammaLn(sumQ) - GammaLn(sumPrior));
    }

    /// <summary>
    /// One step of the fixed point of the weights under which given mean logarithms are the most probable (Minka, 2000, eq. 9): ψ(a) = ψ(Σa) + mean logarithm. No step lowers the density.
    /// </summary>
    /// <param name="sum">The sum of all weights now.</param>
    /// <param name="meanLog">The mean of the logarithm of the number.</param>
    public static double BetterConcentration(double sum, double meanLog) => Math.Max(SmallestConcentration, InverseDigamma(DiGamma(sum) + meanLog));

    /// <summary>The x above 0 with ψ(x) = y.</summary>
    public static double InverseDigamma(double y)
    {
        // Minka (2000), appendix C: near enough for Newton's steps to double what is right.
        var x = y >= -2.22 ? Math.Exp(y) + 0.5 : -1 / (y - DiGamma(1));
        for (var step = 0; step < 6; step++)
            x = Math.Max(x / 10, x - (DiGamma(x) - y) / Trigamma(x));
        return x;
    }

    private static double Trigamma(double x)
    {
        const double Large = 10;
        var shift = 0.0;
        for (; x < Large; x++)
            shift += 1 / (x * x);
        var inverse = 1 / (x * x);
        return shift + 1 / x + inverse / 2 + inverse / x * (1.0 / 6 - inverse * (1.0 / 30 - inverse * (1.0 / 42 - inverse / 30)));
    }
}
