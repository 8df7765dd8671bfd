using System.Text.Json.Nodes;
using Elbo.Cli.Commands;
using Elbo.Diagnostics;

namespace Elbo.Cli.Output;

/// <summary>A diagnosis for machines.</summary>
internal static class DiagnosisJson
{
    public static JsonObject Of(Diagnosis diagnosis)
    {
        var json = new JsonObject { ["rowsToChooseFrom"] = diagnosis.Rows.Of, ["areTrainedOn"] = diagnosis.Rows.AreTrainedOn };
        JsonText.AddBounds(json, diagnosis.Evaluation);
        json["latentCount"] = diagnosis.Evaluation.Latents;
        json["collapse"] = diagnosis.Evaluation.Collapse;
        json["history"] = diagnosis.History is { } history ? History(history) : null;
        json["split"] = diagnosis.Split is { } split ? Split(split) : null;
        json["latentUse"] = diagnosis.Latents is { } latents ? new JsonArray([.. latents.Select(l => (JsonNode?)Latent(l))]) : null;
        json["amortisationGap"] = diagnosis.Gap is { } gap ? Gap(gap) : null;
        json["totalVariation"] = diagnosis.Variation is { } variation ? Variation(variation) : null;
        json["simulated"] = diagnosis.Bracket is { } bracket ? Bracket(bracket, diagnosis.SimulatedVariation!.Value) : null;
        json["samples"] = diagnosis.Quality is { } quality ? Quality(quality) : null;
        json["boundAndSamples"] = diagnosis.BoundAndSamples is { } both ? Both(both) : null;
        json["notes"] = new JsonArray([.. diagnosis.Notes.Select(n => (JsonNode?)JsonValue.Create(n))]);
        return json;
    }

    private static JsonObject History(BoundHistory history) => new()
    {
        ["dominant"] = history.Dominant == BoundTerm.Divergence ? "divergence" : "reconstruction",
        ["since"] = history.Since,
        ["lately"] = history.Lately,
        ["riseByReconstruction"] = JsonText.Number(history.RiseByReconstruction),
        ["riseByDivergence"] = JsonText.Number(history.RiseByDivergence),
        ["overfitBy"] = JsonText.Number(history.OverfitBy),
    };

    private static JsonObject Split(AggregateSplit split) => new()
    {
        ["divergence"] = Number(split.Divergence),
        ["information"] = Number(split.Information),
        ["mostInformation"] = JsonText.Number(split.MostInformation),
        ["isSaturated"] = split.IsSaturated,
        ["marginal"] = Number(split.Marginal),
        ["totalCorrelation"] = Number(split.TotalCorrelation),
        ["dimensionWise"] = split.DimensionWise is { } sum ? Number(sum) : null,
    };

    private static JsonObject Latent(LatentReport latent) => new()
    {
        ["name"] = latent.Name,
        ["use"] = latent.Use.ToString().ToLowerInvariant(),
        ["divergence"] = JsonText.Number(latent.Divergence),
        ["information"] = Number(latent.Information),
        ["meanVariance"] = JsonText.Number(latent.MeanVariance),
    };

    private static JsonObject Gap(AmortisationGap gap) => new()
    {
        ["rows"] = gap.Rows.Count,
        ["elbo"] = Number(gap.Amortised),
        ["refinedElbo"] = Number(gap.Refined),
        ["evidence"] = Number(gap.Evidence),
        ["evidenceBy"] = gap.EvidenceBy,
        ["total"] = Number(gap.Total),
        ["approximation"] = Number(gap.Approximation),
        ["amortisation"] = Number(gap.Amortisation),
    };

    private static JsonObject Variation(TotalVariationBound bound) => new()
    {
        ["divergence"] = JsonText.Number(bound.Divergence),
        ["atMost"] = JsonText.Number(bound.AtMost),
        ["by"] = bound.By,
        ["isGuaranteed"] = bound.IsGuaranteed,
    };

    private static JsonObject Bracket(EvidenceBracket bracket, TotalVariationBound variation) => new()
    {
        ["rows"] = bracket.Rows.Count,
        ["lower"] = Number(bracket.Lower),
        ["upper"] = Number(bracket.Upper),
        ["width"] = Number(bracket.Width),
        ["totalVariation"] = Variation(variation),
    };

    private static JsonObject Quality(SampleQuality quality) => new()
    {
        ["features"] = quality.Features,
        ["isPoor"] = quality.IsPoor,
        ["classifierAccuracy"] = JsonText.Number(quality.Classifier.Accuracy),
        ["leastTotalVariation"] = JsonText.Number(quality.Classifier.LeastTotalVariation),
        ["mmdSquared"] = JsonText.Number(quality.Kernel.Squared),
        ["mmdPValue"] = JsonText.Number(quality.Kernel.PValue),
        ["frechet"] = JsonText.Number(quality.Frechet.Value),
        ["frechetByChance"] = JsonText.Number(quality.Frechet.ByChance),
        ["frechetFeatures"] = quality.Frechet.Features,
        ["precision"] = JsonText.Number(quality.Coverage.Precision),
        ["recall"] = JsonText.Number(quality.Coverage.Recall),
        ["coverageByChance"] = JsonText.Number(quality.Coverage.ByChance),
        ["copies"] = quality.Copies is { } copies ? JsonText.Number(copies.Copies) : null,
        ["nearerThanHeldOut"] = quality.Copies is { } nearer ? JsonText.Number(nearer.Nearer) : null,
    };

    private static JsonObject Both(BoundAndSamples both) => new()
    {
        ["verdict"] = both.Verdict.ToString(),
        ["gain"] = Number(both.Gain),
        ["trainingGain"] = JsonText.Number(both.TrainingGain),
        ["text"] = both.ToString(),
    };

    private static JsonObject Number(Estimate estimate) => new() { ["value"] = JsonText.Number(estimate.Value), ["standardError"] = JsonText.Number(estimate.StandardError) };
}
