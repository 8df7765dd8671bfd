using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Likelihoods;

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
            var file = TableModelFile.Load(path);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonText.Line("info", Json(path, file)));
            else
                Print(terminal, path, file);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, string path, TableModelFile file)
    {
        var (description, width, colour) = (file.Description, terminal.Width, terminal.HasColour);
        var hidden = description.Hidden.Count == 0 ? "no hidden layers" : $"hidden layers of {string.Join(" and ", description.Hidden)} units";
        Line($"{Ansi.Bold(path, colour)}: variational autoencoder of a table with {Numbers.Of(description.Columns.Count, "column")}, fitted to {Numbers.Of(description.Rows, "row")}.");
        Line($"{Numbers.Of(description.Latent, "latent dimension")}, {hidden}, {Numbers.Of(WeightCount(file), "weight")}, seed {description.Seed.ToString(CultureInfo.InvariantCulture)}.");
        terminal.Out.WriteLine();
        var table = new TextTable(new TextColumn("column", Most: 28), new TextColumn("kind"), new TextColumn("likelihood"), new TextColumn("values in training"));
        foreach (var (column, schema) in description.Columns.Zip(file.Schema.Columns))
            table.Add([column.Column.Name, ColumnRequest.NameOf(column.Column.Kind), LikelihoodWords.Of(column.Likelihood), Values(column, schema)]);
        foreach (var line in table.Lines(width, colour))
            terminal.Out.WriteLine(line);
        if (file.Schema.LeftOut.Count > 0)
            Line($"Left out: {string.Join(", ", file.Schema.LeftOut)}.");
        terminal.Out.WriteLine();
        Line(Training(file));
        if (file.Report is { } report)
        {
            terminal.Out.WriteLine();
            var rows = $"{Numbers.Of(report.Evaluation.Bound.Rows, "row")} {(report.OfHeldOutRows ? "held out from training" : "it was trained on")}";
            foreach (var line in ReportText.Lines(report.Evaluation, rows, width, colour))
                terminal.Out.WriteLine(line);
        }

        void Line(string text) => terminal.Out.WriteLine(TextLines.Wrap(text, width));
    }

    private static string Values(ModelledColumn column, ColumnSchema schema)
    {
        var format = new CellFormatter(schema);
        return column.Column.HasLevels
            ? string.Join(column.Column.Kind == Tables.ColumnKind.Ordinal ? " < " : ", ", column.Column.Levels.Take(12)) + (column.Column.Levels.Count > 12 ? $", … ({column.Column.Levels.Count})" : "")
            : $"{format.Format(column.Minimum)} to {format.Format(column.Maximum)}";
    }

    private static string Training(TableModelFile file)
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

    private static long WeightCount(TableModelFile file) => file.Weights.Sum(w => (long)w.Shape.Elements);

    private static JsonObject Json(string path, TableModelFile file)
    {
        var description = file.Description;
        var json = new JsonObject
        {
            ["model"] = path,
            ["fittedRows"] = description.Rows,
            ["latent"] = description.Latent,
            ["hidden"] = new JsonArray([.. description.Hidden.Select(h => (JsonNode?)JsonValue.Create(h))]),
            ["weights"] = WeightCount(file),
            ["seed"] = description.Seed,
            ["table"] = file.Schema.ToJson(),
            ["likelihoods"] = new JsonArray([.. description.Columns.Select(c => (JsonNode?)JsonValue.Create(LikelihoodWords.Of(c.Likelihood)))]),
            ["seconds"] = JsonText.Number(file.Seconds),
            ["epochs"] = file.State?.Epoch,
            ["bestEpoch"] = file.State?.BestEpoch,
        };
        if (file.Report is { } report)
        {
            var result = new JsonObject { ["rows"] = JsonText.Rows(report.OfHeldOutRows), ["version"] = report.Version };
            JsonText.AddBounds(result, report.Evaluation);
            json["report"] = result;
        }

        return json;
    }
}
