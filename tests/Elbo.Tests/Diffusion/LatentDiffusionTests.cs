using Elbo.Autoencoders;
using Elbo.Diffusion;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Tests.Autoencoders;

namespace Elbo.Tests.Diffusion;

public class LatentDiffusionTests
{
    [Fact]
    public void A_prior_of_the_codes_wins_back_what_they_cost_under_another()
    {
        var images = SmallImages.Of(300);
        // Codes that hardly pay for their divergence go far from N(0, I).
        using var autoencoder = Vae.Fit(images, new() { Latent = 2, Architecture = Architecture.FullyConnected([32]) }, Vae.ForImages with { Epochs = 60, Objective = Objective.Tempered(0.02), LearningRate = 5e-3 });
        using var model = LatentDiffusion.Fit(autoencoder, images, training: DiffusionModel.Usual with { Epochs = 30, Batch = 100, LearningRate = 5e-3, AveragedSteps = 100 });
        var bound = model.Evaluate(images);
        Assert.Equal(bound.Reconstruction.Value + bound.Entropy.Value - bound.Codes.Value, bound.Elbo.Value, 1e-9);
        Assert.True(bound.Elbo.Value > bound.Before.Value + 1, $"{bound.Before} before, {bound.Elbo} after");
        // Samples lie where codes do: within their range, and with their spread.
        var (codes, samples) = (autoencoder.Codes(images).Means, model.SampleCodes(200, new() { Steps = 100 }));
        for (var d = 0; d < 2; d++)
        {
            var (of, drawn) = (codes.Values.ToArray().Where((_, i) => i % 2 == d).ToArray(), samples.Where((_, i) => i % 2 == d).ToArray());
            Assert.InRange(drawn.Average(), of.Min(), of.Max());
            Assert.InRange((drawn.Max() - drawn.Min()) / (of.Max() - of.Min()), 0.4, 2.5);
        }
    }
}
