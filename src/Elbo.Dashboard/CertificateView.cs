using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Elbo.Dashboard;

/// <summary>A certificate as a list of named numbers, each with a word on what it says.</summary>
internal static class CertificateView
{
    public static JsonObject Of(JsonElement certificate)
    {
        var facts = new Facts(certificate);
        if (facts.Text("kind") == "posterior")
            AddPosterior(facts);
        else
            AddAutoencoder(facts);
        var remarks = new JsonArray();
        if (certificate.TryGetProperty("remarks", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var remark in list.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.String))
                remarks.Add((JsonNode)remark.GetString()!);
        }
        return new() { ["facts"] = facts.Json, ["remarks"] = remarks };
    }

    private static void AddAutoencoder(Facts facts)
    {
        facts.Add("ELBO", "elbo", "the bound that was maximised; no greater than ln p(x)", "elboStandardError");
        facts.Add("reconstruction", "reconstruction", "how well observed cells are explained by the code");
        facts.Add("KL", "kl", "what the code says about a row");
        facts.Add($"IWAE{(facts.Number("importanceWeightedSamples") is { } k ? string.Create(CultureInfo.InvariantCulture, $", K = {k}") : "")}", "importanceWeighted", "closer to ln p(x), the closer the more draws", "importanceWeightedStandardError");
        facts.Add("IWAE − ELBO", "gap", "what the approximate posterior loses, at least");
        if (facts.Number("activeLatents") is { } active && facts.Number("latentCount") is { } latents)
            facts.Say("latents in use", string.Create(CultureInfo.InvariantCulture, $"{active} of {latents}"), active, "those that tell rows apart");
        if (facts.Number("rowCount") is { } rows)
            facts.Say("judged on", rows.ToString("N0", CultureInfo.InvariantCulture), rows, facts.Text("rows") == "held-out" ? "rows that were kept out of training" : "rows of the training itself");
        if (facts.Number("bestEpoch") is { } best)
            facts.Say("best epoch", best.ToString("N0", CultureInfo.InvariantCulture), best, "the model is the one of that epoch");
    }

    private static void AddPosterior(Facts facts)
    {
        facts.Add("ELBO", "elbo", "a lower bound of the log evidence", "elboStandardError");
        facts.Estimate("ln evidence", "evidence", "the best estimate there is");
        facts.Add("gap", "gap", "KL(q‖p), what the approximation loses");
        if (facts.Number("totalVariation") is { } distance)
            facts.Say("total variation, at most", distance.ToString("F2", CultureInfo.InvariantCulture), distance, facts.Is("isGuaranteed") ? "guaranteed by an evidence that is known" : "estimated; no probability is off by more");
        if (facts.Number("paretoShape") is { } shape)
        {
            var isReliable = facts.Is("isReliable");
            var limit = facts.Number("paretoThreshold") is { } threshold ? string.Create(CultureInfo.InvariantCulture, $" (at most {threshold:F2})") : "";
            facts.Say("Pareto k̂", shape.ToString("F2", CultureInfo.InvariantCulture), shape, isReliable ? $"importance weights can be trusted{limit}" : facts.Is("isConfirmed") ? "too high for weights, but exact chains find the same" : $"too high to trust importance weights{limit}", isReliable ? "good" : "watch");
        }
        if (facts.Number("effectiveDraws") is { } effective && facts.Number("draws") is { } draws)
            facts.Say("effective draws", string.Create(CultureInfo.InvariantCulture, $"{effective:N0} of {draws:N0}"), effective, "what the weighted draws are worth");
        if (facts.Number("rHat") is { } hat)
            facts.Say("R̂ of the optimisation", hat.ToString("F3", CultureInfo.InvariantCulture), hat, "near 1 where it has come to rest");
        if (facts.Number("steps") is { } steps)
            facts.Say(facts.Is("isSettled") ? "settled after" : "not settled after", string.Create(CultureInfo.InvariantCulture, $"{steps:N0} steps"), steps, "", facts.Is("isSettled") ? "good" : "watch");
    }

    private sealed class Facts(JsonElement json)
    {
        public JsonArray Json { get; } = [];

        public double? Number(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

        public string? Text(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        public bool Is(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

        public void Add(string name, string key, string note, string? error = null)
        {
            if (Number(key) is { } value)
                Json.Add((JsonNode)new JsonObject { ["name"] = name, ["value"] = value, ["error"] = error is null ? null : Number(error), ["note"] = note });
        }

        public void Estimate(string name, string key, string note)
        {
            if (json.TryGetProperty(key, out var estimate) && estimate.ValueKind == JsonValueKind.Object && estimate.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Number)
                Json.Add((JsonNode)new JsonObject { ["name"] = name, ["value"] = value.GetDouble(), ["error"] = estimate.TryGetProperty("standardError", out var error) && error.ValueKind == JsonValueKind.Number ? error.GetDouble() : null, ["note"] = note });
        }

        public void Say(string name, string text, double value, string note, string? tone = null) =>
            Json.Add((JsonNode)new JsonObject { ["name"] = name, ["text"] = text, ["value"] = value, ["note"] = note, ["tone"] = tone });
    }
}
