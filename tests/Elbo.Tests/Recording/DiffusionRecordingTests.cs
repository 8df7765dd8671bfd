using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Models;
using Elbo.Recording;
using Elbo.Tables;
using Elbo.Tests.Autoencoders;
using Elbo.Training;

namespace Elbo.Tests.Recording;

public sealed class DiffusionRecordingTests
{
    private static readonly TrainingOptions Short = DiffusionModel.Usual with { Epochs = 3, Batch = 32, HoldOut = 0.2, AveragedSteps = 10, Threads = 1 };
    private static readonly DiffusionOptions Small = new() { Denoiser = Denoiser.FullyConnected(16, 1), Levels = 12, Seed = 3 };

    [Fact]
    public void A_diffusion_model_is_told_with_its_bound_level_by_level_and_samples()
    {
        var (rows, heard) = (Pairs(160), new Heard());
        using var model = DiffusionModel.Fit(rows, Small, Short with { Recorder = heard });
        using var plain = DiffusionModel.Fit(rows, Small, Short);
        Assert.All(model.Weights.Zip(plain.Weights), pair => Assert.True(pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)));

        var started = Assert.IsType<FitStarted>(heard.Events[0]);
        Assert.Equal(("diffusion", 3ul, 128, 32), (started.Kind, started.Seed, started.TrainingRows, started.HeldOutRows));
        Assert.Equal(FitOutcome.Finished, Assert.IsType<FitEnded>(heard.Events[^1]).Outcome);
        Assert.Equal(plain.Training!.History.Select(e => (e.Epoch, e.Training, e.HeldOut)), heard.All<DiffusionEpochEnded>().Select(e => (e.Report.Epoch, e.Report.Training, e.Report.HeldOut)));
        var steps = heard.All<StepsTaken>().ToList();
        Assert.Equal(12, steps.Sum(s => s.Count));
        Assert.Equal(plain.Training.History.Average(e => e.Training), steps.Sum(s => s.Count * s.Loss!.Value) / 12, 1e-6);
        Assert.All(steps, s => Assert.True(double.IsNaN(s.Elbo)));

        var bound = heard.All<LevelsJudged>().Single(l => l.Epoch is null).Bound;
        Assert.Equal(Enumerable.Range(1, 12), bound.Levels.Select(l => l.Level));
        Assert.Equal(bound.Total.Value, bound.Prior.Value + bound.Steps.Value + bound.Reconstruction.Value, 1e-6);
        var samples = heard.Table(FitTableKind.Samples);
        Assert.Equal(["x1", "x2"], samples.Columns.Select(c => c.Name));
        Assert.Equal(model.Sample(500, new() { Path = SamplingPath.Implicit, Steps = 12 }, 3).Where((_, i) => i % 2 == 1).Select(v => (double)v), samples.Numbers("x2"));
    }

    [Fact]
    public void A_table_is_shown_in_its_own_words_beside_the_data()
    {
        var random = new RandomNumbers(2, 1);
        var values = Enumerable.Range(0, 3).Select(_ => new double[200]).ToArray();
        for (var row = 0; row < 200; row++)
        {
            values[0][row] = random.NextUniform() < 0.25 ? 1 : 0;
            values[1][row] = random.NextUniform() < 0.1 ? double.NaN : 100 + 50 * values[0][row] + random.NextNormal();
            values[2][row] = new DateTime(2020, 7, 1).Subtract(DateTime.UnixEpoch).TotalDays + random.NextBelow(100);
        }
        var table = new Table([new("sold", ColumnKind.Binary, ["no", "yes"]), new("price", ColumnKind.Real), new("day", ColumnKind.Date)], [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
        var heard = new Heard();
        using var model = TableDiffusion.Fit(table, new() { Parts = TableDiffusion.UsualParts with { Denoiser = Denoiser.FullyConnected(16, 1), Levels = 20, Seed = 3 } }, Short with { Recorder = heard });

        var samples = heard.Table(FitTableKind.Samples);
        Assert.All(samples.Words("sold"), w => Assert.Contains(w, new[] { "no", "yes" }));
        Assert.InRange(samples.Numbers("price").Average(), 50, 250);
        // Dates are dates where they stand by themselves, and years where they are measured.
        Assert.All(samples.Words("day"), d => Assert.InRange(DateTime.ParseExact(d!, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture).Year, 2015, 2025));
        var (marginals, imputed) = (heard.Table(FitTableKind.Marginals), heard.Table(FitTableKind.Imputations));
        int[] judged = [.. Enumerable.Range(0, marginals.Rows).Where(i => marginals.Words("column")[i] == "sold")];
        Assert.Equal(1, judged.Sum(i => marginals.Numbers("data")[i]), 1e-9);
        Assert.Equal(1, judged.Sum(i => marginals.Numbers("model")[i]), 1e-9);
        Assert.All(Enumerable.Range(0, marginals.Rows).Where(i => marginals.Words("column")[i] == "day (year)"), i => Assert.InRange(marginals.Numbers("data")[i], 2020.49, 2020.78));
        for (var i = 0; i < imputed.Rows; i++)
        {
            if (imputed.Words("column")[i] == "day (year)")
            {
                Assert.InRange(double.Parse(imputed.Words("data")[i]!, System.Globalization.CultureInfo.InvariantCulture), 2020.49, 2020.78);
                Assert.InRange(imputed.Numbers("lower")[i], 2015, imputed.Numbers("upper")[i]);
                continue;
            }
            var (row, isPrice) = ((int)imputed.Numbers("row")[i] - 1, imputed.Words("column")[i] == "price");
            Assert.Equal(isPrice ? values[1][row].ToString("G7", System.Globalization.CultureInfo.InvariantCulture) : values[0][row] == 1 ? "yes" : "no", imputed.Words("data")[i]);
            Assert.True(isPrice ? imputed.Numbers("lower")[i] <= imputed.Numbers("upper")[i] : imputed.Numbers("probability")[i] is >= 0 and <= 1);
        }
    }

    [Fact]
    public void Samples_of_images_are_a_picture()
    {
        var heard = new Heard();
        using var model = DiffusionModel.Fit(SmallImages.Of(64), Small with { Levels = 4 }, Short with { Epochs = 1, Recorder = heard });
        Assert.Equal((32, 6, 8), (heard.Picture(FitPictureKind.Samples).Images.Count, heard.Picture(FitPictureKind.Samples).Images.Height, heard.Picture(FitPictureKind.Samples).Across));
    }

    [Fact]
    public void A_look_in_the_middle_of_training_changes_nothing_of_it()
    {
        var rows = Pairs(160);
        using var model = DiffusionModel.Fit(rows, Small, Short);
        using var looked = DiffusionModel.Fit(rows, Small, Short, progress: (_, at) => at.Evaluate(rows, 4).Total.Value > 0 | at.Sample(8).Length == 16);
        Assert.All(model.Weights.Zip(looked.Weights), pair => Assert.True(pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)));
    }

    private static Points Pairs(int count)
    {
        var random = new RandomNumbers(1, 1);
        return new(Enumerable.Range(0, 2 * count).Select(_ => (float)random.NextNormal()).ToArray(), 2);
    }
}
