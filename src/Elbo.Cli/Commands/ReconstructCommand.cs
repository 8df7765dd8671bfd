using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Images;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo reconstruct</c>: images as a model sees them.</summary>
internal static class ReconstructCommand
{
    private const int UsualPairs = 40;
    private const int PairsAcross = 10;

    private const string Description = """
        Write images as a model sees them.

        Each image is encoded, a code drawn from its q(z|x), and the mean of each pixel given that code written. In a picture
        (.png) each row of images stands above its reconstructions; an array (.npy) has the reconstructions alone.

          elbo reconstruct t10k-images-idx3-ubyte.gz -m digits.elbo -o pairs.png
          elbo reconstruct t10k-images-idx3-ubyte.gz -m digits.elbo -o reconstructed.npy
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Threads());
        var output = OptionOf.Output("The file to write: .png or .npy.");
        var count = OptionOf.Whole("--rows", "N", 1, $"The first N images. [default: {UsualPairs} in a picture, all in an array]", "-n");
        var command = new DescribedCommand("reconstruct", Description) { data, model, output, count, threads };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(output), parsed.GetValue(count), parsed.GetValue(threads)));
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, string? output, int? count, int? threads)
    {
        FileNames.CheckOutput(output, data, path);
        var loaded = ModelFile.Load(path);
        OpenedDiffusion.Refuse(loaded, path, "It has no code to see images by. 'elbo impute --hide' completes images of which it is shown a part.");
        if (loaded is TextModelFile)
            throw new UsageException($"{path}: this is a model of texts, of which there are no pictures. 'elbo info' shows what it is.");
        if (loaded is not ImageModelFile file)
            throw new UsageException($"{path}: this is a model of a table; 'elbo impute' fills tables. Only images are reconstructed.");
        var to = new ImageOutput(terminal, output);
        using var opened = OpenedImages.Open(path, file, threads, data, terminal);
        var all = opened.Read.Images;
        var first = Math.Min(all.Count, count ?? (to.IsPicture ? UsualPairs : all.Count));
        var images = all.Select([.. Enumerable.Range(0, first)]);
        var seen = opened.AsImages(opened.Model.Reconstruct(images));
        to.Write(to.IsPicture ? Pairs(images, seen) : seen, Math.Min(PairsAcross, first), Numbers.Of(first, "image"));
        return ExitCode.Done;
    }

    // A row of images, then a row of what they became; rows that are not full are filled with black.
    private static ImageSet Pairs(ImageSet images, ImageSet seen)
    {
        var across = Math.Min(PairsAcross, images.Count);
        var rows = (images.Count + across - 1) / across;
        var pixels = new byte[2 * rows * across * images.Size];
        for (var i = 0; i < images.Count; i++)
        {
            var place = (2 * (i / across) * across) + (i % across);
            images.Pixels(i).CopyTo(pixels.AsSpan(place * images.Size));
            seen.Pixels(i).CopyTo(pixels.AsSpan((place + across) * images.Size));
        }

        return new(images.Height, images.Width, images.Channels, pixels);
    }
}
