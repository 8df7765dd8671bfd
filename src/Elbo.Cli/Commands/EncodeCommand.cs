using System.CommandLine;
using System.Globalization;
using Elbo.Cli.Output;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo encode</c>: the code of each row.</summary>
internal static class EncodeCommand
{
    private const string Description = """
        Write the code of each row.

        The columns are the means (z1, z2, …) and standard deviations (z1_sd, …) of the approximate posterior q(z|x). Rows come in the order of DATA. Where a column of DATA names the rows (an identifier), it is copied.

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
        using var opened = OpenedModel.Open(path, threads, data, terminal);
        var (means, deviations) = opened.Use(m => m.Encode(opened.Read.Table));
        var names = opened.RowNames();
        var latents = Enumerable.Range(1, opened.File.Description.Latent).ToList();
        string[] header = [.. names is { } n ? [n.Name] : Array.Empty<string>(), .. latents.Select(d => $"z{d}"), .. latents.Select(d => $"z{d}_sd")];
        var rows = means.Select((mean, row) => (IReadOnlyList<string>)
            [.. names is { } n ? [n.Texts[row]] : Array.Empty<string>(), .. mean.Select(Text), .. deviations[row].Select(Text)]);
        new TableOutput(terminal, output).Write(header, [.. rows]);
        return ExitCode.Done;
    }

    private static string Text(double value) => value.ToString("F6", CultureInfo.InvariantCulture);
}
