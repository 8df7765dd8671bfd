using Elbo.Diffusion;
using Elbo.Images;

namespace Elbo.Recording;

/// <summary>Samples of a diffusion model of images, or of rows of numbers.</summary>
internal sealed class DiffusionRowViews(DiffusionModel model) : IDiffusionViews
{
    private const int Sampled = 32;
    private const int Across = 8;
    private const int SampledRows = 500;
    private const int MostColumns = 32;

    public IEnumerable<FitEvent> Of(IReadOnlyList<int> judged, int? epoch)
    {
        var (shape, isImage) = (model.Shape, model.Shape is { Height: > 1, Channels: 1 or 3 } && model.Readout.IsDiscrete);
        var how = DiffusionRecording.QuickSamples(model);
        var values = model.Sample(isImage ? Sampled : SampledRows, how, model.Options.Seed);
        if (isImage)
        {
            yield return new ImagesMade(FitPictureKind.Samples, $"Samples by {how.Steps} steps without fresh noise", ImageSet.Of(shape.Height, shape.Width, shape.Channels, values), Across) { Epoch = epoch };
            yield break;
        }
        var columns = Enumerable.Range(0, Math.Min(model.Size, MostColumns)).Select(j => FitColumn.Of($"x{j + 1}", [.. Enumerable.Range(0, SampledRows).Select(i => (double)values[i * model.Size + j])])).ToArray();
        yield return new TableMade(FitTableKind.Samples, $"New rows by {how.Steps} steps without fresh noise", columns) { Epoch = epoch };
    }
}
