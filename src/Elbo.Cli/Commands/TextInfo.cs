using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Texts;

namespace Elbo.Cli.Commands;

/// <summary>What the file of a model of texts holds.</summary>
internal static class TextInfo
{
    public static void Print(Terminal terminal, string path, TextModelFile file, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonText.Line("info", Json(path, file)));
            return;
        }

        var where = file.TextColumn is { } column ? $"column '{column}'" : "a folder";
        var bold = Ansi.Bold(path, terminal.HasColour);
        if (file is TopicModelFile topics)
        {
            Line($"{bold}: {Numbers.Of(topics.Model.Topics, "topic")} by latent Dirichlet allocation, fitted to {Numbers.Of(file.Documents, "text")} of {where}, {Numbers.Of(topics.Model.Vocabulary.Count, "different word")}, "
                + string.Create(CultureInfo.InvariantCulture, $"seed {file.Seed}, in {Numbers.Duration(file.Seconds)}."));
            terminal.Out.WriteLine();
            foreach (var line in TopicText.Lines(topics, 10, WordOrder.Probability, terminal.Width, terminal.HasColour))
                terminal.Out.WriteLine(line);
        }

        if (file is TextClassifierFile classifier)
        {
            Line($"{bold}: classifier of texts of {where} by {Numbers.Of(classifier.Labelled, "label")} in column '{classifier.LabelColumn}', fitted to {Numbers.Of(file.Documents, "text")}, "
                + string.Create(CultureInfo.InvariantCulture, $"seed {file.Seed}, in {Numbers.Duration(file.Seconds)}. Unlabelled texts count {classifier.Model.UnlabelledWeight} beside labelled ones."));
            Line($"Its {Numbers.Of(file.Classes.Count, "class", "classes")}: {string.Join(", ", file.Classes)}.");
            if (file.Calibration is { } calibration)
                Line(FitText.Of(calibration));
        }

        void Line(string text) => terminal.Out.WriteLine(TextLines.Wrap(text, terminal.Width));
    }

    private static JsonObject Json(string path, TextModelFile file)
    {
        var json = file is TopicModelFile topics ? TopicText.Json(path, topics, 10, WordOrder.Probability) : new JsonObject { ["model"] = path, ["fittedTexts"] = file.Documents };
        if (file.Classes.Count > 0)
            json["classes"] = new JsonArray([.. file.Classes.Select(c => (JsonNode?)JsonValue.Create(c))]);
        if (file.Calibration is { } calibration)
            json["calibration"] = JsonText.Of(calibration);
        json["column"] = file.TextColumn;
        json["seed"] = file.Seed;
        json["seconds"] = JsonText.Number(file.Seconds);
        return json;
    }
}
