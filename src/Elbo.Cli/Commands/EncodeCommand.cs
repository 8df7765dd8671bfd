using System.CommandLine;
using System.Globalization;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo encode</c>: the code of each row or image.</summary>
internal static class EncodeCommand
{
    private const string Description = """
        Write the code of each row.

        The columns are the means (z1, z2, …) and standard deviations (z1_sd, …) of the approximate posterior q(z|x). Of a model with a label there
        are the probabilities of its classes as well, before calibration. Rows come in the order of DATA. Where a column of DATA names the rows (an identifier), it is copied; so are the names of PNG files.
        Of a model of topics the columns are the mean shares of the topics (topic1, topic2, …), their standard deviations, and how many words of the text were counted and were unknown.

          elbo encode customers.csv -m customers.elbo -o codes.csv
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Threads());
        var output = OptionOf.Output("The file to write: .csv, .tsv, or either with .gz. [default: standard output]");
        var command = new DescribedCommand("encode", Description) { data, model, output, threads };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(output), parsed.GetValue(threads)));
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, string? output, int? threads)
    {
        FileNames.CheckOutput(output, data, path);
        OpenedDiffusion.Refuse(ModelFile.Load(path), path, "It has no code: its levels are as large as a row, and the last is noise. Fit an autoencoder, without --model diffusion, to encode rows.");
        if (ModelFile.Load(path) is ImageModelFile file)
        {
            using var opened = OpenedImages.Open(path, file, threads, data, terminal);
            var codes = opened.Model.Encode(opened.Read.Images);
            return Write(terminal, output, file.Classes, codes, opened.Read.Names is { } files ? ("image", [.. files]) : null);
        }

        if (ModelFile.Load(path) is TopicModelFile topics)
            return OpenedTexts.Open(topics, data, terminal).Encode(terminal, output);

        using var table = OpenedTable.Open(path, TableModelFile.Load(path), threads, data, terminal);
        return Write(terminal, output, table.File.Classes, table.Use(m => m.Encode(table.Read.Table)), table.RowNames());
    }

    private static int Write(Terminal terminal, string? output, IReadOnlyList<string> classes, (double[][] Means, double[][] Deviations) codes, (string Name, string[] Texts)? names)
    {
        var latents = Enumerable.Range(1, codes.Means.Length > 0 ? codes.Means[0].Length - classes.Count : 0).ToList();
        string[] header = [.. names is { } n ? [n.Name] : Array.Empty<string>(), .. latents.Select(d => $"z{d}"), .. classes.Select(c => $"p({c})"), .. latents.Select(d => $"z{d}_sd")];
        var rows = codes.Means.Select((mean, row) => (IReadOnlyList<string>)
            [.. names is { } n ? [n.Texts[row]] : Array.Empty<string>(), .. mean.Select(Text), .. codes.Deviations[row].Take(latents.Count).Select(Text)]);
        new TableOutput(terminal, output).Write(header, [.. rows]);
        return ExitCode.Done;
    }

    private static string Text(double value) => value.ToString("F6", CultureInfo.InvariantCulture);
}
