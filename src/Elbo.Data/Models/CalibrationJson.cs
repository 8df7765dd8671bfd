using System.Text.Json.Nodes;
using Elbo.Classification;

namespace Elbo.Data;

/// <summary>How sure classes may be, as JSON.</summary>
internal static class CalibrationJson
{
    public static JsonObject Of(LabelCalibration calibration) => new()
    {
        ["temperature"] = JsonNumber.Of(calibration.Temperature),
        ["rows"] = calibration.Rows,
        ["accuracy"] = JsonNumber.Of(calibration.Accuracy),
        ["logLoss"] = JsonNumber.Of(calibration.LogLoss),
        ["error"] = JsonNumber.Of(calibration.Error),
        ["errorBefore"] = JsonNumber.Of(calibration.ErrorBefore),
    };

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static LabelCalibration Read(JsonNode json)
    {
        var temperature = JsonNumber.Get(json, "temperature");
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw new FormatException($"'temperature' is {temperature}; a temperature is above 0.");
        return new(
            temperature, RequiredJson.Get<int>(json, "rows"), JsonNumber.Get(json, "accuracy"), JsonNumber.Get(json, "logLoss"), JsonNumber.Get(json, "error"),
            JsonNumber.Get(json, "errorBefore"));
    }
}
