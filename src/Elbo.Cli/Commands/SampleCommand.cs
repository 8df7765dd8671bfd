using System.CommandLine;
using Elbo.Cli.Output;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo sample</c>: new rows.</summary>
internal static class SampleCommand
{
    private const string Description = """
        Draw new rows.

        Each row has a code from the prior, and each cell is drawn from its likelihood given the code. No cell is missing.

          elbo sample -m customers.elbo -n 1000 -o synthetic.csv
        """;

    public static Command Create(Terminal terminal)
    {
        var (model, threads) = (OptionOf.Model(), OptionOf.Threads());
        var count = OptionOf.Whole("--rows", "N", 1, "How many rows.", "-n");
        count.Required = true;
        var seed = OptionOf.Seed("Other seeds give other rows. [default: 1]");
        var output = OptionOf.Output("The file to write: .csv, .tsv, or either with .gz. [default: standard output]");
        var command = new DescribedCommand("sample", Description) { model, count, output, seed, threads };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(count)!.Value, parsed.GetValue(output), parsed.GetValue(seed) ?? 1,
            parsed.GetValue(threads)));
        return command;
    }

    private static int Run(Terminal terminal, string path, int count, string? output, ulong seed, int? threads)
    {
        FileNames.CheckOutput(output, path);
        using var opened = OpenedModel.Open(path, threads);
        new TableOutput(terminal, output).Write(opened.Use(m => m.Sample(count, seed)), opened.File.Schema);
        return ExitCode.Done;
    }
}
