using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Networks;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo info</c>: what a model file holds.</summary>
internal static class InfoCommand
{
    private const string Description = """
        Show what is in a model file.

          elbo info customers.elbo
        """;

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("MODEL") { Description = "The model, as 'elbo fit' saved it." };
        var json = OptionOf.Json("One JSON object.");
        var command = new DescribedCommand("info", Description) { model, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(model);
            var file = ModelFile.Load(path);
            if (file is DiffusionModelFile diffusion)
                DiffusionInfo.Print(terminal, path, diffusion, parsed.GetValue(json));
            else if (file is TextModelFile texts)
                TextInfo.Print(terminal, path, texts, parsed.GetValue(json));
            else if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonText.Line("info", Json(path, file)));
            else
                Print(terminal, path, file);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, string path, ModelFile file)
    {
        var (width, colour) = (terminal.Width, terminal.HasColour);
        if (file is TableModelFile table)
            PrintTable(terminal, path, table, Line);
        else
            PrintImages(Ansi.Bold(path, colour), (ImageModelFile)file, Line);
        terminal.Out.WriteLine();
        Line(Training(file));
        if (file.Calibration is { } calibration)
            Line(FitText.Of(calibration));
        if ((file as TableModelFile)?.Intervals is { } intervals)
            Line(FitText.Of(intervals, 0.9));
        if (file.Report is { } report)
        {
            terminal.Out.WriteLine();
            var row = file is TableModelFile ? "row" : "image";
            var rows = $"{Numbers.Of(report.Evaluation.Bound.Rows, row)} {(report.OfHeldOutRows ? "held out from training" : "it was trained on")}";
            foreach (var line in ReportText.Lines(report.Evaluation, rows, width, colour, row, file.Training.Weighted))
                terminal.Out.WriteLine(line);
        }

        void Line(string text) => terminal.Out.WriteLine(TextLines.Wrap(text, width));
    }

    private static void PrintTable(Terminal terminal, string path, TableModelFile file, Action<string> line)
    {
        var (description, width, colour) = (file.Description, terminal.Width, terminal.HasColour);
        var hidden = PartWords.Of(Architecture.FullyConnected(description.Hidden));
        line($"{Ansi.Bold(path, colour)}: variational autoencoder of a table with {Numbers.Of(description.Columns.Count, "column")}, fitted to {Numbers.Of(description.Rows, "row")}.");
        line($"{Numbers.Of(description.Latent, "latent dimension")}, {hidden}{Parts(description.Prior, description.Posterior)}, {Numbers.Of(WeightCount(file), "weight")}, seed {description.Seed.ToString(CultureInfo.InvariantCulture)}.");
        terminal.Out.WriteLine();
        foreach (var row in Columns(description.Columns, description.Label, file.Schema, width, colour))
            terminal.Out.WriteLine(row);
        terminal.Out.WriteLine();
        line(description.Missing.Assumption);
    }

    /// <summary>The columns of a model of a table.</summary>
    public static IEnumerable<string> Columns(IReadOnlyList<ModelledColumn> columns, TableLabel? label, TableSchema schema, int width, bool colour)
    {
        var table = new TextTable(new TextColumn("column", Most: 28), new TextColumn("kind"), new TextColumn("likelihood"), new TextColumn("values in training"));
        foreach (var (column, ofColumn) in columns.Zip(schema.Columns.Where(c => c.Column.Name != label?.Column.Name)))
            table.Add([column.Column.Name, ColumnRequest.NameOf(column.Column.Kind), LikelihoodWords.Of(column.Likelihood), Values(column, ofColumn)]);
        foreach (var row in table.Lines(width, colour))
            yield return row;
        if (label is not null)
            yield return TextLines.Wrap($"The label is '{label.Column.Name}': {string.Join(", ", label.Column.Levels)}.", width);
        if (schema.LeftOut.Count > 0)
            yield return TextLines.Wrap($"Left out: {string.Join(", ", schema.LeftOut)}.", width);
    }

    private static void PrintImages(string path, ImageModelFile file, Action<string> line)
    {
        var (shape, options) = (file.Description.Shape, file.Description.Options);
        line($"{path}: variational autoencoder of images of {shape.Height} x {shape.Width} pixels{FitText.Colours(shape.Channels)}, fitted to {Numbers.Of(file.Description.Images, "image")}.");
        line($"{FitText.Model(options)}; {Numbers.Of(WeightCount(file), "weight")}, seed {options.Seed.ToString(CultureInfo.InvariantCulture)}, {file.Training.Objective.Name}.");
    }

    private static string Parts(CodePrior prior, CodePosterior posterior) =>
        $"{(prior is StandardNormalPrior ? "" : $", prior {PartWords.Of(prior)}")}{(posterior is DiagonalPosterior ? "" : $", posterior {PartWords.Of(posterior)}")}";

    private static string Values(ModelledColumn column, ColumnSchema schema)
    {
        var format = new CellFormatter(schema);
        return column.Column.HasLevels
            ? string.Join(column.Column.Kind == Tables.ColumnKind.Ordinal ? " < " : ", ", column.Column.Levels.Take(12)) + (column.Column.Levels.Count > 12 ? $", … ({column.Column.Levels.Count})" : "")
            : $"{format.Format(column.Minimum)} to {format.Format(column.Maximum)}";
    }

    private static string Training(ModelFile file)
    {
        if (file.State is not { } state)
            return "The state of its training is not in the file: it cannot go on.";
        var what = $"Trained for {Numbers.Of(state.Epoch, "epoch")} in {Numbers.Duration(file.Seconds)}, the best was epoch {state.BestEpoch}";
        var version = file.Report is { } report ? $", by elbo {report.Version}" : "";
        var end = state.IsFinished
            ? " It had stopped getting better."
            : file.Report is null ? " It was interrupted: 'elbo fit DATA --resume' goes on." : " It may go on: 'elbo fit DATA --resume' with more --epochs.";
        return $"{what}{version}.{end}";
    }

    private static long WeightCount(ModelFile file) => file.Weights.Sum(w => (long)w.Shape.Elements);

    private static JsonObject Json(string path, ModelFile file)
    {
        var json = file is TableModelFile table ? JsonOf(path, table) : JsonOf(path, (ImageModelFile)file);
        json["weighted"] = file.Training.Weighted;
        if (file.Classes.Count > 0)
            json["classes"] = new JsonArray([.. file.Classes.Select(c => (JsonNode?)JsonValue.Create(c))]);
        if (file.Calibration is { } calibration)
            json["calibration"] = JsonText.Of(calibration);
        if ((file as TableModelFile)?.Intervals is { } intervals)
            json["intervals"] = JsonText.Of(intervals);
        json["seconds"] = JsonText.Number(file.Seconds);
        json["epochs"] = file.State?.Epoch;
        json["bestEpoch"] = file.State?.BestEpoch;
        if (file.Report is { } report)
        {
            var result = new JsonObject { ["rows"] = JsonText.Rows(report.OfHeldOutRows), ["version"] = report.Version };
            JsonText.AddBounds(result, report.Evaluation);
            json["report"] = result;
        }

        return json;
    }

    private static JsonObject JsonOf(string path, TableModelFile file) => new()
    {
        ["model"] = path,
        ["fittedRows"] = file.Description.Rows,
        ["latent"] = file.Description.Latent,
        ["hidden"] = new JsonArray([.. file.Description.Hidden.Select(h => (JsonNode?)JsonValue.Create(h))]),
        ["prior"] = PartWords.Of(file.Description.Prior),
        ["posterior"] = PartWords.Of(file.Description.Posterior),
        ["objective"] = file.Training.Objective.Name,
        ["missing"] = MissingWords.Of(file.Description.Missing),
        ["assumption"] = file.Description.Missing.Assumption,
        ["weights"] = WeightCount(file),
        ["seed"] = file.Description.Seed,
        ["table"] = file.Schema.ToJson(),
        ["likelihoods"] = new JsonArray([.. file.Description.Columns.Select(c => (JsonNode?)JsonValue.Create(LikelihoodWords.Of(c.Likelihood)))]),
    };

    private static JsonObject JsonOf(string path, ImageModelFile file)
    {
        var (shape, options) = (file.Description.Shape, file.Description.Options);
        return new()
        {
            ["model"] = path,
            ["fittedImages"] = file.Description.Images,
            ["height"] = shape.Height,
            ["width"] = shape.Width,
            ["channels"] = shape.Channels,
            ["latent"] = file.Latent,
            ["networks"] = options.Hierarchy is { } hierarchy ? PartWords.Of(hierarchy) : PartWords.Of(options.Architecture),
            ["likelihood"] = PartWords.Of(options.Likelihood!.Value),
            ["binarise"] = options.Binarisation!.Value.ToString().ToLowerInvariant(),
            ["prior"] = PartWords.Of(options.Prior),
            ["posterior"] = PartWords.Of(options.Posterior),
            ["objective"] = file.Training.Objective.Name,
            ["weights"] = WeightCount(file),
            ["seed"] = options.Seed,
        };
    }
}
