using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Images;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Training;

namespace Elbo.Data.Tests;

public sealed class ImageModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Cases => ["plain", "convolutional", "broadcast", "flows", "vamp", "layers", "ladder", "correlated-ladder", "correlation", "ratio", "covariance", "label"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_saved_comes_back_to_the_same_bits(string name)
    {
        var file = Fitted(name, out var images);
        file.Save(_folder["m.elbo"]);

        var read = Assert.IsType<ImageModelFile>(ModelFile.Load(_folder["m.elbo"]));

        Assert.Equal(file.Description.Shape, read.Description.Shape);
        Assert.Equal(file.Description.Images, read.Description.Images);
        Assert.Equal(file.Description.Options with { Architecture = read.Description.Options.Architecture, Hierarchy = read.Description.Options.Hierarchy }, read.Description.Options);
        Assert.Equal(file.Description.Options.Hierarchy?.GetType(), read.Description.Options.Hierarchy?.GetType());
        Assert.Equal(file.Training.Objective.Recipe, read.Training.Objective.Recipe);
        Assert.Equal((file.Training.Constraint?.Name, file.Training.Constraint?.Limit), (read.Training.Constraint?.Name, read.Training.Constraint?.Limit));
        Assert.Equal(file.Training with { Objective = read.Training.Objective, Constraint = read.Training.Constraint }, read.Training);
        Assert.Equal(file.Classes, read.Classes);
        Assert.Equal(file.Fingerprint, read.Fingerprint);
        Assert.Equal(file.State!.History, read.State!.History);
        Assert.Equal(file.Report!.Evaluation.Latents, read.Report!.Evaluation.Latents);
        read.Save(_folder["again.elbo"]);
        Assert.Equal(File.ReadAllBytes(_folder["m.elbo"]), File.ReadAllBytes(_folder["again.elbo"]));
        using var model = read.Open("m.elbo", 1);
        Assert.Equal(file.Report.Evaluation.Bound.Elbo, model.Evaluate(images, 16).Bound.Elbo);
    }

    [Fact]
    public void Fingerprints_tell_images_apart_by_any_pixel_size_or_judge()
    {
        ImageSet[] sets = [new(2, 3, 1, new byte[12]), new(3, 2, 1, new byte[12]), new(2, 3, 1, new byte[6]), new(1, 2, 3, new byte[12]), new(2, 3, 1, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 })];
        string[] all = [.. sets.Select(s => ImageModelFile.FingerprintOf(s)), ImageModelFile.FingerprintOf(sets[0], sets[1]), ImageModelFile.FingerprintOf(sets[0], sets[2])];

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[0], ImageModelFile.FingerprintOf(new(2, 3, 1, new byte[12])));
    }

    [Theory]
    [InlineData("network.latent", "0", "'latent' is 0")]
    [InlineData("network.latent", "4", "needs")]
    [InlineData("network.height", "-1", "'height' is -1")]
    [InlineData("network.height", "1000000", "needs")]
    [InlineData("network.architecture", "null", "'family' is missing")]
    [InlineData("network.architecture.family", "\"transformer\"", "'transformer' is an architecture")]
    [InlineData("network.architecture.hidden", "[0]", "sizes of layers")]
    [InlineData("network.likelihood", "\"1\"", "'likelihood' is '1'")]
    [InlineData("network.prior", "{\"family\":\"moon\"}", "'moon' is a prior")]
    [InlineData("network.hierarchy", "{\"family\":\"heap\"}", "'heap' is a hierarchy")]
    [InlineData("network.posterior", "{\"family\":\"flow\",\"layers\":0,\"hidden\":3}", "'layers' is 0")]
    [InlineData("training.objective", "{\"family\":\"Hope\"}", "'Hope'")]
    [InlineData("training.budget", "{\"family\":\"cheap\"}", "'cheap' is a budget")]
    [InlineData("training.constraint", "{\"name\":\"beauty\",\"limit\":1}", "'beauty' is a constraint")]
    [InlineData("training.constraint", "{\"name\":\"squared error\",\"limit\":-1}", "above 0")]
    public void Descriptions_that_cannot_be_are_refused(string path, string value, string message)
    {
        var file = Fitted("plain", out _);
        file.Save(_folder["m.elbo"]);
        var archive = ModelArchive.Load(_folder["m.elbo"]);
        var json = archive.Description.DeepClone().AsObject();
        var parts = path.Split('.');
        JsonNode parent = json;
        foreach (var part in parts[..^1])
            parent = parent[part]!;
        parent[parts[^1]] = JsonNode.Parse(value);
        new ModelArchive(json, archive.Weights, archive.Extra).Save(_folder["bad.elbo"]);

        var error = Assert.Throws<DataException>(() => ImageModelFile.Load(_folder["bad.elbo"]).Open(_folder["bad.elbo"], 1));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(_folder["bad.elbo"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_images_is_none_of_a_table()
    {
        Fitted("plain", out _).Save(_folder["m.elbo"]);

        Assert.Contains("not a model of a table", Assert.Throws<DataException>(() => TableModelFile.Load(_folder["m.elbo"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_that_are_written_come_back()
    {
        var random = new Random(2);
        foreach (var channels in (int[])[1, 3])
        {
            var pixels = new byte[4 * 5 * 7 * channels];
            random.NextBytes(pixels);
            NumpyWriter.Write(_folder["a.npy"], new(5, 7, channels, pixels));

            var read = ImageReader.Read(_folder["a.npy"]).Images;

            Assert.Equal((4, 5, 7, channels), (read.Count, read.Height, read.Width, read.Channels));
            Assert.Equal(pixels, Enumerable.Range(0, 4).SelectMany(i => read.Pixels(i).ToArray()));
            // NumPy wants elements to begin at a multiple of 64.
            Assert.Equal(0, (new FileInfo(_folder["a.npy"]).Length - pixels.Length) % 64);
        }
    }

    private static ImageModelFile Fitted(string name, out ImageSet images)
    {
        var (random, pixels) = (new Random(4), new byte[20 * 48]);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(name == "convolutional" ? random.Next(256) : random.Next(2) * 255);
        images = new(8, 6, 1, pixels);
        var training = new TrainingOptions { Epochs = 2, Batch = 10, Threads = 1, Patience = 3 };
        var options = new VaeOptions { Latent = 2, Architecture = Architecture.FullyConnected([5], Activation.Elu), Seed = ulong.MaxValue };
        (options, training) = name switch
        {
            "convolutional" => (options with { Architecture = Architecture.Convolutional([2, 3], 4, Activation.Relu), Likelihood = PixelLikelihood.Gaussian, DecoderScale = 0.5 },
                training with { Constraint = Constraint.SquaredError(0.3), Decay = RateDecay.Cosine, AveragedSteps = 4, AggressiveEncoder = true }),
            "broadcast" => (options with { Architecture = Architecture.SpatialBroadcast([2, 3], 4, [5, 3], Activation.Silu) }, training),
            "flows" => (options with { Prior = CodePrior.Flow(2, 3), Posterior = CodePosterior.Flow(2, 4) },
                training with { Objective = Objective.Renyi(0.5, 2), Constraint = null }),
            "layers" => (options with { Hierarchy = Hierarchy.FullyConnected([3, 2], [4], HierarchyPosterior.TopDown, Activation.Silu) }, training),
            "label" => (options with { Label = new(["no", "yes", "ünknown"], [0.5, 0.2, 0.3]) }, training with { ClassifierWeight = 1.0 / 3, Constraint = null, Objective = Objective.Elbo }),
            "ladder" => (options with { Hierarchy = new ResidualLadder(2, [new(2, 2) { EncoderBlocks = 0 }, new(3)]) }, training),
            "correlated-ladder" => (options with { Hierarchy = new ResidualLadder(2, [new(2, 3), new(3)]) { Posterior = CodePosterior.FullCovariance } }, training),
            "vamp" => (options with { Prior = CodePrior.Vamp(3) },
                training with { Budget = DivergenceBudget.Capacity(3, 2, 4), Objective = Objective.Elbo }),
            "correlation" => (options, training with { Budget = DivergenceBudget.TotalCorrelation(6, AggregateEstimator.Weighted) }),
            "ratio" => (options, training with { Budget = DivergenceBudget.DensityRatio(7, [3, 2], 1e-3) }),
            "covariance" => (options, training with { Budget = DivergenceBudget.Covariance(2, 3, CovarianceOf.Codes) }),
            _ => (options, training with { Budget = DivergenceBudget.FreeBits(0.1), Objective = Objective.Tempered(2) }),
        };
        using var model = Vae.Fit(images, options, training, labels: options.Label is null ? null : [.. Enumerable.Range(0, images.Count).Select(i => i % 4 == 0 ? null : (int?)(i % 3))]);
        var description = model.Description! with { Training = training with { Threads = null } };
        return new(description, model.Weights, ImageModelFile.FingerprintOf(images), model.TrainingState, new(model.Evaluate(images, 16), true, 1, "1"), 3.5);
    }
}
