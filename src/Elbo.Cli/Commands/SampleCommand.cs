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
        Images go into one picture (.png) or into an array (.npy). Of a model with a label the class is drawn as well, or is the
        one of --class. A diffusion model draws by as many steps as --steps says, the fewer the faster.

          elbo sample -m customers.elbo -n 1000 -o synthetic.csv
          elbo sample -m digits.elbo -n 64 -o digits.png --means
          elbo sample -m digits.elbo -n 64 -o sevens.png --class 7
          elbo sample -m diffusion.elbo -n 64 -o digits.png --steps 25 --path heun
        """;

    public static Command Create(Terminal terminal)
    {
        var (model, threads) = (OptionOf.Model(), OptionOf.Threads());
        var count = OptionOf.Whole("--rows", "N", 1, "How many rows.", "-n");
        count.Required = true;
        var seed = OptionOf.Seed("Other seeds give other rows. [default: 1]");
        var output = OptionOf.Output("The file to write: .csv, .tsv, or either with .gz; of images .png or .npy. [default: standard output for rows]");
        var means = new Option<bool>("--means") { Description = "Of images the mean of each pixel given the code in place of a draw of it." };
        var ofClass = new Option<string?>("--class") { Description = "The class that all are to be of, where the model has a label.", HelpName = "NAME" };
        var walk = new DiffusionPathOptions();
        var guidance = OptionOf.Number("--guidance", "W", double.IsFinite, "a number", "Of a diffusion model, with --class: how far to go from rows of any class, past those of the class. [default: 0, the model's own samples]");
        var command = new DescribedCommand("sample", Description) { model, count, output, means, ofClass, walk.Steps, walk.Path, walk.FreshNoise, guidance, seed, threads };
        command.SetAction(parsed =>
        {
            var (path, file, label) = Opened(parsed.GetRequiredValue(model), parsed.GetValue(output), parsed.GetValue(ofClass));
            if (file is DiffusionModelFile diffusion)
            {
                if (parsed.GetValue(means))
                    throw new UsageException($"--means: {path} is a diffusion model, of which a sample is one already. Leave it out.");
                if (parsed.GetValue(guidance) is not null && label is null)
                    throw new UsageException("--guidance goes towards a class: say which with --class.");
                using var opened = OpenedDiffusion.Open(path, diffusion, parsed.GetValue(threads));
                var options = walk.Of(parsed) with { Class = label, Guidance = parsed.GetValue(guidance) ?? 0 };
                return opened.Sample(terminal, parsed.GetValue(output), parsed.GetRequiredValue(count)!.Value, options, parsed.GetValue(seed) ?? 1);
            }

            walk.Refuse(parsed, path, guidance);
            return Run(terminal, path, file, parsed.GetRequiredValue(count)!.Value, parsed.GetValue(output), parsed.GetValue(seed) ?? 1, parsed.GetValue(means), label, parsed.GetValue(threads));
        });
        return command;
    }

    private static (string Path, ModelFile File, int? Label) Opened(string path, string? output, string? ofClass)
    {
        FileNames.CheckOutput(output, path);
        var file = ModelFile.Load(path);
        return (path, file, ofClass is null ? null : ClassNamed(path, file, ofClass));
    }

    private static int Run(Terminal terminal, string path, ModelFile loaded, int count, string? output, ulong seed, bool means, int? label, int? threads)
    {
        if (loaded is ImageModelFile file)
        {
            var to = new ImageOutput(terminal, output);
            using var images = OpenedImages.Open(path, file, threads);
            to.Write(images.AsImages(images.Model.Sample(count, seed, means, label)), null, Numbers.Of(count, "image"));
            return ExitCode.Done;
        }

        if (means)
            throw new UsageException($"--means is for images, and {path} is a model of a table. Leave it out.");
        using var opened = OpenedTable.Open(path, TableModelFile.Load(path), threads);
        var sampled = opened.Use(m => m.Sample(count, seed, label));
        new TableOutput(terminal, output).Write(sampled.SelectColumns([.. opened.File.Schema.Columns.Select(c => c.Column.Name)]), opened.File.Schema);
        return ExitCode.Done;
    }

    private static int ClassNamed(string path, ModelFile file, string name)
    {
        if (file.Classes.Count == 0)
            throw new UsageException($"--class: {path} is a model without a label. Leave it out, or fit with --label.");
        var label = file.Classes.ToList().IndexOf(name);
        return label >= 0 ? label : throw new UsageException($"--class: the label of {path} has no class '{name}'. It has {Names.List(file.Classes)}.");
    }
}
