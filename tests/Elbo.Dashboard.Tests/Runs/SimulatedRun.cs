using Elbo.Data;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Objectives;
using Elbo.Recording;
using Elbo.Training;

namespace Elbo.Dashboard.Tests.Runs;

/// <summary>Writes records of fits that never were: the same for the same seed, in a moment, and as a real fit would report.</summary>
internal sealed class SimulatedRun(ulong seed)
{
    private static readonly string[] Columns = ["age", "income", "orders", "visits", "country", "plan", "satisfaction", "balance"];

    private readonly Random _random = new((int)seed);

    public int Epochs { get; init; } = 120;

    public int Latents { get; init; } = 8;

    /// <summary>The latent numbers that say nothing from epoch 20 on, from 1.</summary>
    public IReadOnlyList<int> Collapsing { get; init; } = [];

    /// <summary>What the bound comes to in the end, nats per row.</summary>
    public double Height { get; init; } = -34;

    public string Name { get; init; } = "customers";

    /// <summary>Begins a record of a fit of a table.</summary>
    public RunWriter BeginTable(string folder)
    {
        var writer = RunWriter.Begin(folder, Name, new() { Data = "customers.csv", Model = "customers.elbo", Command = ["elbo", "fit", "customers.csv", "-o", "customers.elbo"] });
        writer.Report(new FitStarted("table-vae", seed, [new("latent", $"{Latents}"), new("hidden", "128"), new("warm-up", "20"), new("batch", "128"), new("prior", "normal")]) { Epochs = 200, TrainingRows = 1800, HeldOutRows = 200 });
        return writer;
    }

    /// <summary>A whole fit of a table, with its codes, fills, warnings and certificate.</summary>
    public string Table(string folder)
    {
        using var writer = BeginTable(folder);
        for (var epoch = 1; epoch <= Epochs; epoch++)
            writer.Report(new EpochEnded(Epoch(epoch), true));
        writer.Report(new FitNotice("The step was halved once, as it led to numbers that are not finite.") { Epoch = 31 });
        writer.Report(Codes(2000, Columns[..3]));
        writer.Report(Fills());
        if (Collapsing.Count == Latents)
            writer.Report(new FitWarning("collapse", "The code has collapsed: its dimensions together carry next to nothing about a row, so the model treats the columns as independent.") { Remedy = "Try a longer warm-up (--warm-up 50), a smaller batch, a larger learning rate, or fewer hidden units." });
        writer.Report(Judged());
        writer.Report(new FitEnded(FitOutcome.Finished));
        return writer.Folder;
    }

    /// <summary>A fit of images with pictures as it goes on.</summary>
    public string Images(string folder)
    {
        using var writer = RunWriter.Begin(folder, Name, new() { Data = "sprites.npy", Model = "sprites.elbo", Command = ["elbo", "fit", "sprites.npy"] });
        writer.Report(new FitStarted("image-vae", seed, [new("latent", $"{Latents}"), new("network", "convolutional")]) { Epochs = Epochs, TrainingRows = 9000, HeldOutRows = 1000 });
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            writer.Report(new EpochEnded(Epoch(epoch) with { }, true));
            if (epoch % (Epochs / 4) != 0)
                continue;
            var sharpness = epoch / (double)Epochs;
            writer.Report(new ImagesMade(FitPictureKind.Reconstructions, "Images of the data and what the model makes of them", Pictures(40, sharpness), 10) { Epoch = epoch });
            writer.Report(new ImagesMade(FitPictureKind.Samples, "New images", Pictures(40, sharpness), 10) { Epoch = epoch });
            writer.Report(new ImagesMade(FitPictureKind.Traversals, "What each latent number does", Pictures(50, sharpness), 10) { Epoch = epoch });
        }
        writer.Report(Codes(1000, []));
        writer.Report(Judged());
        writer.Report(new FitEnded(FitOutcome.Finished));
        return writer.Folder;
    }

    /// <summary>A diffusion model, with its bound by level.</summary>
    public string Diffusion(string folder)
    {
        using var writer = RunWriter.Begin(folder, Name, new() { Data = "digits.npy", Command = ["elbo", "fit", "digits.npy", "--diffusion"] });
        writer.Report(new FitStarted("diffusion", seed, [new("levels", "200"), new("schedule", "cosine")]) { Epochs = Epochs, TrainingRows = 9000, HeldOutRows = 1000 });
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            var loss = 0.05 + 0.9 * Math.Exp(-epoch / 9.0);
            writer.Report(new DiffusionEpochEnded(new(epoch, loss * (1 + 0.02 * Normal()), loss * 1.03, true, [])));
            if (epoch % (Epochs / 3) == 0)
                writer.Report(new LevelsJudged(LevelsAt(epoch), epoch));
        }
        writer.Report(new LevelsJudged(LevelsAt(Epochs), null));
        writer.Report(new FitEnded(FitOutcome.Finished));
        return writer.Folder;
    }

    /// <summary>A posterior with its prior and its predictions, and steps rather than epochs.</summary>
    public RunWriter BeginModel(string folder)
    {
        var writer = RunWriter.Begin(folder, Name, new());
        writer.Report(new FitStarted("model", seed, [new("guide", "full-rank"), new("steps", "4000")]));
        for (var step = 10; step <= 4000; step += 10)
            writer.Report(new StepsTaken(step, 10, -31.2 - 40 * Math.Exp(-step / 300.0) + 0.4 * Normal()));
        return writer;
    }

    public static void AddPosterior(RunWriter writer)
    {
        string[] names = ["mu", "tau", .. Enumerable.Range(1, 8).Select(i => $"theta[{i}]")];
        double[] means = [4.4, 3.6, 6.2, 4.9, 3.9, 4.7, 3.6, 4.0, 6.3, 4.8];
        double[] widths = [3.3, 3.1, 5.5, 4.7, 5.3, 4.8, 4.7, 4.9, 5.1, 5.4];
        double[] Of(Func<int, double> of) => [.. Enumerable.Range(0, names.Length).Select(of)];
        writer.Report(new TableMade(FitTableKind.Posterior, "Posterior", [
            FitColumn.Of("name", names), FitColumn.Of("mean", means), FitColumn.Of("sd", widths), FitColumn.Of("q05", Of(i => i == 1 ? 0.3 : means[i] - 1.64 * widths[i])), FitColumn.Of("median", Of(i => means[i] - 0.1)),
            FitColumn.Of("q95", Of(i => means[i] + 1.64 * widths[i])), FitColumn.Of("effective", Of(i => 3000 + 10 * i)),
            FitColumn.Of("prior mean", Of(_ => 0)), FitColumn.Of("prior sd", Of(i => i == 0 ? 5 : 8)), FitColumn.Of("prior q05", Of(i => i == 0 ? -8.2 : i == 1 ? 0.4 : -15)), FitColumn.Of("prior median", Of(i => i == 1 ? 5 : 0)),
            FitColumn.Of("prior q95", Of(i => i == 0 ? 8.2 : i == 1 ? 60 : 15))]));
        double[] data = [28, 8, -3, 7, -1, 1, 18, 12];
        writer.Report(new TableMade(FitTableKind.Predictive, "Predictions beside data", [
            FitColumn.Of("name", [.. Enumerable.Range(1, 8).Select(i => $"y[{i}]")]), FitColumn.Of("data", data), FitColumn.Of("mean", [.. data.Select(_ => 4.6)]), FitColumn.Of("q05", [.. data.Select((_, i) => -18.0 + i)]),
            FitColumn.Of("median", [.. data.Select(_ => 4.5)]), FitColumn.Of("q95", [.. data.Select((_, i) => 26.0 + i)]), FitColumn.Of("rank", [.. data.Select(d => 1 / (1 + Math.Exp(-(d - 4.5) / 9)))])]));
    }

    /// <summary>The report of an epoch: the bound rises quickly and then slowly, each latent number finds what it carries.</summary>
    public EpochReport Epoch(int epoch)
    {
        var rise = 1 - Math.Exp(-epoch / 18.0);
        var latents = Enumerable.Range(1, Latents).Select(i => new Term($"z{i}", Carries(i, epoch))).ToArray();
        var kl = latents.Sum(t => t.Value);
        var elbo = Height - 6.5 * Math.Exp(-epoch / 7.0) - 1.2 * (1 - rise) + 0.03 * Normal() - 0.002 * Math.Max(0, epoch - 90);
        var reconstruction = elbo + kl;
        var shares = Columns.Select((_, c) => (1 + c % 4) + 2.0 * (1 - rise) * (c % 3)).ToArray();
        var columns = Columns.Select((name, c) => new Term(name, reconstruction * shares[c] / shares.Sum())).ToArray();
        if (elbo > _best)
            (_best, _bestEpoch) = (elbo, epoch);
        return new(epoch, elbo - 0.15 + 0.1 * Normal(), Math.Min(1, epoch / 20.0), new(elbo, reconstruction, kl, columns, latents, 0.385, 200), new(elbo + 0.08 + 0.3 * Math.Exp(-epoch / 12.0), 16, 0.38),
            latents.Count(t => t.Value > 0.05), _best == elbo, []);
    }

    private double _best = double.NegativeInfinity;
    private int _bestEpoch;

    private FitJudged Judged()
    {
        var best = _bestEpoch;
        var report = Epoch(best);
        return new(new(report.HeldOut, new(report.ImportanceWeighted.Value, 128, 0.385), report.ActiveLatents), true) { BestEpoch = best };
    }

    private double Carries(int latent, int epoch)
    {
        if (Collapsing.Contains(latent))
            return epoch < 20 ? 0.6 * Math.Exp(-epoch / 5.0) + 0.02 : 0.002;
        return (0.25 + 1.1 / latent) * (1 - Math.Exp(-epoch / (6.0 + 3 * latent))) * (1 + 0.02 * Normal());
    }

    private TableMade Codes(int rows, string[] columns)
    {
        var group = Enumerable.Range(0, rows).Select(_ => _random.Next(4)).ToArray();
        FitColumn Latent(int i) => FitColumn.Of($"z{i}", [.. group.Select(g => Collapsing.Contains(i) ? 0.02 * Normal() : 1.6 * Math.Cos(g * 1.57 + i) + 0.45 * Normal())]);
        return new(FitTableKind.Latent, "Codes of rows", [
            FitColumn.Of("row", [.. Enumerable.Range(1, rows).Select(i => (double)i)]), .. Enumerable.Range(1, Latents).Select(Latent), .. columns.Select((c, k) => FitColumn.Of(c, [.. group.Select(g => 20 + 12 * g + k + 4 * Normal())])),
            FitColumn.Of("country", [.. group.Select(g => (string?)new[] { "Germany", "Spain", "France", "Poland" }[g])])]);
    }

    private TableMade Fills()
    {
        var rows = Enumerable.Range(0, 40).ToArray();
        var data = rows.Select(r => 30 + 25 * _random.NextDouble()).ToArray();
        var means = data.Select(d => d + 5 * Normal()).ToArray();
        return new(FitTableKind.Imputations, "Fills", [
            FitColumn.Of("row", [.. rows.Select(r => 3.0 * r + 1)]), FitColumn.Of("column", [.. rows.Select(r => (string?)Columns[r % 2])]), FitColumn.Of("data", data), FitColumn.Of("imputed", means),
            FitColumn.Of("lower", [.. means.Select(m => m - 9)]), FitColumn.Of("upper", [.. means.Select(m => m + 9)])]);
    }

    private static DiffusionBound LevelsAt(int epoch)
    {
        var levels = Enumerable.Range(1, 200).Select(t => new LevelTerm(t, new((0.6 + 3 * Math.Exp(-t / 18.0)) * (1 + 30.0 / epoch) * Math.Exp(-Math.Pow((t - 20) / 120.0, 2)), 0.01), new(0.1, 0.01), 1)).ToArray();
        var (first, rest) = (levels[0].Term.Value, levels.Skip(1).Sum(l => l.Term.Value));
        return new(new(0.01, 0), new(rest, 0.4), new(first, 0.02), new(rest + first + 0.01, 0.4), levels, 784, true);
    }

    // Soft squares that become sharper.
    private ImageSet Pictures(int count, double sharpness)
    {
        const int size = 28;
        var values = new float[count * size * size];
        for (var i = 0; i < count; i++)
        {
            var (cx, cy, half) = (9 + 10 * _random.NextDouble(), 9 + 10 * _random.NextDouble(), 4 + 3 * _random.NextDouble());
            for (var p = 0; p < size * size; p++)
            {
                var inside = half - Math.Max(Math.Abs(p % size - cx), Math.Abs(p / size - cy));
                values[i * size * size + p] = (float)(1 / (1 + Math.Exp(-inside * (0.4 + 4 * sharpness))));
            }
        }
        return ImageSet.Of(size, size, 1, values);
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
