using System.Globalization;
using System.Text.Json.Nodes;

namespace Elbo.Data;

/// <summary>Floating-point numbers in JSON that come back to the same bits. JSON knows no NaN and no infinity: they are texts.</summary>
internal static class JsonNumber
{
    public static JsonNode Of(double value) =>
        double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture))!;

    /// <exception cref="FormatException">There is no number of this name.</exception>
    public static double Get(JsonNode? json, string name)
    {
        if ((json as JsonObject)?[name] is JsonValue value && value.TryGetValue<string>(out var text))
        {
            return text switch
            {
                "NaN" => double.NaN,
                "Infinity" => double.PositiveInfinity,
                "-Infinity" => double.NegativeInfinity,
                _ => throw new FormatException($"'{name}' is not a number."),
            };
        }

        return RequiredJson.Get<double>(json, name);
    }

    /// <exception cref="FormatException">The number is there and is none of this type.</exception>
    public static T? Optional<T>(JsonNode? json, string name) where T : struct =>
        (json as JsonObject)?[name] is null ? null : RequiredJson.Get<T>(json, name);
}
