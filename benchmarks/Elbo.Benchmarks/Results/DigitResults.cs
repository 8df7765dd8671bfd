using System.Diagnostics;
using System.Text;
using Elbo.Autoencoders;
using Elbo.Data;
using Elbo.Images;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>
/// Autoencoders of the fixed binarisation of MNIST beside published numbers. Trainings are kept in a folder and go on where they stood, so long ones
/// can be made in stretches.
/// </summary>
internal static class DigitResults
{
    private const ulong Seed = 1;

    // A joined trial trains on all 60,000 images, those for validation among them, as is done once the options are settled: its curve is of images it has seen.
    private sealed record Trial(string Name, string What, VaeOptions Options, TrainingOptions Training, int Samples, string Published, bool Joined = false);

    private static readonly VaeOptions OneLayer = new() { Latent = 50, Architecture = Architecture.FullyConnected([200, 200], Activation.Elu), Seed = Seed };

    private static readonly TrainingOptions Usual = Vae.ForImages with { Batch = 100, Patience = 10_000, Decay = RateDecay.Cosine };

    private static readonly Trial[] Trials =
    [
        new("vae", "VAE, 50 latent, 2 x 200 ELU", OneLayer, Usual with { Epochs = 200, LearningRate = 3e-3, AveragedSteps = 2000, WeightDecay = 0.1 }, 200, "89.8 (200 samples)"),
        new("iwae", "the same by IWAE, k = 50", OneLayer, Usual with { Epochs = 60, LearningRate = 3e-3, AveragedSteps = 2000, WeightDecay = 0.1, Objective = Objective.ImportanceWeighted(50), HeldOutSamples = 50 }, 5000, "87.1 (5000 samples)"),
        new("iwae-joined", "the same with less decay of weights, trained on all 60,000", OneLayer, Usual with { Epochs = 60, LearningRate = 3e-3, AveragedSteps = 2000, WeightDecay = 0.07, Objective = Objective.ImportanceWeighted(50), HeldOutSamples = 5 }, 5000, "87.1 (5000 samples)", Joined: true),
        new("gap", "VAE for the study of amortisation: no decay of weights, smaller steps, all 60,000", OneLayer, Usual with { Epochs = 600, LearningRate = 1e-3, AveragedSteps = 2000, HeldOutSamples = 1 }, 200, "", Joined: true),
        new("ladder-joined", "ladder of three layers (32, 16, 8), residual convolutions, trained on all 60,000", new() { Hierarchy = ResidualLadder.Small, Seed = Seed },
            Usual with { Epochs = 50, Batch = 64, LearningRate = 2.5e-3, AveragedSteps = 3000, WarmUp = 1, GradientClip = 300, WeightDecay = 0.1, Budget = DivergenceBudget.FreeBits(3), HeldOutSamples = 1 }, 16, "6 layers: −ELBO 80.74", Joined: true),
        new("ladder-full", "the same with full covariances in q, for longer", new() { Hierarchy = ResidualLadder.Small with { Posterior = CodePosterior.FullCovariance }, Seed = Seed },
            Usual with { Epochs = 75, Batch = 64, LearningRate = 2.5e-3, AveragedSteps = 3000, WarmUp = 1, GradientClip = 300, WeightDecay = 0.1, Budget = DivergenceBudget.FreeBits(3), HeldOutSamples = 1 }, 16, "6 layers: −ELBO 80.74", Joined: true),
    ];

    public static int Run(string[] args)
    {
        if (ResultPage.DataFolder(args) is not { } data)
            return 2;
        var folder = ResultPage.Option(args, "--runs") ?? "runs";
        var only = ResultPage.Option(args, "--only");
        var epochs = ResultPage.Option(args, "--epochs") is { } number ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : (int?)null;
        ImageSet Read(string part) => ImageReader.Read(Path.Combine(data, "binarized-mnist", $"binarized_mnist_{part}-images-idx3-ubyte.gz")).Images;
        var (train, validation, test) = (Read("train"), Read("valid"), Read("test"));
        var page = new StringBuilder();
        page.AppendLine("## Autoencoders of binarised MNIST\n");
        page.AppendLine("Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- digits --data DIR --runs DIR --write docs/results.md`.");
        page.AppendLine(Invariant($"""
            Seed {Seed}; {Environment.ProcessorCount} threads, multiply-add peak {PeakLoop.Gigaflops(false):0} GFLOP/s a core. The fixed binarisation (50,000 images to train,
            10,000 to choose the epoch, 10,000 to test); bounds in nats per image of the 10,000 test images, as negative logarithms: lower is better.
            Minutes are those of training, with whatever else the machine was doing.

            | model | epochs | minutes | −ELBO | −importance-weighted bound | active | published |
            |---|---|---|---|---|---|---|
            """));
        var curves = new StringBuilder();
        foreach (var trial in Trials)
        {
            if (only is not null && only != trial.Name && !new RunFolder(folder, trial.Name).Points.Any())
                continue;
            var mayTrain = only is null || only == trial.Name;
            using var model = Train(trial, new RunFolder(folder, trial.Name), trial.Joined ? Joined(train, validation) : train, validation, mayTrain, epochs);
            var points = new RunFolder(folder, trial.Name).Points;
            var evaluation = model.Evaluate(test, trial.Samples);
            var line = Invariant($"| {trial.What} | {points.Count} of {trial.Training.Epochs} | {points[^1].Seconds / 60:0.0} | {-evaluation.Bound.Elbo:0.00} ± {evaluation.Bound.StandardError:0.00} | {-evaluation.ImportanceWeighted.Value:0.00} ± {evaluation.ImportanceWeighted.StandardError:0.00} ({evaluation.ImportanceWeighted.Samples} samples) | {evaluation.ActiveLatents}/{evaluation.Latents} | {trial.Published} |");
            page.AppendLine(line);
            Console.Error.WriteLine(line);
            curves.AppendLine(Invariant($"| {trial.What} | {string.Join(" | ", Milestones(points).Select(p => Invariant($"{p.Epoch}: {-p.ValidationWeighted:0.0}")))} |"));
        }
        page.AppendLine("\nThe curve: epoch and negative importance-weighted bound of the validation images (5 draws for the VAE, 50 for IWAE), by the averaged weights. Models trained on all 60,000 have seen these images, so their curves are of training, by fewer draws, and not to be compared with the others.\n");
        page.AppendLine("| model | | | | | | |\n|---|---|---|---|---|---|---|");
        page.Append(curves);
        return ResultPage.WriteSection(args, "digits", page.ToString());
    }

    private static ImageSet Joined(ImageSet first, ImageSet second)
    {
        var pixels = new byte[(first.Count + second.Count) * first.Size];
        for (var i = 0; i < first.Count + second.Count; i++)
            (i < first.Count ? first.Pixels(i) : second.Pixels(i - first.Count)).CopyTo(pixels.AsSpan(i * first.Size));
        return new(first.Height, first.Width, first.Channels, pixels);
    }

    /// <summary>One of the models apart from its weights.</summary>
    public static VaeDescription DescriptionOf(string name, int images)
    {
        var trial = Trials.Single(t => t.Name == name);
        return new(new(28, 28, 1), trial.Options with { Likelihood = Likelihoods.PixelLikelihood.Bernoulli, Binarisation = Likelihoods.Binarisation.None }, trial.Training, images);
    }

    private static IEnumerable<CurvePoint> Milestones(IReadOnlyList<CurvePoint> points) =>
        Enumerable.Range(0, 6).Select(i => points[Math.Max(0, (int)Math.Round(points.Count * Math.Pow(0.5, 5 - i)) - 1)]);

    private static Vae Train(Trial trial, RunFolder folder, ImageSet train, ImageSet validation, bool mayTrain, int? mostEpochs)
    {
        var points = folder.Points;
        var (before, start) = (points.Count > 0 ? points[^1].Seconds : 0, Stopwatch.GetTimestamp());
        bool GoesOn(EpochReport report, Vae model)
        {
            var point = new CurvePoint(report.Epoch, before + Stopwatch.GetElapsedTime(start).TotalSeconds, report.TrainingElbo, report.HeldOut.Elbo, report.ImportanceWeighted.Value);
            folder.Add(point, model.Checkpoint());
            Console.Error.WriteLine(Invariant($"{trial.Name} {point.Epoch} {point.Seconds:0} s: training {-point.Training:0.00}, validation {-point.Validation:0.00}, weighted {-point.ValidationWeighted:0.00}"));
            return mostEpochs is null || report.Epoch < mostEpochs;
        }
        if (folder.Load() is not { } from)
            return Vae.Fit(train, trial.Options, trial.Training, validation, GoesOn);
        var description = DescriptionOf(trial.Name, train.Count);
        return mayTrain && from.State.Epoch < Math.Min(trial.Training.Epochs, mostEpochs ?? int.MaxValue)
            ? Vae.Resume(description, from.Best, from.State, train, validation, GoesOn)
            : Vae.Load(description, from.Best);
    }
}
