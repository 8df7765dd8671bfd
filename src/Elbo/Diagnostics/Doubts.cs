using static System.FormattableString;

namespace Elbo.Diagnostics;

/// <summary>What a certificate's numbers give reason to doubt.</summary>
internal static class Doubts
{
    // Annealing that finds so much more evidence, in nats, beyond both errors, has found what the guide does not reach.
    private const double NoticeableMass = 0.1;
    private const double NoticeableShare = 0.01;

    // Weights of a heavier tail have no variance, so that they do not tell their own errors; what chains then leave open must be small.
    private const double NoVariance = 0.5;
    private const double OpenMean = 0.2;
    private const double OpenLogSd = 0.3;

    // Beyond chance already.
    private const double NoticeableMean = 0.1;
    private const double NoticeableLogSd = 0.1;

    /// <summary>All doubts, as sentences with remedies.</summary>
    public static IEnumerable<Warning> Of(Certificate c)
    {
        if (!c.IsSettled)
            yield return new(Doubt.NotSettled, $"{c.Convergence?.Trouble ?? "The fit ended before it came to rest, so more steps would give another answer."} {c.Remedies.Steps}");
        if (!c.HasSpread)
        {
            yield return new(Doubt.NoSpread, "The guide is a point, or has one in it: it tells where the density is highest and nothing of how uncertain that is. Its standard deviations of 0 are not those of the posterior, and there is no bound on the evidence. Use Guide.Laplace or Guide.FullRank for both.");
            yield break;
        }
        if (!c.Weights.IsReliable && !c.IsConfirmed)
            yield return new(Doubt.HeavyTail, Invariant($"The importance weights of the guide's draws have a heavy tail (Pareto k {c.Weights.Shape:F2}, where {c.Weights.Count} draws allow {c.Weights.Threshold:F2}): the guide is too narrow somewhere, and means and standard deviations may be off. {c.Remedies.Fit}"));
        else if (c.Heaviest is { } heaviest && !(heaviest.Shape <= c.Weights.ThresholdOfSquares) && !c.IsConfirmed)
            yield return new(Doubt.HeavyTail, Invariant($"The standard deviation of {heaviest.Name} is not to be trusted: its weighted squares have a heavy tail (Pareto k {heaviest.Shape:F2}, where {c.Weights.Count} draws allow {c.Weights.ThresholdOfSquares:F2}), heavier than the guide's, or so heavy that there is no standard deviation. Use its quantiles, or more draws. {c.Remedies.Fit}"));
        else if (Open(c) is { } open)
            yield return new(Doubt.NotConfirmed, Invariant($"The weights of the draws {(c.Weights.Shape > NoVariance ? "" : "times the squares of a number ")}may have no variance (Pareto k {Math.Max(c.Weights.Shape, c.Heaviest?.Shape ?? 0):F2} is above ½), and the chains are too few to confirm them: a mean may be off by {open.Mean.AtMost:F2} standard deviations, a standard deviation by {open.LogSd.AtMost:P0}. Certify with more ChainSteps. {c.Remedies.Fit}"));
        if (c.Simulated?.Wrong.MinBy(n => n.PValue) is { } wrong)
            yield return new(Doubt.Miscalibrated, Invariant($"Of data simulated from the model the posteriors of {wrong.Name} {wrong.Fault}: in {wrong.Below.Count} data sets their truths are so spread by chance with probability {wrong.PValue:G2}. {c.Remedies.Fit}"));
        if (c.OtherModes.Share > NoticeableShare || c.OtherModes.LogSd > NoticeableLogSd)
            yield return new(Doubt.OtherModes, Invariant($"About {c.OtherModes.Share:P1} of the probability was found in another mode, apart from the one that was fitted{(c.OtherModes.LogSd > NoticeableLogSd ? $", so far away that some standard deviation is {Math.Exp(c.OtherModes.LogSd):F1} times as large" : "")}. Rule one out by an ordering or a tighter prior, sum out what tells them apart, or use a guide with several modes."));
        if (c.Disagreement is { } d && (d.Mean.BeyondChance > NoticeableMean || d.LogSd.BeyondChance > NoticeableLogSd))
        {
            string[] off =
            [
                .. d.Mean.BeyondChance > NoticeableMean ? [Invariant($"a mean is {d.Mean.BeyondChance:F2} standard deviations off ({d.Mean.Name})")] : Array.Empty<string>(),
                .. d.LogSd.BeyondChance > NoticeableLogSd ? [Invariant($"a standard deviation is off by {d.LogSd.BeyondChance:P0} ({d.LogSd.Name})")] : Array.Empty<string>(),
            ];
            yield return new(Doubt.OtherMoments, $"Chains of an exact sampler find other moments, beyond chance: {string.Join(", ", off)}. {c.Remedies.Fit}");
        }
        if (c.LogEvidence is { } exact && exact - c.ImportanceWeighted.Value is var missing && missing > NoticeableMass + 2 * c.ImportanceWeighted.StandardError)
            yield return new(Doubt.MissingMass, Invariant($"The evidence is {missing:F2} nats more than the guide's draws find: a part of the posterior lies where the guide hardly reaches. {c.Remedies.Fit}"));
        if (c.LogEvidence is not null || c.Annealed is not { } annealed)
            yield break;
        var (more, error) = (annealed.Value - c.ImportanceWeighted.Value, Math.Sqrt(Square(annealed.StandardError) + Square(c.ImportanceWeighted.StandardError)));
        if (more > NoticeableMass + 2 * error)
            yield return new(Doubt.MissingMass, Invariant($"Annealing finds {more:F2} nats more evidence than the guide's draws: a part of the posterior lies where the guide hardly reaches. {c.Remedies.Fit}"));
    }

    // What chains leave open of what draws do not tell by themselves; null where that is little.
    private static Disagreement? Open(Certificate c)
    {
        if (c.Weights.IsNearlyEqual || c.Disagreement is not { } d)
            return null;
        var isOpen = (c.Weights.Shape > NoVariance && d.Mean.AtMost > OpenMean) || ((c.Weights.Shape > NoVariance || c.Heaviest?.Shape > NoVariance) && d.LogSd.AtMost > OpenLogSd);
        return isOpen ? d : null;
    }

    private static double Square(double x) => x * x;
}
