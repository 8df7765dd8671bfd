using System.CommandLine;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo evaluate</c>: the bounds of a table under a model.</summary>
internal static class EvaluateCommand
{
    private const string Description = """
        Measure how well a model explains a table.

        The report has the ELBO with its terms, and the importance-weighted bound.

          elbo evaluate new-customers.csv -m customers.elbo
          elbo evaluate new-customers.csv -m customers.elbo --samples 1000 --json
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, samples, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Samples(FitCommand.ReportSamples), OptionOf.Threads());
        var json = OptionOf.Json("One JSON object.");
        var command = new DescribedCommand("evaluate", Description) { data, model, samples, threads, json };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(samples) ?? FitCommand.ReportSamples,
            parsed.GetValue(threads), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, int samples, int? threads, bool json)
    {
        using var opened = OpenedModel.Open(path, threads, data, terminal);
        var table = opened.Read.Table;
        var evaluation = opened.Use(m => m.Evaluate(table, samples));
        var known = TableModelFile.FingerprintOf(table) == opened.File.Fingerprint;
        if (json)
        {
            var result = new JsonObject { ["file"] = data, ["model"] = path, ["isTrainingTable"] = known };
            JsonText.AddBounds(result, evaluation);
            result["collapse"] = evaluation.Collapse;
            terminal.Out.WriteLine(JsonText.Line("result", result));
            return ExitCode.Done;
        }

        if (known)
            terminal.Notice("this is the table that the model was fitted to. Most of its rows were trained on, so these numbers flatter the model; 'elbo info' shows those of its held-out rows.");
        if (!terminal.IsQuiet)
        {
            foreach (var line in ReportText.Lines(evaluation, $"{Numbers.Of(table.RowCount, "row")} of {data} under {path}", terminal.Width, terminal.HasColour))
                terminal.Out.WriteLine(line);
        }

        return ExitCode.Done;
    }
}
