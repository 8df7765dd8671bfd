using System.Diagnostics;
using System.Text;
using Elbo.Autoencoders;
using Elbo.Data;
using Elbo.Diagnostics;
using Elbo.Images;
using Elbo.Ising;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Objectives;
using Elbo.Tests.Autoencoders;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>The instruments on real data, and beside exact answers: annealed evidence, the split of an autoencoder's gap, constraints.</summary>
internal static class InstrumentResults
{
    private const ulong Seed = 1;

    public static int Run(string[] args)
    {
        if (ResultPage.DataFolder(args) is not { } data)
            return 2;
        var parts = new (string Name, Action<StringBuilder> Write)[]
        {
            ("speed", WriteSpeed),
            ("hierarchy", WriteHierarchy),
            ("annealing", WriteAnnealing),
            ("total-variation", WriteTotalVariation),
            ("constraints", page => WriteConstraints(page, data)),
            ("amortisation", page => WriteAmortisation(page, data, ResultPage.Option(args, "--runs") ?? "runs")),
        };
        var only = ResultPage.Option(args, "--only");
        foreach (var (name, write) in parts.Where(p => only is null || only == p.Name))
        {
            var page = new StringBuilder();
            write(page);
            ResultPage.WriteSection(args, name, page.ToString());
        }
        return 0;
    }

    private static void Head(StringBuilder page, string title, string name) => page.AppendLine(Invariant($"""
        ## {title}

        Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- instruments --only {name} --data DIR --runs DIR --write docs/results.md`.
        Seed {Seed}; {Environment.ProcessorCount} threads, multiply-add peak {PeakLoop.Gigaflops(false):0} GFLOP/s a core.

        """));

    private static void WriteSpeed(StringBuilder page)
    {
        Head(page, "Speed of training", "speed");
        page.AppendLine("| | figure | unit | ratio | bar | |\n|---|---|---|---|---|---|");
        foreach (var m in AutoencoderBenchmark.Run())
            page.AppendLine($"| {m.Name} | {m.ValueText} | {m.Unit} | {m.RatioText} | {m.BarText} | {m.Verdict} |");
        page.AppendLine().AppendLine(AutoencoderBenchmark.Remaining);
    }

    private static void WriteHierarchy(StringBuilder page)
    {
        Head(page, "Hierarchies with exact evidence", "hierarchy");
        page.AppendLine("""
            Linear-Gaussian hierarchies, whose evidence is known: the greatest ELBO of each factorisation of q, by training it, and what theory says
            that it stops short of the evidence by (docs/hierarchies.md); nats per row, of 24 rows of 4 numbers.

            | layers | q | ln p(x) | ELBO | gap | gap by theory |
            |---|---|---|---|---|---|
            """);
        foreach (var sizes in new int[][] { [1, 1], [1, 1, 1], [3, 2] })
        {
            var model = new LinearHierarchy(sizes, numbers: 4, seed: 5);
            var rows = model.Rows(24, seed: 6);
            var evidence = rows.Average(model.LogEvidence);
            foreach (var posterior in new[] { HierarchyPosterior.TopDown, HierarchyPosterior.BottomUp, HierarchyPosterior.MeanField })
            {
                var (elbo, _) = model.GreatestElbo(model.Network(posterior), rows);
                page.AppendLine(Invariant($"| {string.Join(", ", sizes)} | {posterior} | {evidence:0.0000} | {elbo:0.0000} | {evidence - elbo:0.0000} | {Math.Abs(model.Gap(posterior)):0.0000} |"));
            }
        }
    }

    private static void WriteTotalVariation(StringBuilder page)
    {
        Head(page, "What a gap allows in total variation, beside the exact distance", "total-variation");
        page.AppendLine("""
            Independent spins fitted to Ising models small enough to sum over all states, with a field of 0.05: the divergence, the bounds of Pinsker and of Bretagnolle and
            Huber on the total variation distance, and the distance itself.

            | lattice | temperature | KL | Pinsker | Bretagnolle and Huber | total variation |
            |---|---|---|---|---|---|
            """);
        foreach (var (side, temperature) in new (int, double)[] { (3, 1.5), (3, 2.5), (3, 5), (4, 2.6), (4, 5), (4, 10) })
        {
            var model = IsingModel.SquareLattice(side, side, 1 / temperature, field: 0.05);
            var (fit, logPartition) = (model.MeanField(), model.LogPartition());
            var bound = TotalVariationBound.Guaranteed(new Estimate(fit.Elbo, 0), logPartition);
            page.AppendLine(Invariant($"| {side} x {side} | {temperature} | {bound.Divergence:0.0000} | {bound.Pinsker:0.0000} | {bound.BretagnolleHuber:0.0000} | {Distance(model, fit.Means, logPartition):0.0000} |"));
        }
    }

    private static double Distance(IsingModel model, IReadOnlyList<double> means, double logPartition)
    {
        var (spins, sum) = (new double[model.Spins], 0.0);
        for (var state = 0; state < 1 << spins.Length; state++)
        {
            var q = 1.0;
            for (var i = 0; i < spins.Length; i++)
            {
                spins[i] = (state >> i & 1) == 1 ? 1 : -1;
                q *= (1 + spins[i] * means[i]) / 2;
            }
            sum += 0.5 * Math.Abs(q - Math.Exp(model.LogWeight(spins) - logPartition));
        }
        return sum;
    }

    private static void WriteAnnealing(StringBuilder page)
    {
        Head(page, "Annealed evidence beside exact values", "annealing");
        page.AppendLine("""
            ln Z of ferromagnetic Ising models on periodic square lattices, by annealed importance sampling from below (forward) and from above (back from exact draws),
            with standard errors, in nats; the exact values are sums over all states, and Kaufman's formula.

            | lattice | temperature | exact | from below | from above | farthest off | seconds |
            |---|---|---|---|---|---|---|
            """);
        foreach (var (side, temperature) in new (int, double)[] { (4, 2), (4, 2.6), (4, 5), (16, 2), (16, 2.269185), (16, 2.5), (16, 3), (16, 5) })
        {
            var model = IsingModel.SquareLattice(side, side, 1 / temperature);
            var exact = side == 4 ? model.LogPartition() : LogPartitionFunction.Kaufman(side, side, 1 / temperature);
            var start = Stopwatch.GetTimestamp();
            var annealed = model.Anneal(side == 4 ? new() : new() { Temperatures = 4000, Chains = 200 });
            var off = Math.Max(Math.Abs(annealed.Lower.Value - exact), annealed.Upper is { } upper ? Math.Abs(upper.Value - exact) : 0);
            page.AppendLine(Invariant($"| {side} x {side} | {temperature} | {exact:0.0000} | {annealed.Lower} | {(annealed.Upper is { } above ? above.ToString() : annealed.NoUpper)} | {off:0.0000} | {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} |"));
        }
    }

    private static ImageSet Digits(string data, string part) => ImageReader.Read(Path.Combine(data, "binarized-mnist", $"binarized_mnist_{part}-images-idx3-ubyte.gz")).Images;

    private static void WriteAmortisation(StringBuilder page, string data, string runs)
    {
        (string Name, string What, int Images)[] models = [("vae", "the VAE above", 50_000), ("gap", "without decay of weights", 60_000)];
        models = [.. models.Where(m => new RunFolder(runs, m.Name).Points.Count > 0)];
        if (models.Length == 0)
        {
            Console.Error.WriteLine($"There is no trained model 'vae' or 'gap' in {runs}; the program 'digits' makes them.");
            return;
        }
        Head(page, "Where the bound of an autoencoder is loose", "amortisation");
        page.AppendLine("""
            VAEs of binarised MNIST, of 50 latent numbers and 2 x 200 units (one above, and one without decay of weights, for 600 epochs, on all 60,000 images; the study trained for longer): the gap between ln p(x) and the ELBO, split into what the family of q costs and what it costs that one encoder
            serves all images (Cremer, Li and Duvenaud, 2018, whose table has 1.43 + 1.34 = 2.77 nats for a model of this size). 100 images of each kind;
            nats per image, with standard errors over images.

            | model | images | ELBO | refined image by image | ln p(x) | by | approximation | amortisation | total | minutes |
            |---|---|---|---|---|---|---|---|---|---|
            """);
        foreach (var (name, what, images) in models)
        {
            using var model = Vae.Load(DigitResults.DescriptionOf(name, images), new RunFolder(runs, name).Load()!.Value.Best);
            WriteAmortisation(page, data, what, model);
        }
    }

    private static void WriteAmortisation(StringBuilder page, string data, string what, Vae model)
    {
        foreach (var (part, name) in new[] { ("train", "training"), ("test", "test") })
        {
            var images = Digits(data, part);
            var which = new int[images.Count];
            for (var i = 0; i < which.Length; i++)
                which[i] = i;
            new Compute.RandomNumbers(Seed, 5).Shuffle<int>(which);
            var start = Stopwatch.GetTimestamp();
            var gap = AmortisationGap.Of(model, images, which[..100], new() { Seed = Seed });
            page.AppendLine(Invariant($"| {what} | {name} | {gap.Amortised} | {gap.Refined} | {gap.Evidence} | {gap.EvidenceBy} | {gap.Approximation} | {gap.Amortisation} | {gap.Total} | {Stopwatch.GetElapsedTime(start).TotalMinutes:0.0} |"));
            Console.Error.WriteLine(gap);
        }
    }

    private static void WriteConstraints(StringBuilder page, string data)
    {
        Head(page, "Constraints", "constraints");
        page.AppendLine("""
            A plain fit first; then the divergence is made as small as can be under the constraint that the reconstruction loss (or the squared error) is at most
            the limit, by a multiplier that training finds, with the options of every other fit: nothing is tuned. What is reached is a moving average
            over batches at the end of training. The limit is the plain fit's value less a tenth of its distance to 0 (5 nats of a table).

            | data | constraint | plain fit | limit | reached | off | multiplier | divergence, plain | constrained | epochs | seconds |
            |---|---|---|---|---|---|---|---|---|---|---|
            """);
        var digits = Digits(data, "train").Select([.. Enumerable.Range(0, 10_000)]);
        Images(page, "binarised MNIST, 10,000", digits, new() { Seed = Seed }, 50, fit => -fit.Bound.Reconstruction, Constraint.Reconstruction);
        var faces = ImageReader.Read(Path.Combine(data, "freyfaces", "freyfaces-images-idx3-ubyte.gz")).Images;
        Images(page, "Frey faces, 1,965", faces, new() { Seed = Seed, Likelihood = PixelLikelihood.ContinuousBernoulli }, 250, null, Constraint.SquaredError);
        Table(page, Path.Combine(data, "uci_other", "winequality-red.csv"), 300);
    }

    private static void Images(StringBuilder page, string name, ImageSet images, VaeOptions options, int epochs, Func<Evaluation, double>? value, Func<double, Constraint> constraint)
    {
        var training = Vae.ForImages with { Epochs = epochs, HoldOut = 0 };
        using var plain = Vae.Fit(images, options, training);
        var evaluation = plain.Evaluate(images, 1);
        var reached = value?.Invoke(evaluation) ?? SquaredError(plain, images);
        ConstraintReport? report = null;
        var start = Stopwatch.GetTimestamp();
        using var held = Vae.Fit(images, options, training with { Constraint = constraint(0.9 * reached) }, progress: (epoch, _) =>
        {
            report = epoch.Constraint;
            return true;
        });
        Line(page, name, reached, report!, evaluation.Bound.Kl, held.Evaluate(images, 1).Bound.Kl, epochs, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static void Table(StringBuilder page, string path, int epochs)
    {
        var table = TableReader.Read(path).Table;
        var training = new TrainingOptions { Epochs = epochs, HoldOut = 0 };
        using var plain = TableVae.Fit(table, new() { Seed = Seed }, training);
        var evaluation = plain.Evaluate(table, 1);
        ConstraintReport? report = null;
        var start = Stopwatch.GetTimestamp();
        using var held = TableVae.Fit(table, new() { Seed = Seed }, training with { Constraint = Constraint.Reconstruction(-evaluation.Bound.Reconstruction - 5) }, (epoch, _) =>
        {
            report = epoch.Constraint;
            return true;
        });
        Line(page, $"{Path.GetFileName(path)}, {table.RowCount:#,0}", -evaluation.Bound.Reconstruction, report!, evaluation.Bound.Kl, held.Evaluate(table, 1).Bound.Kl, epochs, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static void Line(StringBuilder page, string name, double plain, ConstraintReport report, double before, double after, int epochs, double seconds)
    {
        var line = Invariant($"| {name} | {report.Name} | {plain:G4} | {report.Limit:G4} | {report.Value:G4} | {report.Excess:+0.00 %;-0.00 %} | {report.Multiplier:G3} | {before:0.00} | {after:0.00} | {epochs} | {seconds:0} |");
        page.AppendLine(line);
        Console.Error.WriteLine(line);
    }

    private static double SquaredError(Vae model, ImageSet images)
    {
        var means = model.Reconstruct(images);
        var values = new float[images.Size];
        var sum = 0.0;
        for (var i = 0; i < images.Count; i++)
        {
            images.Fill([i], values, []);
            for (var j = 0; j < values.Length; j++)
                sum += Math.Pow(values[j] - means[i * values.Length + j], 2);
        }
        return sum / means.Length;
    }
}
