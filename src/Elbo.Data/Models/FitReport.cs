using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Objectives;

namespace Elbo.Data;

/// <summary>What a fit came to, as its model file keeps it.</summary>
/// <param name="Evaluation">The bounds of the model of the best epoch.</param>
/// <param name="OfHeldOutRows">Whether they are of rows kept out of training; otherwise of the training rows themselves.</param>
/// <param name="Seconds">How long training took, all its sittings together.</param>
/// <param name="Version">The version of the program that wrote the report.</param>
public sealed record FitReport(Evaluation Evaluation, bool OfHeldOutRows, double Seconds, string Version)
{
    internal JsonObject ToJson()
    {
        var (bound, weighted, active) = Evaluation;
        var json = new JsonObject
        {
            ["rows"] = OfHeldOutRows ? "held-out" : "training",
            ["rowCount"] = bound.Rows,
            ["elbo"] = JsonNumber.Of(bound.Elbo),
            ["elboStandardError"] = JsonNumber.Of(bound.StandardError),
            ["reconstruction"] = JsonNumber.Of(bound.Reconstruction),
            ["kl"] = JsonNumber.Of(bound.Kl),
            ["importanceWeighted"] = JsonNumber.Of(weighted.Value),
            ["importanceWeightedSamples"] = weighted.Samples,
            ["importanceWeightedStandardError"] = JsonNumber.Of(weighted.StandardError),
            ["activeLatents"] = active,
            ["columns"] = Terms(bound.Columns),
            ["latents"] = Terms(bound.Latents),
            ["seconds"] = JsonNumber.Of(Seconds),
            ["version"] = Version,
        };
        if (Evaluation.Latents != bound.Latents.Count)
            json["latentCount"] = Evaluation.Latents;
        return json;
    }

    /// <exception cref="FormatException">Something is missing or is not of the right type.</exception>
    internal static FitReport FromJson(JsonNode json)
    {
        var bound = new Bound(
            JsonNumber.Get(json, "elbo"), JsonNumber.Get(json, "reconstruction"), JsonNumber.Get(json, "kl"),
            Terms(json, "columns"), Terms(json, "latents"), JsonNumber.Get(json, "elboStandardError"), RequiredJson.Get<int>(json, "rowCount"));
        var weighted = new ImportanceWeightedBound(
            JsonNumber.Get(json, "importanceWeighted"), RequiredJson.Get<int>(json, "importanceWeightedSamples"),
            JsonNumber.Get(json, "importanceWeightedStandardError"));
        var evaluation = new Evaluation(bound, weighted, RequiredJson.Get<int>(json, "activeLatents"))
        {
            Latents = JsonNumber.Optional<int>(json, "latentCount") ?? bound.Latents.Count,
        };
        var heldOut = RequiredJson.Get<string>(json, "rows") == "held-out";
        return new(evaluation, heldOut, JsonNumber.Get(json, "seconds"), RequiredJson.Get<string>(json, "version"));
    }

    private static JsonArray Terms(IEnumerable<Term> terms) =>
        new([.. terms.Select(t => (JsonNode?)new JsonObject { ["name"] = t.Name, ["nats"] = JsonNumber.Of(t.Value) })]);

    private static Term[] Terms(JsonNode json, string name) =>
        [.. RequiredJson.List(json, name).Select(t => new Term(RequiredJson.Get<string>(t, "name"), JsonNumber.Get(t, "nats")))];
}
