using System.Text.Json.Nodes;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>Where training stands as JSON; its tensors lie beside it.</summary>
internal static class TrainingStateJson
{
    public static JsonObject Of(TrainingState state) => new()
    {
        ["epoch"] = state.Epoch,
        ["step"] = state.Step,
        ["bestEpoch"] = state.BestEpoch,
        ["bestElbo"] = JsonNumber.Of(state.BestElbo),
        ["rateScale"] = JsonNumber.Of(state.RateScale),
        ["isFinished"] = state.IsFinished,
        ["history"] = new JsonArray([.. state.History.Select(line => (JsonNode?)OfLine(line))]),
    };

    /// <exception cref="FormatException">Something is missing or is not of the right type.</exception>
    public static TrainingState Read(JsonNode? json, IReadOnlyList<NamedTensor> tensors) => new(
        RequiredJson.Get<int>(json, "epoch"), RequiredJson.Get<int>(json, "step"), RequiredJson.Get<int>(json, "bestEpoch"),
        JsonNumber.Get(json, "bestElbo"), JsonNumber.Get(json, "rateScale"), RequiredJson.Get<bool>(json, "isFinished"),
        [.. RequiredJson.List(json, "history").Select(ReadLine)], tensors);

    private static JsonObject OfLine(EpochLine line) => new()
    {
        ["epoch"] = line.Epoch,
        ["trainingElbo"] = JsonNumber.Of(line.TrainingElbo),
        ["heldOutElbo"] = JsonNumber.Of(line.HeldOutElbo),
        ["importanceWeighted"] = JsonNumber.Of(line.ImportanceWeighted),
        ["kl"] = JsonNumber.Of(line.Kl),
        ["activeLatents"] = line.ActiveLatents,
    };

    private static EpochLine ReadLine(JsonNode? json) => new(
        RequiredJson.Get<int>(json, "epoch"), JsonNumber.Get(json, "trainingElbo"), JsonNumber.Get(json, "heldOutElbo"),
        JsonNumber.Get(json, "importanceWeighted"), JsonNumber.Get(json, "kl"), RequiredJson.Get<int>(json, "activeLatents"));
}
