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

          elbo score customers.csv -m customers.elbo -o scores.csv
          elbo score customers.csv -m customers.elbo | head
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, samples, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Samples(FitCommand.ReportSamples), OptionOf.Threads());
        var output = OptionOf.Output("The file to write: .csv, .tsv, or either with .gz. [default: standard output]");
        var command = new DescribedCommand("score", Description) { data, model, output, samples, threads };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(output),
            parsed.GetValue(samples) ?? FitCommand.ReportSamples, parsed.GetValue(threads)));
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, string? output, int samples, int? threads)
    {
        FileNames.CheckOutput(output, data, path);
        if (ModelFile.Load(path) is ImageModelFile file)
            return OfImages(terminal, data, path, file, output, samples, threads);
        using var opened = OpenedTable.Open(path, TableModelFile.Load(path), threads, data, terminal);
        var table = opened.Read.Table;
        var scores = opened.Use(m => m.ScoreRows(table, samples));
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
