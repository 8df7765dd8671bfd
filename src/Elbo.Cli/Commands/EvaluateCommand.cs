using System.CommandLine;
using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo evaluate</c>: the bounds of data under a model.</summary>
internal static class EvaluateCommand
{
    private const string Description = """
        Measure how well a model explains a table, images or texts.

        The report has the ELBO with its terms, and the importance-weighted bound; of texts under a model of topics the ELBO a word, and the perplexity.
        Of a diffusion model it has the ELBO with its three terms, in the limit of steps without end too, and in bits where data are shades, levels or counts; --samples says how many levels a row visits.

          elbo evaluate new-customers.csv -m customers.elbo
          elbo evaluate new-customers.csv -m customers.elbo --samples 1000 --json
          elbo evaluate t10k-images-idx3-ubyte.gz -m digits.elbo
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, samples, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Samples(FitCommand.ReportSamples), OptionOf.Threads());
        var json = OptionOf.Json("One JSON object.");
        var command = new DescribedCommand("evaluate", Description) { data, model, samples, threads, json };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(samples),
            parsed.GetValue(threads), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, int? samples, int? threads, bool json)
    {
        if (ModelFile.Load(path) is ImageModelFile file)
        {
            using var opened = OpenedImages.Open(path, file, threads, data, terminal);
            var images = opened.Read.Images;
            return Report(terminal, data, path, opened.Model.Evaluate(images, samples ?? FitCommand.ReportSamples), ImageModelFile.FingerprintOf(images) == file.Fingerprint, "image", file.Training.Weighted, json);
        }

        if (ModelFile.Load(path) is DiffusionModelFile diffusion)
        {
            using var model = OpenedDiffusion.Open(path, diffusion, threads, data, terminal);
            return model.Evaluate(terminal, samples ?? DiffusionRequest.UsualVisits, json);
        }

        if (ModelFile.Load(path) is TopicModelFile topics)
            return OpenedTexts.Open(topics, data, terminal).Evaluate(terminal, path, json);

        using var table = OpenedTable.Open(path, TableModelFile.Load(path), threads, data, terminal);
        var rows = table.Read.Table;
        return Report(terminal, data, path, table.Use(m => m.Evaluate(rows, samples ?? FitCommand.ReportSamples)), TableModelFile.FingerprintOf(rows) == table.File.Fingerprint, "row", table.File.Training.Weighted, json);
    }

    private static int Report(Terminal terminal, string data, string path, Evaluation evaluation, bool known, string row, string? weighted, bool json)
    {
        if (json)
        {
            var result = new JsonObject { ["file"] = data, ["model"] = path, ["isTrainingTable"] = known };
            JsonText.AddBounds(result, evaluation);
            result["collapse"] = evaluation.Collapse;
            result["weighted"] = weighted;
            terminal.Out.WriteLine(JsonText.Line("result", result));
            return ExitCode.Done;
        }

        if (known)
        {
            terminal.Notice(row == "row"
                ? "this is the table that the model was fitted to. Most of its rows were trained on, so these numbers flatter the model; 'elbo info' shows those of its held-out rows."
                : "these are the images that the model was fitted to. Most of them were trained on, so these numbers flatter the model; 'elbo info' shows those of the images that judged it.");
        }

        if (!terminal.IsQuiet)
        {
            foreach (var line in ReportText.Lines(evaluation, $"{Numbers.Of(evaluation.Bound.Rows, row)} of {data} under {path}", terminal.Width, terminal.HasColour, row, weighted))
                terminal.Out.WriteLine(line);
        }

        return ExitCode.Done;
    }
}
