using System.Globalization;

namespace Elbo.Diagnostics;

/// <summary>
/// How far an approximate posterior can be from the posterior in total variation, the greatest difference of the probabilities that the two
/// give to anything, when the divergence KL(q‖p) between them is known or bounded.
/// </summary>
/// <param name="Divergence">What KL(q‖p) is, or what it does not exceed, in nats: the evidence from above minus the ELBO.</param>
/// <param name="IsGuaranteed">Whether the divergence is certain not to exceed this; otherwise it is estimated, and may be more.</param>
public readonly record struct TotalVariationBound(double Divergence, bool IsGuaranteed)
{
    // The Monte Carlo error that a guarantee leaves room for.
    private const double StandardErrors = 4;

    /// <summary>√(KL/2), by Pinsker's inequality with the constant of Csiszár (1967) and Kullback (1967).</summary>
    public double Pinsker => Math.Min(1, Math.Sqrt(Divergence / 2));

    /// <summary>√(1 − e^−KL), by Bretagnolle and Huber (1979): never above 1, and the lower one for divergences above 1.6.</summary>
    public double BretagnolleHuber => Math.Sqrt(-Math.Exp(-Divergence) + 1);

    /// <summary>The lower of the two: from 0 to 1.</summary>
    public double AtMost => Math.Min(Pinsker, BretagnolleHuber);

    /// <summary>Whose inequality gives the lower one.</summary>
    public string By => Pinsker <= BretagnolleHuber ? "Pinsker" : "Bretagnolle and Huber";

    /// <summary>What follows from an ELBO and an evidence that is certain: known exactly, or bounded from above.</summary>
    /// <param name="elbo">The bound; four of its standard errors are left room for.</param>
    /// <param name="logEvidence">The ln evidence, or what it does not exceed.</param>
    public static TotalVariationBound Guaranteed(Estimate elbo, double logEvidence) => Guaranteed(elbo, new Estimate(logEvidence, 0));

    /// <summary>What follows from an ELBO and an upper bound on the evidence that is right but for its Monte Carlo error, such as that of a simulated row.</summary>
    /// <param name="elbo">The bound.</param>
    /// <param name="upperEvidence">The upper bound. Four standard errors of both together are left room for.</param>
    public static TotalVariationBound Guaranteed(Estimate elbo, Estimate upperEvidence)
    {
        var error = Math.Sqrt(elbo.StandardError * elbo.StandardError + upperEvidence.StandardError * upperEvidence.StandardError);
        return new(Math.Max(0, upperEvidence.Value - elbo.Value + StandardErrors * error), true);
    }

    /// <summary>What follows from an ELBO and an evidence that is itself estimated: by importance weights or annealing, which err to the low side.</summary>
    /// <param name="elbo">The bound.</param>
    /// <param name="evidence">The estimate.</param>
    public static TotalVariationBound Estimated(Estimate elbo, Estimate evidence) => new(Math.Max(0, evidence.Value - elbo.Value), false);

    /// <summary>The bound as a sentence.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"No probability under q is off by more than {AtMost:F2} ({(IsGuaranteed ? "guaranteed" : "estimated")}, {By}: KL(q‖p) is {(IsGuaranteed ? "at most" : "about")} {Divergence:F3} nats).");
}
