using System.Text.Json.Nodes;
using Elbo.Texts;

namespace Elbo.Data;

/// <summary>Vocabularies as JSON.</summary>
internal static class VocabularyJson
{
    public static JsonObject Of(Vocabulary vocabulary) => new()
    {
        ["characters"] = vocabulary.Tokeniser.OfCharacters,
        ["shortest"] = vocabulary.Tokeniser.Shortest,
        ["longest"] = vocabulary.Tokeniser.Longest,
        ["stopWords"] = Array(vocabulary.Tokeniser.StopWords),
        ["tokens"] = Array(vocabulary.Tokens),
    };

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static Vocabulary Read(JsonNode? json)
    {
        try
        {
            return new(
                new Tokeniser
                {
                    OfCharacters = RequiredJson.Get<bool>(json, "characters"),
                    Shortest = RequiredJson.Get<int>(json, "shortest"),
                    Longest = RequiredJson.Get<int>(json, "longest"),
                    StopWords = RequiredJson.Texts(json, "stopWords"),
                },
                RequiredJson.Texts(json, "tokens"));
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    public static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)JsonValue.Create(t))]);
}
