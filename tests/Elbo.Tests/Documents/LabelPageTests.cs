using Elbo.Autoencoders;
using Elbo.Classification;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Tests.Autoencoders;

namespace Elbo.Tests.Documents;

/// <summary>docs/few-labels.md against the library: its code stands here, is compiled and run.</summary>
public class LabelPageTests
{
    [Fact]
    public void Its_code_runs()
    {
        var images = SmallImages.Of(40);
        var training = Vae.ForImages with { Epochs = 2, Threads = 1, Batch = 20 };
        int?[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 4 == 0 ? i / 4 % 3 : (int?)null)];
        // Begin.
        var label = LabelModel.Uniform(["zero", "one", "two"]);
        using var second = Vae.Fit(images, new VaeOptions { Label = label, Latent = 8 }, training, labels: labels);
        ClassProbabilities found = second.Classify(images);
        float[] ones = second.Sample(16, label: 1);
        // End.
        Assert.Equal((40, 3, 16 * images.Size), (found.Rows, found.Classes, ones.Length));
        // Begin.
        using var m1 = Vae.Fit(images, new VaeOptions { Latent = 8 }, training);
        var codes = new LabelledRows(CodeRows.Of(m1, images), labels);
        var observation = new CodeObservation(8);
        var setting = new LatentSetting(RowShape.Vector(codes.Size), observation.FeatureCount, observation.ParameterCount, new RandomNumbers(1, 1));
        using var m2 = new Vae(new LabelledNetwork(setting, label, 4, Architecture.FullyConnected([32])), observation);
        m2.Train(codes, training with { ClassifierWeight = 1 });
        var classes = m2.Classify(CodeRows.Of(m1, images, areDrawn: false));
        // End.
        Assert.Equal(1, classes[0, 0] + classes[0, 1] + classes[0, 2], 1e-12);
        var calibration = second.Calibrate(new LabelledRows(images, labels), fits: 2);
        Assert.Equal(4, calibration.Rows);
        PageCode.StandsOn("LabelPageTests.cs", "few-labels.md");
    }
}
