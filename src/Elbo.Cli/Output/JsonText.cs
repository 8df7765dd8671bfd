using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Classification;
using Elbo.Models;
using Elbo.Objectives;

namespace Elbo.Cli.Output;

/// <summary>Reports for machines. What is not finite is null, since JSON has no word for it.</summary>
internal static class JsonText
{
    /// <summary>An event in one line.</summary>
    public static string Line(string @event, JsonObject json)
    {
        json.Insert(0, "event", @event);
        return json.ToJsonString();
    }

    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    public static string Rows(bool heldOut) => heldOut ? "held-out" : "training";

    /// <summary>Adds bounds and their terms, in nats per row.</summary>
    public static void AddBounds(JsonObject json, Evaluation evaluation)
    {
        var (bound, weighted, active) = evaluation;
        json["rowCount"] = bound.Rows;
        json["elbo"] = Number(bound.Elbo);
        json["elboStandardError"] = Number(bound.StandardError);
        json["reconstruction"] = Number(bound.Reconstruction);
        json["kl"] = Number(bound.Kl);
        json["importanceWeighted"] = Number(weighted.Value);
        json["importanceWeightedSamples"] = weighted.Samples;
        json["importanceWeightedStandardError"] = Number(weighted.StandardError);
        json["gap"] = Number(weighted.Value - bound.Elbo);
        json["activeLatents"] = active;
        json["columns"] = Terms(bound.Columns);
        json["latents"] = Terms(bound.Latents);
    }

    /// <summary>What intervals of filled cells hold, for intervals of 0.9.</summary>
    public static JsonObject Of(IntervalCalibration intervals) => new()
    {
        ["hiddenNumbers"] = intervals.Cells,
        ["coverageOf90"] = Number(intervals.Coverage(0.9)),
        ["levelFor90"] = Number(intervals.LevelFor(0.9)),
    };

    /// <summary>How sure classes may be.</summary>
    public static JsonObject Of(LabelCalibration calibration) => new()
    {
        ["temperature"] = Number(calibration.Temperature),
        ["hiddenLabels"] = calibration.Rows,
        ["accuracy"] = Number(calibration.Accuracy),
        ["logLoss"] = Number(calibration.LogLoss),
        ["calibrationError"] = Number(calibration.Error),
        ["calibrationErrorBefore"] = Number(calibration.ErrorBefore),
    };

    private static JsonObject Terms(IEnumerable<Term> terms)
    {
        var json = new JsonObject();
        foreach (var term in terms)
            json[term.Name] = Number(term.Value);
        return json;
    }
}
