using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Training;

namespace Elbo.Tests.Autoencoders;

public sealed class VaeTests
{
    private static readonly VaeOptions Small = new() { Latent = 3, Architecture = Architecture.FullyConnected([16]), Seed = 4 };
    private static readonly TrainingOptions Short = Vae.ForImages with { Epochs = 4, Batch = 32, LearningRate = 5e-3, Threads = 1 };

    public static TheoryData<string> Parts => ["diagonal", "full", "flow", "mixture", "vamp", "flow prior", "convolutional", "broadcast", "importance-weighted", "averaged", "continuous", "shades", "gaussian", "drawn", "total correlation", "density ratio", "covariance"];

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_run_taken_up_again_ends_in_the_bits_of_one_that_was_not_stopped(string part)
    {
        var (options, training, isBinary) = With(part);
        var images = SmallImages.Of(150, isBinary);
        using var whole = Vae.Fit(images, options, training);
        using var stopped = Vae.Fit(images, options, training with { Threads = 2 }, progress: (report, _) => report.Epoch < 2);
        var (best, state) = stopped.Checkpoint();
        using var rest = Vae.Resume(whole.Description!, best, state, images);
        Assert.Equal(whole.Weights.SelectMany(w => w.Bytes.ToArray()), rest.Weights.SelectMany(w => w.Bytes.ToArray()));
        using var loaded = Vae.Load(whole.Description!, whole.Weights, threads: 2);
        Assert.Equal(whole.Evaluate(images, 16).Bound.Elbo, loaded.Evaluate(images, 16).Bound.Elbo);
        Assert.Equal(whole.Sample(5, 3), loaded.Sample(5, 3));
        Assert.Equal(whole.Reconstruct(images.Select([0, 7])), loaded.Reconstruct(images.Select([0, 7])));
    }

    // 12 bars with equal chance, each pixel of which is its own colour with 0.9: no model can say more of an image than their entropy.
    [Fact]
    public void Bars_are_learned_to_within_what_can_be_known_of_them()
    {
        var images = SmallImages.Of(3000);
        using var model = Vae.Fit(images, Small with { Latent = 4, Architecture = Architecture.FullyConnected([64], Activation.Silu), Prior = CodePrior.Mixture(12) }, Short with { Epochs = 40 });
        var test = SmallImages.Of(1000, seed: 2);
        var evaluation = model.Evaluate(test, 256);
        var pixels = SmallImages.Side * SmallImages.Side;
        var noise = -(0.9 * Math.Log(0.9) + 0.1 * Math.Log(0.1));
        // The entropy of an image is at most that of bar and pixels; independent pixels have that of a shade of 0.233 each.
        var (most, independent) = (Math.Log(12) + pixels * noise, pixels * -(0.2333 * Math.Log(0.2333) + 0.7667 * Math.Log(0.7667)));
        Assert.InRange(-evaluation.ImportanceWeighted.Value, most - 1, most + 0.6 * (independent - most));
        Assert.True(evaluation.Bound.Elbo <= evaluation.ImportanceWeighted.Value);
        Assert.InRange(evaluation.ActiveLatents, 2, 4);
        // Its own samples are as likely under it as the images are.
        var samples = model.Sample(1000);
        var ofSamples = model.Evaluate(new Elbo.Images.ImageSet(6, 6, 1, samples.Select(v => (byte)(255 * v)).ToArray()), 256);
        Assert.Equal(evaluation.ImportanceWeighted.Value, ofSamples.ImportanceWeighted.Value, 1.5);
    }

    [Fact]
    public void Images_that_are_drawn_binary_are_the_same_ones_for_all_draws_of_their_code()
    {
        var images = SmallImages.Of(60, isBinary: false);
        using var model = Vae.Fit(images, Small with { Likelihood = PixelLikelihood.Bernoulli }, Short with { Epochs = 1 });
        Assert.Equal(Binarisation.Draw, model.Description!.Options.Binarisation);
        var evaluation = model.EvaluateRows(images, 64);
        Assert.All(evaluation.Elbo.Zip(evaluation.ImportanceWeighted), p => Assert.True(p.First <= p.Second));
        // Over four times the draws, means of the same images.
        Assert.Equal(model.Evaluate(images, 64).Bound.Reconstruction, model.Evaluate(images, 256).Bound.Reconstruction, 0.2);
    }

    [Theory]
    [InlineData("reconstruction")]
    [InlineData("squared error")]
    [InlineData("expectation")]
    public void A_constraint_comes_to_hold_to_one_in_a_hundred(string what)
    {
        var images = SmallImages.Of(1000);
        var constraint = what switch
        {
            "reconstruction" => Constraint.Reconstruction(14),
            "squared error" => Constraint.SquaredError(0.11),
            _ => Constraint.Expectation("loss of a pixel", terms => -terms.LogLikelihood / terms.Values.Shape[1], 0.4),
        };
        ConstraintReport? last = null;
        using var model = Vae.Fit(images, Small with { Latent = 6, Architecture = Architecture.FullyConnected([32]) }, Short with { Epochs = 60, HoldOut = 0, Constraint = constraint }, progress: (report, _) =>
        {
            last = report.Constraint;
            return true;
        });
        Assert.InRange(last!.Excess, -0.01, 0.01);
        Assert.True(last.Multiplier > 0);
        Assert.Null(last.Doubt);
        Assert.Equal(constraint.Limit, last.Limit);
    }

    [Fact]
    public void A_constraint_that_cannot_hold_is_said_not_to()
    {
        ConstraintReport? last = null;
        using var model = Vae.Fit(SmallImages.Of(200), Small, Short with { Constraint = Constraint.Reconstruction(1) }, progress: (report, _) =>
        {
            last = report.Constraint;
            return true;
        });
        Assert.Contains("does not hold", last!.Doubt!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_go_together_is_refused_with_a_remedy()
    {
        var (grey, binary) = (SmallImages.Of(40, isBinary: false), SmallImages.Of(40));
        Refused("ContinuousBernoulli", () => Vae.Fit(grey, Small with { Likelihood = PixelLikelihood.Bernoulli, Binarisation = Binarisation.None }, Short));
        Refused("Bernoulli", () => Vae.Fit(grey, Small with { Likelihood = PixelLikelihood.Gaussian, Binarisation = Binarisation.Draw }, Short));
        Refused("Latent", () => Vae.Fit(binary, Small with { Latent = 0 }, Short));
        Refused("CodePrior.Mixture", () => Vae.Fit(binary, Small with { Latent = 1, Prior = CodePrior.Flow() }, Short));
        Refused("two layers", () => Vae.Fit(binary, Small with { Prior = CodePrior.Flow(1) }, Short));
        Refused("Objective.Elbo", () => Vae.Fit(binary, Small, Short with { Objective = Objective.Tempered(2), Constraint = Constraint.Reconstruction(14) }));
        Refused("Diagonal", () => Vae.Fit(binary, Small with { Posterior = CodePosterior.Flow(), Prior = CodePrior.Vamp(5) }, Short));
        Refused("use fewer", () => Vae.Fit(binary, Small with { Architecture = Architecture.Convolutional([4, 4, 4, 4]) }, Short));
        Refused("use fewer", () => Vae.Fit(binary, Small with { Architecture = Architecture.SpatialBroadcast([4, 4, 4, 4], 8, [4]) }, Short));
        Refused("at least one layer", () => Vae.Fit(binary, Small with { Architecture = Architecture.SpatialBroadcast([4], 8, []) }, Short));
        Refused("pixels", () => Vae.Fit(binary, Small, Short, new Elbo.Images.ImageSet(3, 3, 1, new byte[18])));
        Refused("Objective.Elbo", () => Vae.Fit(binary, Small, Short with { Objective = Objective.ImportanceWeighted(4), Budget = DivergenceBudget.FreeBits(1) }));
        Refused("Objective.Elbo", () => Vae.Fit(binary, Small, Short with { Objective = Objective.NaturalGradient }));
        Refused("Free bits", () => Vae.Fit(binary, Small, Short with { Budget = DivergenceBudget.FreeBits(-1) }));
        using var model = Vae.Fit(binary, Small, Short with { Epochs = 1 });
        Refused("36", () => model.Evaluate(new Elbo.Images.ImageSet(3, 3, 1, new byte[18])));
        Refused("lacking", () => Vae.Load(model.Description! with { Options = model.Description!.Options with { Prior = CodePrior.Mixture(3) } }, model.Weights));
    }

    private static void Refused(string word, Action action) => Assert.Contains(word, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);

    private static (VaeOptions, TrainingOptions, bool IsBinary) With(string part) => part switch
    {
        "full" => (Small with { Posterior = CodePosterior.FullCovariance }, Short, true),
        "flow" => (Small with { Posterior = CodePosterior.Flow(2, 8) }, Short, true),
        "mixture" => (Small with { Prior = CodePrior.Mixture(3) }, Short, true),
        "vamp" => (Small with { Prior = CodePrior.Vamp(5) }, Short, true),
        "flow prior" => (Small with { Prior = CodePrior.Flow(2, 8) }, Short, true),
        "convolutional" => (Small with { Architecture = Architecture.Convolutional([4, 8], hidden: 16) }, Short, true),
        "broadcast" => (Small with { Architecture = Architecture.SpatialBroadcast([4, 8], 16, [8, 6]) }, Short, true),
        "importance-weighted" => (Small, Short with { Objective = Objective.ImportanceWeighted(5), HeldOutSamples = 5 }, true),
        "averaged" => (Small, Short with { AveragedSteps = 10, Decay = RateDecay.Cosine, WarmUp = 2, Budget = DivergenceBudget.Capacity(3, 5, 3) }, true),
        "total correlation" => (Small, Short with { Budget = DivergenceBudget.TotalCorrelation(6) }, true),
        "density ratio" => (Small, Short with { Budget = DivergenceBudget.DensityRatio(5, [8]) }, true),
        "covariance" => (Small, Short with { Budget = DivergenceBudget.Covariance(5, of: CovarianceOf.Codes), Objective = Objective.Tempered(2) }, true),
        "continuous" => (Small with { Likelihood = PixelLikelihood.ContinuousBernoulli }, Short, false),
        "shades" => (Small with { Architecture = Architecture.Convolutional([4], hidden: 16) }, Short, false),
        "gaussian" => (Small with { Likelihood = PixelLikelihood.Gaussian }, Short with { Constraint = Constraint.SquaredError(0.02) }, false),
        "drawn" => (Small with { Binarisation = Binarisation.Draw }, Short, false),
        _ => (Small, Short, true),
    };
}
