using Elbo.Autoencoders;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Tests.Autoencoders;
using Elbo.Training;

namespace Elbo.Tests.Documents;

/// <summary>docs/autoencoders.md against the library: its code stands here, is compiled and run.</summary>
public class AutoencoderPageTests
{
    [Fact]
    public void Its_code_runs()
    {
        var (images, validation) = (SmallImages.Of(100), SmallImages.Of(40, seed: 2));
        // Begin.
        using var model = Vae.Fit(images);

        var fit = model.Evaluate(images, samples: 128);
        Console.WriteLine($"ELBO {fit.Bound.Elbo:F2}, importance-weighted {fit.ImportanceWeighted.Value:F2} nats an image");
        // End.
        Assert.Equal(20, model.Network.Latent);

        // Begin.
        using var richer = Vae.Fit(images, new VaeOptions
        {
            Latent = 50,
            Architecture = Architecture.FullyConnected([200, 200], Activation.Elu),
            Prior = CodePrior.Mixture(10),
            Posterior = CodePosterior.Diagonal,
        }, Vae.ForImages with
        {
            Objective = Objective.ImportanceWeighted(5),
            Decay = RateDecay.Cosine,
            AveragedSteps = 2000,
        }, validation);
        // End.
        Assert.Equal(40, richer.HeldOutRows.Count);

        // Begin.
        var under = Vae.ForImages with { Constraint = Constraint.Reconstruction(atMost: 75) };
        using var held = Vae.Fit(images, new VaeOptions(), under, progress: (epoch, _) =>
        {
            Console.WriteLine(epoch.Constraint);
            return true;
        });
        // End.
        Assert.Equal(100, held.TrainingState!.Epoch);
        PageCode.StandsOn("AutoencoderPageTests.cs", "autoencoders.md");
    }
}
