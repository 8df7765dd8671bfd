using Elbo.Autoencoders;
using Elbo.Images;

namespace Elbo.Recording;

/// <summary>What is to be seen of a model of images: codes, images beside what the model makes of them, samples, and what latent numbers do.</summary>
/// <param name="description">The model.</param>
/// <param name="images">The images.</param>
/// <param name="rows">The same with their labels, where they have any.</param>
internal sealed class ImageViews(VaeDescription description, ImageSet images, IRows rows) : IModelViews
{
    private const int Across = 8;
    private const int Reconstructed = 24;
    private const int Sampled = 64;
    private const int MostMoved = 10;
    private const int Places = 9;

    // Of the standard deviation of codes over rows.
    private const double Reach = 2.5;

    public string Kind => "image-vae";

    public IEnumerable<FitSetting> Settings => FitSettings.Of(description);

    public IEnumerable<FitEvent> Of(Vae model, IReadOnlyList<int> judged, int? epoch)
    {
        var shown = LatentView.Rows(judged, epoch);
        var means = model.CodeMeans(LabelledRows.Without(images.Select(shown)));
        yield return LatentView.Of(means, shown, [.. LatentView.Labels(rows, shown, description.Options.Label?.Classes), .. Classes(model, shown)], epoch);
        yield return Reconstructions(model, images.Select([.. judged.Take(Reconstructed)]), epoch);
        yield return new ImagesMade(FitPictureKind.Samples, "Samples: means of pixels for codes from the prior", Set(model.Sample(Sampled, model.Seed, means: true)), Across) { Epoch = epoch };
        var (centre, spread) = LatentView.Moments(means);
        // Behind the numbers of a code stands its class, where there are classes.
        int[] moved = [.. LatentView.MostVarying(means, means.Dimensions).Where(j => j < means.Dimensions - model.Network.Classes).Take(MostMoved)];
        if (moved.Length > 0)
            yield return Traversals(model, moved, centre, spread, epoch);
    }

    // By the model: rows that are held out seldom have labels.
    private IEnumerable<FitColumn> Classes(Vae model, int[] shown)
    {
        if (description.Options.Label is not { } label)
            yield break;
        var found = model.Classify(images.Select(shown));
        yield return FitColumn.Of("class", [.. shown.Select((_, i) => (string?)label.Classes[found.Best(i).Label])]);
    }

    private static ImagesMade Reconstructions(Vae model, ImageSet some, int? epoch)
    {
        var made = ImageSet.Of(some.Height, some.Width, some.Channels, model.Reconstruct(LabelledRows.Without(some)));
        // Rows of data in turn with rows of what the model makes of them; the last rows may be short.
        var pixels = new List<byte>();
        for (var start = 0; start < some.Count; start += Across)
        {
            foreach (var set in new[] { some, made })
            {
                for (var i = start; i < start + Across; i++)
                    pixels.AddRange(i < some.Count ? set.Pixels(i) : new byte[some.Size]);
            }
        }
        return new(FitPictureKind.Reconstructions, "Images, and below each what the model makes of it", new ImageSet(some.Height, some.Width, some.Channels, pixels.ToArray()), Across) { Epoch = epoch };
    }

    private static ImagesMade Traversals(Vae model, int[] moved, double[] centre, double[] spread, int? epoch)
    {
        var rows = moved.Select(j => Traversal.Of(
            model, [j], [.. Enumerable.Range(0, Places).Select(k => centre[j] + Reach * spread[j] * (2.0 * k / (Places - 1) - 1))], centre)).ToList();
        var pixels = rows.SelectMany(set => Enumerable.Range(0, set.Count).SelectMany(i => set.Pixels(i).ToArray())).ToArray();
        return new(FitPictureKind.Traversals, $"Latent numbers from low to high, a row each: {string.Join(", ", moved.Select(j => $"z{j + 1}"))}", new ImageSet(rows[0].Height, rows[0].Width, rows[0].Channels, pixels), Places) { Epoch = epoch };
    }

    private ImageSet Set(float[] values) => ImageSet.Of(images.Height, images.Width, images.Channels, values);
}
