using System.Text.Json.Nodes;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Recording;

namespace Elbo.Data;

/// <summary>What fits came to, as JSON.</summary>
internal static class CertificateJson
{
    /// <summary>Of a judgement.</summary>
    public static JsonObject Of(FitEvent value) => value switch
    {
        FitJudged judged => Of(judged),
        FitCertified certified => Of(certified.Certificate),
        LevelsJudged(var bound, _) => Of(bound),
        _ => throw new ArgumentException("Nothing is judged by it.", nameof(value)),
    };

    // Of a diffusion model; level by level it is in an event of its own.
    private static JsonObject Of(DiffusionBound bound) => new()
    {
        ["kind"] = "diffusion",
        ["elbo"] = EventJson.Number(bound.Elbo.Value),
        ["elboStandardError"] = EventJson.Number(bound.Elbo.StandardError),
        ["prior"] = EventJson.Of(bound.Prior),
        ["steps"] = EventJson.Of(bound.Steps),
        ["reconstruction"] = EventJson.Of(bound.Reconstruction),
        ["bitsPerNumber"] = bound.IsDiscrete ? EventJson.Of(bound.BitsPerNumber) : null,
        ["warnings"] = Warnings([]),
    };

    // Of an autoencoder.
    private static JsonObject Of(FitJudged judged)
    {
        var evaluation = judged.Evaluation;
        var json = new JsonObject { ["kind"] = "autoencoder", ["bestEpoch"] = judged.BestEpoch };
        EventJson.AddBounds(json, evaluation.Bound, evaluation.ImportanceWeighted, evaluation.ActiveLatents, evaluation.Latents, judged.OfHeldOutRows);
        json["constraint"] = judged.Constraint is { } constraint ? EventJson.Of(constraint, judged.BestEpoch) : null;
        json["warnings"] = Warnings(WarningsOf(judged));
        return json;
    }

    /// <summary>What is to be doubted of a posterior.</summary>
    public static IEnumerable<FitWarning> WarningsOf(Certificate certificate) => certificate.Warnings.Select(w => new FitWarning(w.Doubt.ToString(), w.Text));

    /// <summary>What is to be doubted of an autoencoder.</summary>
    public static IEnumerable<FitWarning> WarningsOf(FitJudged judged)
    {
        if (judged.Evaluation.Collapse is { } collapse)
            yield return new("collapse", collapse);
        if (judged.Constraint?.Doubt is { } doubt)
            yield return new("constraint", doubt);
    }

    // Of a posterior.
    private static JsonObject Of(Certificate certificate)
    {
        var weights = certificate.Weights;
        return new()
        {
            ["kind"] = "posterior",
            ["elbo"] = EventJson.Number(certificate.Elbo.Value),
            ["elboStandardError"] = EventJson.Number(certificate.Elbo.StandardError),
            ["importanceWeighted"] = EventJson.Of(certificate.ImportanceWeighted),
            ["annealed"] = certificate.Annealed is { } annealed ? EventJson.Of(annealed) : null,
            ["evidence"] = EventJson.Of(certificate.Evidence),
            ["gap"] = EventJson.Number(certificate.Gap),
            ["totalVariation"] = EventJson.Number(certificate.TotalVariation),
            ["isGuaranteed"] = certificate.IsGuaranteed,
            ["paretoShape"] = EventJson.Number(weights.Shape),
            ["paretoThreshold"] = EventJson.Number(weights.Threshold),
            ["effectiveDraws"] = EventJson.Number(weights.EffectiveCount),
            ["draws"] = weights.Count,
            ["isReliable"] = weights.IsReliable,
            ["isConfirmed"] = certificate.IsConfirmed,
            ["heaviest"] = certificate.Heaviest is { } heaviest ? new JsonObject { ["name"] = heaviest.Name, ["shape"] = EventJson.Number(heaviest.Shape) } : null,
            ["isSettled"] = certificate.IsSettled,
            ["steps"] = certificate.Steps,
            ["rHat"] = certificate.Convergence is { RHat: { } rHat } ? EventJson.Number(rHat) : null,
            ["terms"] = EventJson.Terms(certificate.Terms),
            ["remarks"] = new JsonArray([.. certificate.Remarks.Select(r => (JsonNode?)r)]),
            ["isGood"] = certificate.IsGood,
            ["warnings"] = Warnings(WarningsOf(certificate)),
            ["text"] = certificate.ToString(),
        };
    }

    private static JsonArray Warnings(IEnumerable<FitWarning> warnings) =>
        new([.. warnings.Select(w => (JsonNode?)new JsonObject { ["about"] = w.About, ["text"] = w.Text, ["remedy"] = w.Remedy })]);
}
