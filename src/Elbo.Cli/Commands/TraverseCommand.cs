using System.CommandLine;
using System.Globalization;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Images;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo traverse</c>: what each latent number does to an image.</summary>
internal static class TraverseCommand
{
    private const int UsualSteps = 10;
    private const double UsualReach = 2;

    // Nats per image below which a latent number is as good as unused.
    private const double LeastDivergence = 0.01;

    private const string Description = """
        Show what each latent number does.

        A row of images for each latent number that is in use, those that say most first: it goes from one end of the prior to the other, while the others stay at the middle of the
        prior, or at the code of an image.

          elbo traverse -m sprites.elbo -o grid.png
          elbo traverse -m digits.elbo -o seven.png --from t10k-images-idx3-ubyte.gz --image 1 --latents 3,7
        """;

    public static Command Create(Terminal terminal)
    {
        var (model, threads) = (OptionOf.Model(), OptionOf.Threads());
        var output = OptionOf.Output("The file to write: .png or .npy.");
        var from = new Option<string?>("--from") { Description = "Images, of one of which the code is taken.", HelpName = "DATA" };
        var image = OptionOf.Whole("--image", "N", 1, "Which of them. [default: 1]");
        var latents = new Option<int[]?>("--latents")
        {
            Description = "The latent numbers to move, as in 1,4. [default: those in use]",
            HelpName = "N,N",
            CustomParser = result => result.Tokens[0].Value.Split(',').Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).ToArray() is var all && all.All(n => n > 0)
                ? all : OptionOf.Wrong<int[]?>(result, "--latents", "whole numbers from 1 up separated by commas, as in 1,4"),
        };
        var steps = OptionOf.Whole("--steps", "N", 2, $"Images in a row. [default: {UsualSteps}]");
        var reach = OptionOf.Number("--reach", "X", x => x > 0, "a number above 0", $"How far each goes, in standard deviations of the prior. [default: {UsualReach.ToString(CultureInfo.InvariantCulture)}]");
        var command = new DescribedCommand("traverse", Description) { model, output, from, image, latents, steps, reach, threads };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetValue(output), parsed.GetValue(from), parsed.GetValue(image), parsed.GetResult(latents) is null ? null : parsed.GetValue(latents),
            parsed.GetValue(steps) ?? UsualSteps, parsed.GetValue(reach) ?? UsualReach, parsed.GetValue(threads)));
        return command;
    }

    private static int Run(Terminal terminal, string path, string? output, string? from, int? image, int[]? latents, int steps, double reach, int? threads)
    {
        FileNames.CheckOutput(output, from is null ? [path] : [path, from]);
        var loaded = ModelFile.Load(path);
        OpenedDiffusion.Refuse(loaded, path, "It has no latent numbers to move. 'elbo sample' draws from it; to traverse, fit an autoencoder, without --model diffusion.");
        if (loaded is TextModelFile)
            throw new UsageException($"{path}: this is a model of texts, of which there are no pictures. 'elbo info' shows what it is.");
        if (loaded is not ImageModelFile file)
            throw new UsageException($"{path}: this is a model of a table, of which there are no pictures. 'elbo encode' writes the codes of its rows, 'elbo sample' new rows.");
        if (image is not null && from is null)
            throw new UsageException("--image says which image of --from; name the images with --from DATA.");
        if (latents?.FirstOrDefault(n => n > file.Latent) is { } wrong and > 0)
            throw new UsageException($"--latents: {path} has {Numbers.Of(file.Latent, "latent dimension")}, and {wrong} is none of them.");
        var to = new ImageOutput(terminal, output);
        using var opened = from is null ? OpenedImages.Open(path, file, threads) : OpenedImages.Open(path, file, threads, from, terminal);
        var code = from is null ? null : Code(opened, from, image ?? 1);
        int[] moved = latents is null ? InUse(file) : [.. latents.Select(n => n - 1)];
        double[] values = [.. Enumerable.Range(0, steps).Select(i => reach * (2.0 * i / (steps - 1) - 1))];
        to.Write(Traversal.Of(opened.Model, moved, values, code), steps, $"{string.Join(", ", moved.Select(j => $"z{j + 1}"))}, each from {(-reach).ToString(CultureInfo.InvariantCulture)} to {reach.ToString(CultureInfo.InvariantCulture)}, a row each");
        return ExitCode.Done;
    }

    private static double[] Code(OpenedImages opened, string from, int image)
    {
        var images = opened.Read.Images;
        return image <= images.Count ? opened.Model.Encode(images.Select([image - 1])).Means[0]
            : throw new UsageException($"--image: {from} holds {Numbers.Of(images.Count, "image")}, and {image} is none of them.");
    }

    // Those that say most first; all where it is not known what each says.
    private static int[] InUse(ImageModelFile file)
    {
        int[] all = [.. Enumerable.Range(0, file.Latent)];
        if (file.Report?.Evaluation.Bound.Latents is not { } terms || terms.Count != all.Length)
            return all;
        int[] used = [.. all.Where(j => terms[j].Value >= LeastDivergence).OrderByDescending(j => terms[j].Value)];
        return used.Length > 0 ? used : all;
    }
}
