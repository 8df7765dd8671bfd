using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary>What the file of a diffusion model holds.</summary>
internal static class DiffusionInfo
{
    public static void Print(Terminal terminal, string path, DiffusionModelFile file, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonText.Line("info", Json(path, file)));
            return;
        }

        var (bold, width, colour) = (Ansi.Bold(path, terminal.HasColour), terminal.Width, terminal.HasColour);
        if (file is ImageDiffusionFile { Description: var images })
            Line($"{bold}: diffusion model of images of {images.Shape.Height} x {images.Shape.Width} pixels{FitText.Colours(images.Shape.Channels)} with {images.Shades} shades, fitted to {Numbers.Of(images.Images, "image")}.");
        if (file is TableDiffusionFile { Description: var of })
            Line($"{bold}: diffusion model of a table with {Numbers.Of(of.Columns.Count, "column")}, fitted to {Numbers.Of(of.Rows, "row")}.");
        Line(string.Create(CultureInfo.InvariantCulture, $"{DiffusionWords.Of(file.Options)}; {Numbers.Of(Weights(file), "weight")}, seed {file.Seed}."));
        if (file is TableDiffusionFile table)
        {
            terminal.Out.WriteLine();
            foreach (var line in InfoCommand.Columns(table.Description.Columns, table.Description.Label, table.Schema, width, colour))
                terminal.Out.WriteLine(line);
        }
        else if (file.Classes.Count > 0)
        {
            Line($"The label has the classes {string.Join(", ", file.Classes)}.");
        }

        terminal.Out.WriteLine();
        if (file.Stand is { } stand)
            Line($"Trained for {Numbers.Of(stand.History.Count, "epoch")} in {Numbers.Duration(file.Seconds)}, the best was epoch {stand.BestEpoch}.{(file.Result is null ? " It was interrupted: 'elbo fit DATA --resume' goes on." : " It may go on: 'elbo fit DATA --resume' with more --epochs.")}");
        if (file.Result is not { } report)
            return;
        terminal.Out.WriteLine();
        var row = file is TableDiffusionFile ? "row" : "image";
        foreach (var line in DiffusionText.Lines(report.Bound, report.Limit, $"{Numbers.Of(report.Bound.Rows, row)} {(report.OfHeldOutRows ? "held out from training" : "it was trained on")}", file, row, width, colour))
            terminal.Out.WriteLine(line);

        void Line(string text) => terminal.Out.WriteLine(TextLines.Wrap(text, width));
    }

    private static long Weights(DiffusionModelFile file) => file.Weights.Sum(w => (long)w.Shape.Elements);

    private static JsonObject Json(string path, DiffusionModelFile file)
    {
        var parts = file.Options;
        var json = new JsonObject
        {
            ["model"] = path,
            ["kind"] = file is TableDiffusionFile ? "table-diffusion" : "image-diffusion",
            ["fittedRows"] = file is TableDiffusionFile t ? t.Description.Rows : ((ImageDiffusionFile)file).Description.Images,
            ["levels"] = parts.Levels,
            ["schedule"] = DiffusionWords.Of(parts.Schedule),
            ["network"] = DiffusionWords.Of(parts.Denoiser!),
            ["prediction"] = DiffusionWords.Of(parts.Prediction),
            ["variance"] = DiffusionWords.Of(parts.Variance),
            ["objective"] = DiffusionWords.Of(parts.Objective),
            ["weights"] = Weights(file),
            ["seed"] = file.Seed,
            ["seconds"] = JsonText.Number(file.Seconds),
            ["epochs"] = file.Stand?.History.Count,
            ["bestEpoch"] = file.Stand?.BestEpoch,
        };
        if (file.Classes.Count > 0)
            json["classes"] = new JsonArray([.. file.Classes.Select(c => (JsonNode?)JsonValue.Create(c))]);
        if (file is TableDiffusionFile table)
        {
            json["table"] = table.Schema.ToJson();
            json["likelihoods"] = new JsonArray([.. table.Description.Columns.Select(c => (JsonNode?)JsonValue.Create(LikelihoodWords.Of(c.Likelihood)))]);
        }

        if (file.Result is { } report)
        {
            var result = new JsonObject { ["rows"] = JsonText.Rows(report.OfHeldOutRows), ["version"] = report.Version };
            DiffusionText.AddBound(result, report.Bound, report.Limit);
            json["report"] = result;
        }

        return json;
    }
}
