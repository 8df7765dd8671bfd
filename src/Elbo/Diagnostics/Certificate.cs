using System.Globalization;
using System.Text;

namespace Elbo.Diagnostics;

/// <summary>
/// How good an approximate posterior is: its bound and what is known of the evidence above it, what the gap between them allows, the
/// importance weights, convergence, and in plain words what to doubt.
/// </summary>
/// <remarks>
/// The evidence is estimated, from below (in expectation): a guide that misses a mode altogether, with all draws and chains in the other,
/// can look perfect. Distances in total variation are therefore estimates too, unless the evidence is known or bounded from above; see
/// <see cref="IsGuaranteed"/>.
/// </remarks>
public sealed record Certificate
{
    internal Certificate()
    {
    }

    /// <summary>The ELBO, in nats, total.</summary>
    public required Estimate Elbo { get; init; }

    /// <summary>E_q ln p of each site, and the entropy of the guide: the terms of the ELBO, in nats.</summary>
    public required IReadOnlyList<Objectives.Term> Terms { get; init; }

    /// <summary>ln evidence by importance weights of draws of the guide: the logarithm of their mean, unsmoothed.</summary>
    public required Estimate ImportanceWeighted { get; init; }

    /// <summary>ln evidence by annealed importance sampling from the guide; null where it was left out.</summary>
    public Estimate? Annealed { get; init; }

    /// <summary>What the chains find otherwise than the draws, beyond chance; null where they were left out.</summary>
    public Disagreement? Disagreement { get; init; }

    /// <summary>What the search for a start found in other modes.</summary>
    public OtherModes OtherModes { get; init; }

    /// <summary>The weights of draws of the guide.</summary>
    public required ParetoSmoothing Weights { get; init; }

    /// <summary>
    /// The number whose standard deviation is the least sure: that with the greatest k̂ of the weighted squares of its deviations from the
    /// mean (Vehtari and others, 2024, section 3.3). Null where no number is named.
    /// </summary>
    public NumberTail? Heaviest { get; init; }

    /// <summary>What the fit does with data simulated from the model; null where that was not asked for.</summary>
    public SimulationCheck? Simulated { get; init; }

    /// <summary>Whether the optimisation came to rest.</summary>
    public required bool IsSettled { get; init; }

    /// <summary>What the iterates of the optimisation say of their average; null where there were none.</summary>
    public Convergence? Convergence { get; init; }

    /// <summary>How many steps it took.</summary>
    public required int Steps { get; init; }

    /// <summary>What to know of the fit that is no reason for doubt: what was summed out, what the numbers leave out.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>
    /// Whether the guide has a density. The divergence of a point from a posterior is infinite and its total variation from it is 1, so
    /// the bound on the evidence is −∞: what it says is where the density is highest, no more.
    /// </summary>
    public bool HasSpread { get; init; } = true;

    /// <summary>What to doubt, and what to do about it; nothing for a good fit.</summary>
    public IReadOnlyList<Warning> Warnings => [.. Doubts.Of(this)];

    /// <summary>
    /// Whether chains find the same moments, so that no tail of the weights hides anything that matters. Where the weights have not even a
    /// mean, chains that begin with them would not know either.
    /// </summary>
    public bool IsConfirmed => Disagreement is { IsConfirmation: true } && Weights.Shape < 1;

    /// <summary>Whether nothing was found to be wrong.</summary>
    public bool IsGood => Warnings.Count == 0;

    /// <summary>The ln evidence that was stated as known exactly; null where none was.</summary>
    public double? LogEvidence { get; init; }

    /// <summary>What the ln evidence was stated not to exceed; null where nothing was.</summary>
    public double? LogEvidenceAtMost { get; init; }

    /// <summary>
    /// Whether <see cref="TotalVariation"/> is guaranteed, by an evidence that is known or bounded from above, rather than estimated; it then
    /// leaves room for four standard errors of the ELBO.
    /// </summary>
    public bool IsGuaranteed => HasSpread && UpperEvidence is not null;

    /// <summary>The ln evidence: exact where it is known; otherwise the better estimate, which is the annealed one where it was made, as it reaches further.</summary>
    public Estimate Evidence => LogEvidence is { } exact ? new(exact, 0) : Annealed is { } annealed && annealed.Value > ImportanceWeighted.Value ? annealed : ImportanceWeighted;

    /// <summary>ln evidence − ELBO = KL(q‖p), in nats, estimated unless <see cref="LogEvidence"/> is known; ∞ for a point.</summary>
    public double Gap => !HasSpread ? double.PositiveInfinity : Math.Max(0, Evidence.Value - Elbo.Value);

    /// <summary>What the gap allows in total variation between guide and posterior.</summary>
    public TotalVariationBound Distance => IsGuaranteed ? TotalVariationBound.Guaranteed(Elbo, UpperEvidence!.Value) : new(Gap, false);

    /// <summary>The greatest total variation between guide and posterior that the gap allows by Pinsker's inequality, √(gap/2).</summary>
    public double Pinsker => Distance.Pinsker;

    /// <summary>The same by the inequality of Bretagnolle and Huber (1979), √(1 − e^−gap): never above 1, and the lower one for gaps above 1.6.</summary>
    public double BretagnolleHuber => Distance.BretagnolleHuber;

    /// <summary>The lower of the two.</summary>
    public double TotalVariation => Distance.AtMost;

    private double? UpperEvidence => LogEvidence ?? LogEvidenceAtMost;

    private string EvidenceText
    {
        get
        {
            if (LogEvidence is { } exact)
                return string.Create(CultureInfo.InvariantCulture, $"{exact:F2} (exact)");
            var how = Annealed is { } annealed && Evidence == annealed ? "annealing" : "importance weights";
            return string.Create(CultureInfo.InvariantCulture, $"{Evidence} (estimated by {how}{(LogEvidenceAtMost is { } most ? string.Create(CultureInfo.InvariantCulture, $"; at most {most:F2}") : "")})");
        }
    }

    /// <summary>What helps a fit of this kind.</summary>
    internal Remedies Remedies { get; init; } = Remedies.OfModels;

    /// <summary>The same fit judged by other draws.</summary>
    internal Certificate With(ParetoSmoothing weights, NumberTail? heaviest) =>
        this with { ImportanceWeighted = new(weights.LogMean, weights.RelativeError), Weights = weights, Heaviest = heaviest };

    /// <summary>The certificate as text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (!HasSpread)
            return text.AppendLine("ELBO -∞ nats; total variation 1: the guide is not a density").AppendJoin(Environment.NewLine, [.. Remarks, .. Warnings.Select(w => $"! {w}")]).ToString();
        text.AppendLine(CultureInfo.InvariantCulture, $"ELBO {Elbo} nats; ln evidence {EvidenceText}");
        text.AppendLine(CultureInfo.InvariantCulture, $"gap {Gap:F3} nats; total variation at most {TotalVariation:F2} ({(IsGuaranteed ? "guaranteed" : "estimated")}, {Distance.By})");
        text.AppendLine(CultureInfo.InvariantCulture, $"Pareto k {Weights.Shape:F2}{(Weights.Shape <= Weights.Threshold ? "" : Weights.IsReliable ? ", of weights that are nearly equal" : IsConfirmed ? ", too high for weights, but exact chains find the same" : ", too high")}; {Weights.EffectiveCount:F0} of {Weights.Count} draws effective{(Heaviest is { } heaviest ? string.Create(CultureInfo.InvariantCulture, $"; of squares at most {heaviest.Shape:F2}, of {heaviest.Name}") : "")}");
        text.AppendLine(CultureInfo.InvariantCulture, $"{(IsSettled ? "settled" : "not settled")} after {Steps} steps{(Convergence is { } convergence ? $": {convergence}" : "")}");
        foreach (var remark in Remarks)
            text.AppendLine(remark);
        if (Simulated is not null)
            text.AppendLine(CultureInfo.InvariantCulture, $"{Simulated}");
        if (IsGood)
            return text.Append("No doubts.").ToString();
        foreach (var warning in Warnings)
            text.AppendLine(CultureInfo.InvariantCulture, $"! {warning}");
        return text.ToString().TrimEnd();
    }
}
