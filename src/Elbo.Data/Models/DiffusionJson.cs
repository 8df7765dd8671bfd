using System.Text.Json.Nodes;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>Diffusion models, their training and their reports as JSON.</summary>
internal static class DiffusionJson
{
    private const int MostLevels = 1_000_000;
    private const int MostUnits = 100_000;
    private const int MostBlocks = 1000;

    public static JsonObject Of(DiffusionOptions parts) => new()
    {
        ["denoiser"] = Of(parts.Denoiser!),
        ["schedule"] = new JsonObject { ["isLearned"] = parts.Schedule.IsLearned, ["logNoise"] = PartsJson.Of(parts.Schedule.Corners) },
        ["levels"] = parts.Levels,
        ["prediction"] = parts.Prediction.ToString(),
        ["variance"] = parts.Variance.ToString(),
        ["objective"] = new JsonObject
        {
            ["simpleShare"] = JsonNumber.Of(parts.Objective.SimpleShare),
            ["boundShare"] = JsonNumber.Of(parts.Objective.BoundShare),
            ["boundTrainsVariances"] = parts.Objective.BoundTrainsVariances,
        },
        ["visitsByCost"] = parts.VisitsByCost,
        ["seed"] = parts.Seed,
    };

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static DiffusionOptions ReadParts(JsonNode? json)
    {
        var objective = (json as JsonObject)?["objective"];
        try
        {
            return new()
            {
                Denoiser = ReadDenoiser((json as JsonObject)?["denoiser"]),
                Schedule = ReadSchedule((json as JsonObject)?["schedule"]),
                Levels = PartsJson.InRange(json, "levels", 2, MostLevels),
                Prediction = PartsJson.Name<Prediction>(json, "prediction"),
                Variance = PartsJson.Name<ReverseVariance>(json, "variance"),
                Objective = new(JsonNumber.Get(objective, "simpleShare"), JsonNumber.Get(objective, "boundShare"), RequiredJson.Get<bool>(objective, "boundTrainsVariances")),
                VisitsByCost = RequiredJson.Get<bool>(json, "visitsByCost"),
                Seed = RequiredJson.Get<ulong>(json, "seed"),
            };
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    public static JsonObject Of(DiffusionTraining stand) => new()
    {
        ["step"] = stand.Step,
        ["rateScale"] = JsonNumber.Of(stand.RateScale),
        ["bestEpoch"] = stand.BestEpoch,
        ["history"] = new JsonArray([.. stand.History.Select(e => (JsonNode?)new JsonObject
        {
            ["epoch"] = e.Epoch,
            ["training"] = JsonNumber.Of(e.Training),
            ["heldOut"] = JsonNumber.Of(e.HeldOut),
            ["isBest"] = e.IsBest,
        })]),
    };

    /// <exception cref="FormatException">Something is missing or is not of the right type.</exception>
    public static DiffusionTraining ReadTraining(JsonNode? json, IReadOnlyList<NamedTensor> best, IReadOnlyList<NamedTensor> tensors) => new(
        RequiredJson.Get<int>(json, "step"), JsonNumber.Get(json, "rateScale"), RequiredJson.Get<int>(json, "bestEpoch"),
        [.. RequiredJson.List(json, "history").Select(e => new DiffusionEpoch(RequiredJson.Get<int>(e, "epoch"), JsonNumber.Get(e, "training"), JsonNumber.Get(e, "heldOut"), RequiredJson.Get<bool>(e, "isBest"), []))],
        best, tensors);

    public static JsonObject Of(DiffusionReport report)
    {
        var bound = report.Bound;
        return new()
        {
            ["rows"] = report.OfHeldOutRows ? "held-out" : "training",
            ["rowCount"] = bound.Rows,
            ["prior"] = Of(bound.Prior),
            ["steps"] = Of(bound.Steps),
            ["reconstruction"] = Of(bound.Reconstruction),
            ["total"] = Of(bound.Total),
            ["limit"] = Of(report.Limit),
            ["numbers"] = bound.Size,
            ["isDiscrete"] = bound.IsDiscrete,
            ["version"] = report.Version,
        };
    }

    /// <exception cref="FormatException">Something is missing or is not of the right type.</exception>
    public static DiffusionReport ReadReport(JsonNode json)
    {
        Estimate Get(string name) => new(JsonNumber.Get(json[name], "nats"), JsonNumber.Get(json[name], "standardError"));
        var bound = new DiffusionBound(Get("prior"), Get("steps"), Get("reconstruction"), Get("total"), [], RequiredJson.Get<int>(json, "numbers"), RequiredJson.Get<bool>(json, "isDiscrete"))
        {
            Rows = RequiredJson.Get<int>(json, "rowCount"),
        };
        return new(bound, Get("limit"), RequiredJson.Get<string>(json, "rows") == "held-out", RequiredJson.Get<string>(json, "version"));
    }

    private static JsonObject Of(Estimate estimate) => new() { ["nats"] = JsonNumber.Of(estimate.Value), ["standardError"] = JsonNumber.Of(estimate.StandardError) };

    private static JsonObject Of(Denoiser denoiser) => denoiser switch
    {
        FullyConnectedDenoiser mlp => new() { ["family"] = "fully-connected", ["width"] = mlp.Width, ["blocks"] = mlp.Blocks },
        UNetDenoiser net => new() { ["family"] = "u-net", ["channels"] = PartsJson.Of(net.Channels), ["blocks"] = net.Blocks, ["attends"] = net.Attends, ["waves"] = net.Waves },
        _ => throw new ArgumentOutOfRangeException(nameof(denoiser), denoiser, "Files hold no such network."),
    };

    private static Denoiser ReadDenoiser(JsonNode? json) => PartsJson.Family(json) switch
    {
        "fully-connected" => Denoiser.FullyConnected(PartsJson.InRange(json, "width", 1, MostUnits), PartsJson.InRange(json, "blocks", 1, MostBlocks)),
        "u-net" => Denoiser.UNet(PartsJson.Sizes(json, "channels"), PartsJson.InRange(json, "blocks", 1, MostBlocks), RequiredJson.Get<bool>(json, "attends"), PartsJson.InRange(json, "waves", 0, MostBlocks)),
        var family => throw PartsJson.Unknown("a network of a diffusion model", family),
    };

    private static NoiseSchedule ReadSchedule(JsonNode? json)
    {
        var isLearned = RequiredJson.Get<bool>(json, "isLearned");
        double[] corners = [.. RequiredJson.List(json, "logNoise").Select(n => n is JsonValue value && value.TryGetValue<double>(out var number) ? number : throw new FormatException("'logNoise' holds something other than numbers."))];
        return !isLearned ? NoiseSchedule.OfLogNoise(corners) : corners.Length == 2 ? NoiseSchedule.Learned(corners[0], corners[1]) : throw new FormatException("a schedule that is learned has two ends.");
    }
}
