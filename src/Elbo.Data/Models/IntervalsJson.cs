using System.Text.Json.Nodes;
using Elbo.Models;

namespace Elbo.Data;

/// <summary>What intervals of filled cells hold, as JSON.</summary>
internal static class IntervalsJson
{
    public static JsonObject Of(IntervalCalibration calibration) => new()
    {
        ["cells"] = calibration.Cells,
        ["levels"] = new JsonArray([.. calibration.Levels.Select(l => JsonNumber.Of(l))]),
    };

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static IntervalCalibration Read(JsonNode json)
    {
        try
        {
            return new(RequiredJson.Get<int>(json, "cells"), [.. (json["levels"] as JsonArray ?? throw new FormatException("'levels' of intervals is missing.")).Select(l => l!.GetValue<double>())]);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException($"'intervals' are none: {e.Message}", e);
        }
    }
}
