using System.Diagnostics;
using System.Globalization;
using System.Text;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Data.Pictures;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Likelihoods;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>Diffusion models of images of digits beside an autoencoder of the same images: bits per number with their split, samples, time.</summary>
internal static class DiffusionDigits
{
    private const int SamplesShown = 60;
    private const int StripRows = 6;
    private const int StripMoments = 12;

    // So much of the way is there anything to be seen of; the last column is the end.
    private const double VisibleShare = 0.6;

    // Levels are put together so that their means have little of chance in them.
    private const int Bands = 50;

    public static string? Write(string[] args, DigitTrial trial)
    {
        if (ResultPage.DataFolder(args) is not { } data)
            return null;
        var folder = ResultPage.Option(args, "--runs") ?? "runs";
        int? Number(string option) => ResultPage.Option(args, option) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
        var (mostEpochs, mostImages) = (Number("--epochs"), Number("--images"));
        var images = trial.Read(data);
        // A trial of fewer images, to see that all works, is kept apart and judged by few.
        if (mostImages is not null)
            trial = trial with { Judged = 100, Visits = 5, Samples = 100, Steps = 10 };
        var suffix = mostImages is { } count ? Invariant($"-{count}") : "";
        var train = mostImages is { } most ? new SelectedRows(images.Train, [.. Enumerable.Range(0, most)]) : images.Train;
        var test = new SelectedRows(images.Test, [.. Enumerable.Range(0, Math.Min(trial.Judged, images.Test.Count))]);
        var others = Points.Of(images.Test, [.. Enumerable.Range(0, Math.Min(trial.Samples, images.Test.Count))]);

        var page = new StringBuilder();
        page.AppendLine(Invariant($"## Diffusion model and autoencoder of {trial.Title}\n"));
        page.AppendLine(DiffusionResults.Command(trial.Name, " --data DIR --runs DIR"));
        page.AppendLine(Invariant($"""
            Seed {DiffusionResults.Seed}; {Environment.ProcessorCount} threads. {trial.Data}{(mostImages is { } m ? Invariant($" (here {m:N0} of them)") : "")}. Bits per number by the bound of {test.Count:N0} test images: of the diffusion models of {trial.Models[0].Options.Levels:N0} steps, each image at
            {trial.Visits} of them, and in the limit of steps without end; of the autoencoder the ELBO, and the importance-weighted bound of 100 draws. {others.Count:N0} samples ({trial.Steps} steps of the diffusion models) against as many
            test images, pixel by pixel: how often a small network that is trained to tell them apart is right, MMD², Fréchet distance in 50 principal components, precision and recall (in brackets what equal sets have by
            chance). Time is that of both cores while training, by the processor's clock, and seconds for 100 samples by the wall's.

            | model | weights | epochs | minutes of two cores | bits | tighter | classifier | MMD² | Fréchet | precision | recall | s / 100 samples |
            |---|---|---|---|---|---|---|---|---|---|---|---|
            """));
        var terms = new StringBuilder();
        foreach (var model in trial.Models)
            Diffusion(model, trial, train, test, others, new(folder, model.Name + suffix), mostEpochs, args, page, terms);
        Autoencoder(trial, train, test, others, new(folder, trial.Name + suffix + "-vae"), mostEpochs, page);

        page.AppendLine("\nThe split of the diffusion bounds, bits per number:\n\n| model | prior, L_T | steps | reconstruction, L_0 | sum |\n|---|---|---|---|---|");
        page.Append(terms);
        if (ResultPage.Option(args, "--write") is not null)
        {
            foreach (var model in trial.Models)
            {
                page.AppendLine(Invariant($"""

                    {model.What}: samples, the way of some from noise to a digit (above what is there, below what the network takes it for), and the terms of the bound along t beside the squared errors that the simple loss sums.

                    ![Samples](diffusion-{model.Name}-samples.png) ![From noise to digits](diffusion-{model.Name}-strips.png)

                    ![Terms of the bound](diffusion-{model.Name}-terms.svg)
                    """));
            }
        }
        return page.ToString();
    }

    private static void Diffusion(
        DigitDiffusion trial, DigitTrial data, IRows train, IRows test, Points others, DiffusionFolder kept, int? mostEpochs, string[] args, StringBuilder page, StringBuilder terms)
    {
        using var model = DiffusionModel.Make(data.Shape, Readout.ShadesOf(data.Shades), trial.Options);
        kept.Train(model, train, trial.Training, mostEpochs);
        var (bound, limit) = (model.Evaluate(test, data.Visits), model.EvaluateContinuous(test, data.Visits));
        var start = Stopwatch.GetTimestamp();
        var samples = model.Sample(others.Count, new() { Steps = data.Steps }, DiffusionResults.Seed);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / others.Count * 100;
        var epochs = kept.Epochs;
        DiffusionResults.Tell(page, Invariant($"| {trial.What} | {model.Weights.Sum(w => (long)w.Shape.Elements):N0} | {epochs.Count} of {trial.Training.Epochs} | {epochs[^1].CoreSeconds / 120:0.0} | {Bits(bound.BitsPerNumber)} | {Bits(limit.BitsPerNumber)} | {Quality(samples, others)} | {seconds:0.0} |"));
        terms.AppendLine(Invariant($"| {trial.What}, {trial.Options.Levels:N0} steps | {Bits(bound.InBits(bound.Prior))} | {Bits(bound.InBits(bound.Steps))} | {Bits(bound.InBits(bound.Reconstruction))} | {Bits(bound.BitsPerNumber)} |"));
        terms.AppendLine(Invariant($"| {trial.What}, without end | {Bits(limit.InBits(limit.Prior))} | {Bits(limit.InBits(limit.Steps))} | {Bits(limit.InBits(limit.Reconstruction))} | {Bits(limit.BitsPerNumber)} |"));
        if (ResultPage.Option(args, "--write") is not { } path)
            return;
        var docs = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string Picture(string what) => Path.Combine(docs, $"diffusion-{trial.Name}-{what}");
        PngWriter.Write(Picture("samples.png"), ImageGrid.Of(ImageSet.Of(data.Shape.Height, data.Shape.Width, 1, samples.AsSpan(0, SamplesShown * data.Shape.Size)), columns: 10, gap: 1, enlarge: data.Enlarge));
        PngWriter.Write(Picture("strips.png"), Strips(model, data));
        Terms(trial, model, bound).Save(Picture("terms.svg"));
    }

    // Some samples at some levels, from the noisiest to the least: z, and below it what the network takes it for.
    private static ImageSet Strips(DiffusionModel model, DigitTrial data)
    {
        var moments = model.Denoise(StripRows, new() { Steps = data.Steps }, DiffusionResults.Seed);
        var (size, shown) = (data.Shape.Size, new List<float>());
        for (var row = 0; row < StripRows; row++)
        {
            foreach (var numbers in new Func<DenoisingMoment, float[]>[] { m => m.Noisy, m => m.Data })
            {
                for (var i = 0; i < StripMoments; i++)
                    shown.AddRange(numbers(moments[i == StripMoments - 1 ? moments.Count - 1 : (int)(i * VisibleShare * (moments.Count - 1) / (StripMoments - 2))]).AsSpan(row * size, size).ToArray().Select(x => 0.5f * x + 0.5f));
            }
        }
        return ImageGrid.Of(ImageSet.Of(data.Shape.Height, data.Shape.Width, 1, shown.ToArray()), columns: StripMoments, gap: 1, enlarge: data.Enlarge);
    }

    // What each band of levels has of the bound, and of the simple loss: a curve of shares, both of which sum to 1.
    private static Plot Terms(DigitDiffusion trial, DiffusionModel model, DiffusionBound bound)
    {
        var levels = bound.Levels.Where(l => l.Level > 1).ToList();
        var bands = levels.GroupBy(l => (l.Level - 2) * Bands / (model.Chain.Count - 1)).OrderBy(g => g.Key).ToList();
        double[] t = [.. bands.Select(b => b.Average(l => (double)l.Level))];
        double[] Shares(Func<LevelTerm, double> of)
        {
            double[] means = [.. bands.Select(b => b.Average(of))];
            return [.. means.Select(m => m / means.Sum())];
        }
        return new Plot(Invariant($"Where the bound is: {trial.What}")) { X = new("level t, from least noise to most"), Y = new("share of the whole"), Height = 320 }
            .Line("terms of the bound, L_t−1", t, Shares(l => l.Term.Value))
            .Line("squared error of the noise, which the simple loss sums", t, Shares(l => l.SquaredError.Value));
    }

    private static void Autoencoder(DigitTrial trial, IRows train, IRows test, Points others, RunFolder kept, int? mostEpochs, StringBuilder page)
    {
        var observation = new PixelObservation(trial.Shape, PixelLikelihood.DiscretisedLogistic, shades: trial.Shades);
        var setting = new LatentSetting(trial.Shape, observation.FeatureCount, observation.ParameterCount, new RandomNumbers(DiffusionResults.Seed, (ulong)RandomUse.Weights));
        using var model = new Vae(new EncoderDecoder(setting, trial.VaeLatent, trial.VaeArchitecture, CodePosterior.Diagonal, CodePrior.StandardNormal, 0.1), observation, DiffusionResults.Seed);
        var (before, core) = (kept.Points is [.., var done] ? done.Seconds : 0, Environment.CpuUsage.TotalTime);
        model.Train(train, trial.VaeTraining, from: kept.Load(), progress: report =>
        {
            kept.Add(new(report.Epoch, before + (Environment.CpuUsage.TotalTime - core).TotalSeconds, report.TrainingElbo, report.HeldOut.Elbo, report.ImportanceWeighted.Value), model.Checkpoint());
            return mostEpochs is null || report.Epoch < mostEpochs;
        });
        var (epochs, minutes) = (kept.Points.Count, kept.Points[^1].Seconds / 120);
        var evaluation = model.Evaluate(test, 100);
        var start = Stopwatch.GetTimestamp();
        var samples = model.Sample(others.Count, DiffusionResults.Seed);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / others.Count * 100;
        Estimate InBits(double nats, double error) => new(nats / (trial.Shape.Size * Math.Log(2)), error / (trial.Shape.Size * Math.Log(2)));
        DiffusionResults.Tell(page, Invariant($"| autoencoder, {trial.VaeLatent} latent, discretised logistic | {model.Weights.Sum(w => (long)w.Shape.Elements):N0} | {epochs} of {trial.VaeTraining.Epochs} | {minutes:0.0} | {Bits(InBits(-evaluation.Bound.Elbo, evaluation.Bound.StandardError))} | {Bits(InBits(-evaluation.ImportanceWeighted.Value, evaluation.ImportanceWeighted.StandardError))} | {Quality(samples, others)} | {seconds:0.000} |"));
    }

    private static string Quality(float[] samples, Points others)
    {
        var quality = SampleQuality.Of(new(samples, others.Dimensions), others, null, new() { Seed = DiffusionResults.Seed });
        return Invariant($"{quality.Classifier.Accuracy:P1} | {quality.Kernel.Squared:0.0000} (p = {quality.Kernel.PValue:G2}) | {quality.Frechet.Value:0.00} ({quality.Frechet.ByChance:0.00}) | {quality.Coverage.Precision:P0} ({quality.Coverage.ByChance:P0}) | {quality.Coverage.Recall:P0} ({quality.Coverage.ByChance:P0})");
    }

    private static string Bits(Estimate bits) => Invariant($"{bits.Value:0.000} ± {bits.StandardError:0.000}");
}
