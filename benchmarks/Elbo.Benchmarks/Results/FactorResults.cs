using System.Diagnostics;
using System.Text;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Data;
using Elbo.Data.Pictures;
using Elbo.Data.Simulators;
using Elbo.Diagnostics;
using Elbo.Diagnostics.Factors;
using Elbo.Images;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>
/// Hidden factors of sprites: autoencoders trained with several charges on the divergence, and what their codes score against the factors. Trainings are kept in a folder and go on
/// where they stood.
/// </summary>
internal static class FactorResults
{
    // Each row is a component of q(z), so that of few rows a code that tells of every one of them counts as one whose numbers depend on each other: the more rows, the better total correlation is priced.
    private const int Rows = 500_000;
    private const int JudgedRows = 2_000;
    private const int ScoredRows = 10_000;
    private const int Epochs = 7;
    private const double Bar = 0.35;

    private const int Batch = 64;
    private const double Step = 1e-3;

    private static readonly Architecture Networks = Architecture.SpatialBroadcast([16, 16, 32, 32], 128, [32, 32, 32]);

    private sealed record Trial(string Name, string What, ulong Seed, Objective Objective, DivergenceBudget Budget, bool IsJudged = false);

    private static readonly Trial[] Trials =
    [
        new("tc-1", "β-TCVAE, 8 × TC", 1, Objective.Elbo, DivergenceBudget.TotalCorrelation(8), IsJudged: true),
        new("tc-2", "β-TCVAE, 8 × TC", 2, Objective.Elbo, DivergenceBudget.TotalCorrelation(8), IsJudged: true),
        new("tc-3", "β-TCVAE, 8 × TC", 3, Objective.Elbo, DivergenceBudget.TotalCorrelation(8), IsJudged: true),
        new("vae", "VAE", 1, Objective.Elbo, DivergenceBudget.None),
        new("beta", "β-VAE, 4 × KL", 1, Objective.Tempered(4), DivergenceBudget.None),
        new("capacity", "annealed capacity, 18 nats", 1, Objective.Elbo, DivergenceBudget.Capacity(18, 30, Epochs / 2)),
        new("factor", "FactorVAE, + 20 × TC", 1, Objective.Elbo, DivergenceBudget.DensityRatio(20)),
        new("dip", "DIP-VAE I, 10", 1, Objective.Elbo, DivergenceBudget.Covariance(10)),
        new("dip2", "DIP-VAE II, 10", 1, Objective.Elbo, DivergenceBudget.Covariance(10, of: CovarianceOf.Codes)),
    ];

    public static int Run(string[] args)
    {
        if (ResultPage.DataFolder(args) is not { } data)
            return 2;
        var folder = ResultPage.Option(args, "--runs") ?? "runs";
        var only = ResultPage.Option(args, "--only")?.Split(',');
        var minutes = ResultPage.Option(args, "--minutes") is { } number ? double.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : double.PositiveInfinity;
        if (only?.FirstOrDefault(name => Trials.All(t => t.Name != name)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no trial '{unknown}'; there are {string.Join(", ", Trials.Select(t => t.Name))}.");
            return 2;
        }
        var page = new StringBuilder();
        page.AppendLine("## Hidden factors of sprites\n");
        page.AppendLine("Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- factors --data DIR --runs DIR --write docs/results.md`.");
        var (agreement, worst) = Agreement(data);
        page.AppendLine(Invariant($"""
            {Environment.ProcessorCount} threads, multiply-add peak {PeakLoop.Gigaflops(false):0} GFLOP/s a core. Sprites are drawn from their description; on the 320 published frames they have {100 * agreement:0.00} % of
            the white pixels right, and at most {worst} wrong in a frame. Each model: {Rows:N0} of the {SpriteSet.All:N0} sprites, 64 x 64 pixels, Bernoulli; 10 latent numbers, an encoder of convolutions
            and a spatial broadcast decoder (channels 16, 16, 32, 32 and a layer of 128; 32, 32, 32 units at each place); Adam, batches of {Batch}, step size {Step} along half a cosine, {Epochs} epochs. Scores by {ScoredRows:N0} sprites drawn from all. Minutes are those of training, with whatever else
            the machine was doing. What β-TCVAE is charged, batches and step size were chosen by the MIG of five trials of seed 1 with 100,000 to 500,000 images. The ELBO is the plain one, in nats per image; training weighted it in all models but the VAE.

            | codes | seed | epochs | minutes | −ELBO | KL | MIG | MIG of means | DCI: dis. | compl. | inform. | SAP | FactorVAE |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|
            """));
        var scored = SpriteSet.Drawn(ScoredRows, 9);
        var (factors, images) = (scored.Factors, scored.Images());
        var ideal = Ideal(factors);
        page.AppendLine(Line("the factors themselves", "", "", "", "", "", DisentanglementScores.Of(ideal, Narrow(ideal), factors)));
        var useless = Useless(ScoredRows);
        page.AppendLine(Line("chance: normal numbers", "", "", "", "", "", DisentanglementScores.Of(useless, Narrow(useless), factors)));
        var details = new StringBuilder();
        if (Picture(args, "sprites") is { } picture)
            PngWriter.Write(picture, ImageGrid.Of(scored.Images().Select([.. Enumerable.Range(0, 36)]), columns: 12));
        var gaps = new List<double>();
        foreach (var trial in Trials)
        {
            var run = new RunFolder(folder, trial.Name);
            if (only is not null && !only.Contains(trial.Name) && !run.Points.Any())
                continue;
            using var model = Train(trial, run, only is null || only.Contains(trial.Name), minutes);
            var (point, scores, bound) = (run.Points[^1], DisentanglementScores.OfModel(model, images, factors), model.Evaluate(images.Select([.. Enumerable.Range(0, JudgedRows)]), 16).Bound);
            var line = Line(trial.What, Invariant($"{trial.Seed}"), Invariant($"{point.Epoch}"), Invariant($"{point.Seconds / 60:0.0}"), Invariant($"{-bound.Elbo:0.0}"), Invariant($"{bound.Kl:0.0}"), scores);
            page.AppendLine(line);
            Console.Error.WriteLine(line);
            details.AppendLine(Invariant($"| {trial.What} | {trial.Seed} | {string.Join(" | ", scores.OfPosterior!.Factors.Select(f => Invariant($"{f.Gap:0.00} (z{f.Best + 1})")))} |"));
            if (!trial.IsJudged)
                continue;
            gaps.Add(scores.OfPosterior.Score);
            if (trial.Name == "tc-1" && Picture(args, "traversal") is { } traversal)
                Draw(model, images, bound, traversal);
        }
        page.AppendLine("\nMIG by draws of q(z|x), and of means in 20 bins; DCI by bagged regression trees. Where the gap lies, factor by factor, and the latent number that tells most:\n");
        page.AppendLine("| codes | seed | shape | scale | rotation | x | y |\n|---|---|---|---|---|---|---|");
        page.Append(details);
        if (gaps.Count > 0)
            page.AppendLine(Invariant($"\nThe bar is a MIG of {Bar} by β-TCVAE in half an hour on two cores: {string.Join(", ", gaps.Select(g => g.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)))} for {gaps.Count} {(gaps.Count == 1 ? "seed" : "seeds")}, {(gaps.All(g => g >= Bar) ? "reached" : gaps.Any(g => g >= Bar) ? "reached by some" : "missed")}."));
        return ResultPage.WriteSection(args, "factors", page.ToString());
    }

    // Beside the page.
    private static string? Picture(string[] args, string name) =>
        ResultPage.Option(args, "--write") is { } page ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(page))!, $"disentangling-{name}.png") : null;

    private static string Line(string what, string seed, string epochs, string minutes, string loss, string divergence, DisentanglementScores scores)
    {
        var dci = scores.Importances;
        return Invariant($"| {what} | {seed} | {epochs} | {minutes} | {loss} | {divergence} | {scores.OfPosterior!.Score:0.000} | {scores.OfMeans.Score:0.000} | {dci.Disentanglement:0.000} | {dci.Completeness:0.000} | {dci.Informativeness:0.000} | {scores.Predictability.Score:0.000} | {scores.Votes.Accuracy:0.000} |");
    }

    private static Vae Train(Trial trial, RunFolder run, bool mayTrain, double minutes)
    {
        var options = new VaeOptions { Latent = 10, Architecture = Networks, Seed = trial.Seed };
        var training = Vae.ForImages with { Epochs = Epochs, Batch = Batch, LearningRate = Step, Decay = RateDecay.Cosine, HeldOutSamples = 1, Patience = 10_000, Objective = trial.Objective, Budget = trial.Budget };
        var (before, start) = (run.Points.Count > 0 ? run.Points[^1].Seconds : 0, Stopwatch.GetTimestamp());
        bool GoesOn(EpochReport report, Vae model)
        {
            var spent = Stopwatch.GetElapsedTime(start).TotalSeconds;
            run.Add(new(report.Epoch, before + spent, report.TrainingElbo, report.HeldOut.Elbo, report.ImportanceWeighted.Value), model.Checkpoint());
            Console.Error.WriteLine(Invariant($"{trial.Name} {report.Epoch} {before + spent:0} s: ELBO {report.HeldOut.Elbo:0.0}, KL {report.HeldOut.Kl:0.0}, active {report.ActiveLatents}"));
            return spent < 60 * minutes;
        }
        var from = run.Load();
        if (from is var (best, state) && (!mayTrain || state.Epoch >= Epochs))
            return Vae.Load(Description(options, training), best);
        var (rows, judged) = (SpriteSet.Drawn(Rows, 7).Images(), SpriteSet.Drawn(JudgedRows, 8).Images());
        return from is var (taken, stand) ? Vae.Resume(Description(options, training), taken, stand, rows, judged, GoesOn) : Vae.Fit(rows, options, training, judged, GoesOn);
    }

    private static VaeDescription Description(VaeOptions options, TrainingOptions training) =>
        new(new(SpriteSet.Side, SpriteSet.Side, 1), options with { Likelihood = PixelLikelihood.Bernoulli, Binarisation = Binarisation.None }, training, Rows);

    // Each latent number in use, from one end of the prior to the other, while the others stay at the code of a sprite.
    private static void Draw(Vae model, ImageSet images, Bound bound, string path)
    {
        var used = Enumerable.Range(0, model.Network.Latent).Where(j => bound.Latents[j].Value > 0.1).OrderByDescending(j => bound.Latents[j].Value).ToArray();
        double[] values = [.. Enumerable.Range(0, 10).Select(i => -2 + 4.0 * i / 9)];
        var code = model.Encode(images.Select([SpriteWithRoom(images)])).Means[0];
        PngWriter.Write(path, ImageGrid.Of(Traversal.Of(model, used, values, code), columns: values.Length));
    }

    // One of the larger ones, near the middle.
    private static int SpriteWithRoom(ImageSet images) => Enumerable.Range(0, 500).MaxBy(i =>
    {
        var white = images.Pixels(i).ToArray().Index().Where(p => p.Item == 255).Select(p => p.Index).ToArray();
        return white.Length - 10 * (Math.Abs(white.Average(p => p % SpriteSet.Side) - 31.5) + Math.Abs(white.Average(p => p / SpriteSet.Side) - 31.5));
    });

    // Each factor as a latent number, and as many numbers of chance as make ten.
    private static Points Ideal(FactorTable factors)
    {
        var random = new RandomNumbers(1, 1);
        var values = new float[factors.Rows * 10];
        for (var row = 0; row < factors.Rows; row++)
        {
            for (var j = 0; j < 10; j++)
                values[row * 10 + j] = j < factors.Factors.Count ? (factors.Factors[j].Values[row] + 0.5f) / factors.Factors[j].Levels * 4 - 2 : (float)random.NextNormal();
        }
        return new(values, 10);
    }

    private static Points Useless(int rows)
    {
        var random = new RandomNumbers(2, 1);
        return new(Enumerable.Range(0, rows * 10).Select(_ => (float)random.NextNormal()).ToArray(), 10);
    }

    // A standard deviation of 0.02: less than levels are apart.
    private static Points Narrow(Points codes) => new(Enumerable.Repeat((float)(2 * Math.Log(0.02)), codes.Count * codes.Dimensions).ToArray(), codes.Dimensions);

    // Of the published frames: the share of white pixels that the nearest drawn sprite has right, and the most pixels wrong in one.
    private static (double Agreement, int Worst) Agreement(string data)
    {
        var frames = ImageReader.Read(Path.Combine(data, "dsprites_reference", "dsprites_gif_frames-images-idx3-ubyte.gz")).Images;
        var drawn = new SpriteSet([.. Shown().Distinct().Select(SpriteSet.IndexOf)]).Images();
        var (wrong, white, worst) = (0L, 0L, 0);
        for (var i = 0; i < frames.Count; i++)
        {
            var pixels = frames.Pixels(i).ToArray();
            var off = Enumerable.Range(0, drawn.Count).Min(d => Differences(pixels, drawn.Pixels(d)));
            (wrong, white, worst) = (wrong + off, white + pixels.Count(p => p == 255), Math.Max(worst, off));
        }
        return (1 - (double)wrong / white, worst);
    }

    private static IEnumerable<Sprite> Shown()
    {
        foreach (var shape in Enum.GetValues<SpriteShape>())
        {
            for (var scale = 0; scale < 6; scale++)
                yield return new(shape, scale, 0, 0, 0);
            for (var rotation = 0; rotation < 40; rotation++)
                yield return new(shape, 5, rotation, 0, 0);
            for (var place = 0; place < 32; place++)
            {
                yield return new(shape, 5, 0, 0, place);
                yield return new(shape, 5, 0, 31, place);
                yield return new(shape, 5, 0, place, 0);
                yield return new(shape, 5, 0, place, 31);
            }
        }
    }

    private static int Differences(byte[] one, ReadOnlySpan<byte> other)
    {
        var count = 0;
        for (var i = 0; i < one.Length; i++)
            count += one[i] == other[i] ? 0 : 1;
        return count;
    }
}
