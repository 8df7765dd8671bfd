using System.Text.Json.Nodes;

namespace Elbo.Data;

/// <summary>Values that JSON must have.</summary>
internal static class RequiredJson
{
    /// <summary>The value of a name.</summary>
    /// <exception cref="FormatException">There is none, or it is not of this type.</exception>
    public static T Get<T>(JsonNode? json, string name) => Node(json, name) is JsonValue value && value.TryGetValue<T>(out var result)
        ? result
        : throw new FormatException($"'{name}' is not of the right type.");

    /// <summary>The items of the list of a name.</summary>
    /// <exception cref="FormatException">There is none, or it is not a list.</exception>
    public static JsonArray List(JsonNode? json, string name) =>
        Node(json, name) as JsonArray ?? throw new FormatException($"'{name}' is not a list.");

    /// <summary>The texts of the list of a name.</summary>
    /// <exception cref="FormatException">There is none, or it is not a list of texts.</exception>
    public static string[] Texts(JsonNode? json, string name) => [.. List(json, name).Select(item =>
        item is JsonValue value && value.TryGetValue<string>(out var text)
            ? text
            : throw new FormatException($"'{name}' is not a list of texts."))];

    private static JsonNode Node(JsonNode? json, string name) =>
        (json as JsonObject)?[name] ?? throw new FormatException($"'{name}' is missing.");
}
