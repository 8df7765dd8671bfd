using Elbo.Images;

namespace Elbo.Cli.Output;

/// <summary>Images in rows of a picture.</summary>
internal static class ImageRows
{
    /// <summary>A row of each set in turn, then the next row of each: what belongs together stands below each other. Rows that are not full are filled with black.</summary>
    /// <param name="sets">Equally many images of one size each.</param>
    /// <param name="across">Images in a row.</param>
    public static ImageSet Interleave(IReadOnlyList<ImageSet> sets, int across)
    {
        var first = sets[0];
        var pixels = new byte[sets.Count * ((first.Count + across - 1) / across) * across * first.Size];
        for (var s = 0; s < sets.Count; s++)
        {
            for (var i = 0; i < first.Count; i++)
                sets[s].Pixels(i).CopyTo(pixels.AsSpan(((sets.Count * (i / across) + s) * across + i % across) * first.Size));
        }

        return new(first.Height, first.Width, first.Channels, pixels);
    }
}
