using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo sample</c>: new rows.</summary>
internal static class SampleCommand
{
    private const string Description = """
        Draw new rows or images.

        Each row has a code from the prior, and each cell is drawn from its likelihood given the code. No cell is missing.
        Images go into one picture (.png) or into an array (.npy).

          elbo sample -m customers.elbo -n 1000 -o synthetic.csv
          elbo sample -m digits.elbo -n 64 -o digits.png --means
        """;

    public static Command Create(Terminal terminal)
    {
        var (model, threads) = (OptionOf.Model(), OptionOf.Threads());
        var count = OptionOf.Whole("--rows", "N", 1, "How many rows.", "-n");
        count.Required = true;
        var seed = OptionOf.Seed("Other seeds give other rows. [default: 1]");
        var output = OptionOf.Output("The file to write: .csv, .tsv, or either with .gz; of images .png or .npy. [default: standard output for rows]");
        var means = new Option<bool>("--means") { Description = "Of images the mean of each pixel given the code in place of a draw of it." };
        var command = new DescribedCommand("sample", Description) { model, count, output, means, seed, threads };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(count)!.Value, parsed.GetValue(output), parsed.GetValue(seed) ?? 1,
            parsed.GetValue(means), parsed.GetValue(threads)));
        return command;
    }

    private static int Run(Terminal terminal, string path, int count, string? output, ulong seed, bool means, int? threads)
    {
        FileNames.CheckOutput(output, path);
        if (ModelFile.Load(path) is ImageModelFile file)
        {
            var to = new ImageOutput(terminal, output);
            using var images = OpenedImages.Open(path, file, threads);
            to.Write(images.AsImages(images.Model.Sample(count, seed, means)), null, Numbers.Of(count, "image"));
            return ExitCode.Done;
        }

        if (means)
            throw new UsageException($"--means is for images, and {path} is a model of a table. Leave it out.");
        using var opened = OpenedTable.Open(path, TableModelFile.Load(path), threads);
        new TableOutput(terminal, output).Write(opened.Use(m => m.Sample(count, seed)), opened.File.Schema);
        return ExitCode.Done;
    }
}
