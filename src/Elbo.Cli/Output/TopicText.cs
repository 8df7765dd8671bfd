using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Data;
using Elbo.Texts;

namespace Elbo.Cli.Output;

/// <summary>Topics with their words, for people and for machines.</summary>
internal static class TopicText
{
    /// <summary>A table of topics.</summary>
    public static IEnumerable<string> Lines(TopicModelFile file, int words, WordOrder order, int width, bool colour)
    {
        var (model, shares) = (file.Model, file.Model.TopicShares);
        var table = new TextTable(new TextColumn("topic", IsRight: true), new TextColumn("share", IsRight: true), new TextColumn("coherence", IsRight: true), new TextColumn("words"));
        for (var k = 0; k < model.Topics; k++)
        {
            table.Add([
                (k + 1).ToString(CultureInfo.InvariantCulture), Numbers.Percent(shares[k]), file.Coherence[k].ToString("F2", CultureInfo.InvariantCulture),
                string.Join(", ", model.TopWords(k, words, order).Select(w => w.Text)),
            ]);
        }

        return table.Lines(width, colour);
    }

    /// <summary>The same as an object.</summary>
    public static JsonObject Json(string path, TopicModelFile file, int words, WordOrder order)
    {
        var (model, shares) = (file.Model, file.Model.TopicShares);
        return new()
        {
            ["model"] = path,
            ["fittedTexts"] = file.Documents,
            ["vocabulary"] = model.Vocabulary.Count,
            ["bound"] = JsonText.Number(file.Bound),
            ["diversity"] = JsonText.Number(TopicCoherence.Diversity([.. Enumerable.Range(0, model.Topics).Select(k => model.TopWords(k).Select(w => w.Number).ToArray())])),
            ["topics"] = new JsonArray([.. Enumerable.Range(0, model.Topics).Select(k => (JsonNode?)new JsonObject
            {
                ["topic"] = k + 1,
                ["share"] = JsonText.Number(shares[k]),
                ["concentration"] = JsonText.Number(model.ShareConcentrations[k]),
                ["coherence"] = JsonText.Number(file.Coherence[k]),
                ["words"] = new JsonArray([.. model.TopWords(k, words, order).Select(w => (JsonNode?)new JsonObject
                {
                    ["word"] = w.Text,
                    ["probability"] = JsonText.Number(w.Probability),
                    ["lift"] = JsonText.Number(w.Lift),
                })]),
            })]),
        };
    }
}
