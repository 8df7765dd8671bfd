using System.Globalization;
using System.IO.Compression;
using Elbo.Autoencoders;
using Elbo.Data;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Benchmarks.Results;

/// <summary>Images to train on and others to judge by.</summary>
internal sealed record DigitImages(IRows Train, IRows Test);

/// <summary>A diffusion model that is to be trained.</summary>
/// <param name="Name">Of the files it is kept in.</param>
/// <param name="What">What it is, in a table.</param>
internal sealed record DigitDiffusion(string Name, string What, DiffusionOptions Options, TrainingOptions Training);

/// <summary>Diffusion models and an autoencoder of the same images of digits.</summary>
internal sealed record DigitTrial(string Name, string Title, string Data, RowShape Shape, int Shades, Func<string, DigitImages> Read)
{
    private static readonly NoiseSchedule CosineSchedule = NoiseSchedule.Cosine();

    public required IReadOnlyList<DigitDiffusion> Models { get; init; }

    public required Architecture VaeArchitecture { get; init; }

    public required TrainingOptions VaeTraining { get; init; }

    public int VaeLatent { get; init; } = 32;

    /// <summary>Test images that bounds are of, and how many levels each visits.</summary>
    public int Judged { get; init; } = int.MaxValue;

    public int Visits { get; init; } = 50;

    /// <summary>Samples that are compared with test images, and the levels they are drawn along.</summary>
    public int Samples { get; init; } = 1797;

    public int Steps { get; init; } = 100;

    public int Enlarge { get; init; } = 3;

    /// <summary>Scans of 8 x 8 pixels that count 0 to 16 dots each.</summary>
    public static DigitTrial Optdigits { get; } = new("optdigits", "optdigits", "3,823 images of 8 x 8 pixels of 17 shades to train on, 1,797 to test", new(8, 8, 1), 17, ReadOptdigits)
    {
        Models =
        [
            // Half the step of two shades is 1/16: three standard deviations of the least noise.
            new("optdigits", "diffusion, bound", Of([32, 64], NoiseSchedule.LinearLogNoise(-8, 5), DiffusionObjective.Bound, 5), Training(120, 64)),
            new("optdigits-simple", "diffusion, simple loss, cosine schedule", Of([32, 64], CosineSchedule, DiffusionObjective.Simple, 5), Training(120, 64)),
        ],
        VaeArchitecture = Architecture.FullyConnected([256, 256], Activation.Elu),
        VaeTraining = Vae.ForImages with { Epochs = 300, Batch = 64, LearningRate = 1e-3, Decay = RateDecay.Cosine, AveragedSteps = 500, Patience = 60 },
        VaeLatent = 16,
        Enlarge = 4,
    };

    /// <summary>MNIST as it is, with 256 shades.</summary>
    public static DigitTrial Mnist { get; } = new("mnist", "MNIST", "60,000 images of 28 x 28 pixels of 256 shades to train on, the first of the 10,000 others to test", new(28, 28, 1), 256, ReadMnist)
    {
        Models =
        [
            new("mnist", "diffusion, bound", Of([32, 64, 64], NoiseSchedule.LinearLogNoise(), DiffusionObjective.Bound, 8), Training(4, 32)),
        ],
        VaeArchitecture = Architecture.FullyConnected([400, 400], Activation.Elu),
        VaeTraining = Vae.ForImages with { Epochs = 25, Batch = 128, LearningRate = 1e-3, Decay = RateDecay.Cosine, AveragedSteps = 1000, HeldOutSamples = 1 },
        Judged = 1000,
        Visits = 30,
        Samples = 1000,
        Steps = 50,
        Enlarge = 2,
    };

    private static DiffusionOptions Of(int[] channels, NoiseSchedule schedule, DiffusionObjective objective, int waves) => new()
    {
        Denoiser = Denoiser.UNet(channels, waves: waves),
        Schedule = schedule,
        Objective = objective,
        Prediction = Prediction.Velocity,
        Seed = DiffusionResults.Seed,
    };

    // What is held out serves to choose the epoch.
    private static TrainingOptions Training(int epochs, int batch) => DiffusionModel.Usual with { Epochs = epochs, Batch = batch, LearningRate = 1.5e-3, AveragedSteps = 500, HoldOut = 0.02 };

    private static DigitImages ReadOptdigits(string data)
    {
        Points Read(string part)
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(data, "optdigits", $"optdigits.{part}.gz")), CompressionMode.Decompress));
            var values = new List<float>();
            while (reader.ReadLine() is { Length: > 0 } line)
                values.AddRange(line.Split([',', '\t']).Take(64).Select(field => int.Parse(field, CultureInfo.InvariantCulture) / 16f));
            return new(values.ToArray(), 64);
        }
        return new(Read("tra"), Read("tes"));
    }

    private static DigitImages ReadMnist(string data) => new(
        ImageReader.Read(Path.Combine(data, "mnist", "train-images-idx3-ubyte.gz")).Images, ImageReader.Read(Path.Combine(data, "mnist", "t10k-images-idx3-ubyte.gz")).Images);
}
