using System.Text.Json.Nodes;
using Elbo.Likelihoods;

namespace Elbo.Data;

/// <summary>Why cells are missing, as JSON. Where that is ignored there is none.</summary>
internal static class MissingnessJson
{
    public static JsonObject? Of(Missingness missing) => missing switch
    {
        IgnorableMissingness => null,
        SelfMaskingMissingness self => new()
        {
            ["family"] = "self-masking",
            ["columns"] = new JsonArray([.. self.Columns.Where(c => c.End is not null).Select(c => (JsonNode?)new JsonObject { ["name"] = c.Column, ["end"] = c.End!.Value.ToString() })]),
            ["assumption"] = missing.Assumption,
        },
        JointMissingness joint => new()
        {
            ["family"] = joint.Hidden is null ? "linear" : "agnostic",
            ["hidden"] = joint.Hidden,
            ["columns"] = new JsonArray([.. joint.Columns.Select(c => (JsonNode?)JsonValue.Create(c))]),
            ["assumption"] = missing.Assumption,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(missing), missing, "Files hold no such assumption."),
    };

    /// <exception cref="FormatException">It is not one, or it names columns that there are not.</exception>
    public static Missingness Read(JsonNode? network, IEnumerable<string> names)
    {
        if (network?["missing"] is not { } json)
            return Missingness.Ignorable;
        var known = names.ToHashSet(StringComparer.Ordinal);
        return PartsJson.Family(json) switch
        {
            "self-masking" => new SelfMaskingMissingness(
                null, [.. RequiredJson.List(json, "columns").Select(c => new MaskedColumn(Known(RequiredJson.Get<string>(c, "name")), PartsJson.Name<MaskedEnd>(c, "end")))]),
            "linear" => new JointMissingness(null, [.. RequiredJson.Texts(json, "columns").Select(Known)]),
            "agnostic" => new JointMissingness(PartsJson.InRange(json, "hidden", 1, 100_000), [.. RequiredJson.Texts(json, "columns").Select(Known)]),
            var family => throw PartsJson.Unknown("an assumption about missing cells", family),
        };

        string Known(string name) => known.Contains(name) ? name : throw new FormatException($"missing cells of '{name}' are modelled, which is no column of the model.");
    }
}
