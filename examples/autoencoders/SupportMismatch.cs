using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Data.Pictures;
using Elbo.Images;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Examples.Autoencoders;

/// <summary>Images of shades from black to white, most of them saturated, under likelihoods of other supports.</summary>
internal static class SupportMismatch
{
    private const int Side = 8;
    private const int Count = 4000;
    private const int Drawn = 2000;

    private static readonly TrainingOptions Training = new() { Epochs = 30, Batch = 100, LearningRate = 2e-3, Decay = RateDecay.Linear, Patience = 30, WarmUp = 0, WeightDecay = 0 };

    public static Page Run()
    {
        var images = Spots(Count, seed: 1);
        var all = Enumerable.Range(0, images.Count).SelectMany(i => images.Pixels(i).ToArray()).ToArray();
        var saturated = all.Count(p => p is 0 or 255) / (double)all.Length;
        var (table, outside) = (new List<string>(), new List<double>());
        PixelLikelihood[] likelihoods = [PixelLikelihood.Gaussian, PixelLikelihood.ContinuousBernoulli, PixelLikelihood.DiscretisedLogistic];
        foreach (var likelihood in likelihoods)
        {
            var options = new VaeOptions { Latent = 4, Architecture = Architecture.FullyConnected([64, 64], Activation.Tanh), Likelihood = likelihood };
            using var vae = Vae.Fit(images, options, Training with { Threads = 1 });
            var bound = vae.Evaluate(images.Select([.. vae.HeldOutRows]), 64).Bound;
            var samples = vae.Sample(Drawn);
            var beyond = samples.Count(v => v is < 0 or > 1) / (double)samples.Length;
            var impossible = Enumerable.Range(0, Drawn).Count(i => samples.AsSpan(i * Side * Side, Side * Side).ContainsAnyExceptInRange(0f, 1f)) / (double)Drawn;
            var ends = samples.Count(v => v is 0 or 1) / (double)samples.Length;
            outside.Add(100 * beyond);
            table.Add(Invariant($"| {likelihood} | {bound.Elbo:F1} | {(likelihood == PixelLikelihood.DiscretisedLogistic ? "probability" : "density")} | {beyond:P0} | {impossible:P0} | {ends:P0} |"));
        }
        var plot = new BarPlot("Pixels of samples that no image can have", [.. likelihoods.Select(l => l.ToString())]) { Values = new("% below black or above white"), Height = 300 };
        plot.Bars("", outside);
        return new("A likelihood that does not know where the data end", Invariant($"""
            {Count:N0} images of {Side} x {Side} pixels show a bright spot somewhere. Shades lie between black and white, and {saturated:P0} of the pixels are exactly one or the other. Three autoencoders that differ
            in the likelihood alone:

            | likelihood | ELBO, nats per image | of a | pixels of samples outside | samples that are no image | pixels at the ends (data: {saturated:P0}) |
            |---|---|---|---|---|---|
            {string.Join(Environment.NewLine, table)}

            A normal has no ends. The pixels that are always black draw its scale to the least allowed, which makes densities as large as one likes and the bound look excellent; and half of what it draws around
            black is blacker. No image of the data has such a pixel, so the share of samples that are no image is a lower bound on the total variation distance between model and data, by the event itself: no bound, however high, speaks
            against that. A continuous Bernoulli knows the ends, and gives them no probability of their own; the discretised logistic gives each of the 256 shades one, the first and last taking all that is beyond.

            The bounds of the first two are of densities and that of the third is of probabilities: they cannot be compared with each other. Choose the likelihood by what values are possible, and then compare
            bounds among models with it.
            """), plot);
    }

    // A spot of some width and brightness, over black, too bright for white in the middle.
    private static ImageSet Spots(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 5);
        var pixels = new byte[count * Side * Side];
        for (var image = 0; image < count; image++)
        {
            var (x, y, width, height) = (1.5 + 5 * random.NextUniform(), 1.5 + 5 * random.NextUniform(), 0.8 + random.NextUniform(), 0.9 + 0.8 * random.NextUniform());
            for (var i = 0; i < Side * Side; i++)
            {
                var (dx, dy) = (i % Side - x, i / Side - y);
                var light = height * Math.Exp(-(dx * dx + dy * dy) / (2 * width * width)) - 0.05 + 0.02 * random.NextNormal();
                pixels[image * Side * Side + i] = (byte)Math.Clamp(Math.Round(255 * light), 0, 255);
            }
        }
        return new(Side, Side, 1, pixels);
    }
}
