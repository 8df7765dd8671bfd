using System.CommandLine;
using System.Globalization;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo score</c>: how usual each row is.</summary>
internal static class ScoreCommand
{
    private const string Description = """
        Write the bounds of each row, the most unusual row first.

        Columns: row, its number in DATA from 1; the column of DATA that names the rows, if there is one; iwae, the
        importance-weighted bound on ln p(row) by which rows are ordered, and elbo, both in nats over the observed cells of the
        row; unusual_column, the one whose cell is least expected compared with how expected its cells are on average, and
        surprise, by how many nats. Of images there are row, the file of a PNG, iwae and elbo.
        Of a diffusion model there are row, the column or file that names it, elbo, by which rows are ordered, and error, the
        standard error that is left as a row visits some levels alone: --samples says how many.
        Of texts there are row, the file of the text, evidence, the ELBO a word; quantile, the share of the texts of the fit
        with less; unusual, whether that is below --flag; unusual_word, the one that is least expected in this text compared
        with its share of all words, and surprise, by how many nats; and how many words were counted and were unknown.

          elbo score customers.csv -m customers.elbo -o scores.csv
          elbo score customers.csv -m customers.elbo | head
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, samples, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Samples(FitCommand.ReportSamples), OptionOf.Threads());
        var output = OptionOf.Output("The file to write: .csv, .tsv, or either with .gz. [default: standard output]");
        var flag = OptionOf.Number("--flag", "FRACTION", x => x is >= 0 and <= 1, "a fraction from 0 to 1", "Of texts: those with less evidence a word than this share of the fitted texts had count as unusual. [default: 0.01]");
        var command = new DescribedCommand("score", Description) { data, model, output, samples, flag, threads };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(output),
            parsed.GetValue(samples), parsed.GetValue(threads), parsed.GetValue(flag) ?? 0.01));
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, string? output, int? samples, int? threads, double flagged)
    {
        FileNames.CheckOutput(output, data, path);
        if (ModelFile.Load(path) is ImageModelFile file)
            return OfImages(terminal, data, path, file, output, samples ?? FitCommand.ReportSamples, threads);
        if (ModelFile.Load(path) is DiffusionModelFile diffusion)
        {
            using var model = OpenedDiffusion.Open(path, diffusion, threads, data, terminal);
            return model.Score(terminal, output, samples ?? DiffusionRequest.UsualVisits);
        }

        if (ModelFile.Load(path) is TopicModelFile topics)
            return OpenedTexts.Open(topics, data, terminal).Score(terminal, output, flagged);
        using var opened = OpenedTable.Open(path, TableModelFile.Load(path), threads, data, terminal);
        var table = opened.Read.Table;
        var scores = opened.Use(m => m.ScoreRows(table, samples ?? FitCommand.ReportSamples));
        var names = opened.RowNames();
        string[] header = ["row", .. names is { } n ? [n.Name] : Array.Empty<string>(), "iwae", "elbo", "unusual_column", "surprise"];
        var rows = Enumerable.Range(0, table.RowCount).OrderBy(row => scores[row].ImportanceWeighted).Select(row =>
        {
            var (column, surprise) = scores[row].MostUnusual is { } most ? (most.Name, Text(most.Value)) : ("", "");
            return (IReadOnlyList<string>)
                [(row + 1).ToString(CultureInfo.InvariantCulture), .. names is { } n ? [n.Texts[row]] : Array.Empty<string>(),
                Text(scores[row].ImportanceWeighted), Text(scores[row].Elbo), column, surprise];
        });
        new TableOutput(terminal, output).Write(header, [.. rows]);
        return ExitCode.Done;
    }

    private static int OfImages(Terminal terminal, string data, string path, ImageModelFile file, string? output, int samples, int? threads)
    {
        using var opened = OpenedImages.Open(path, file, threads, data, terminal);
        var (elbo, weighted) = opened.Model.EvaluateRows(opened.Read.Images, samples);
        var names = opened.Read.Names;
        string[] header = ["row", .. names is null ? Array.Empty<string>() : ["image"], "iwae", "elbo"];
        var rows = Enumerable.Range(0, weighted.Length).OrderBy(row => weighted[row]).Select(row => (IReadOnlyList<string>)
            [(row + 1).ToString(CultureInfo.InvariantCulture), .. names is null ? Array.Empty<string>() : [names[row]], Text(weighted[row]), Text(elbo[row])]);
        new TableOutput(terminal, output).Write(header, [.. rows]);
        return ExitCode.Done;
    }

    private static string Text(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
