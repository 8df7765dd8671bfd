using Elbo.Autoencoders;
using Elbo.Images;
using Elbo.Models;
using Elbo.Networks;
using Elbo.Recording;
using Elbo.Tests.Autoencoders;
using Elbo.Tests.Training;
using Elbo.Training;

namespace Elbo.Tests.Recording;

public sealed class AutoencoderRecordingTests
{
    private static readonly TableVaeOptions Small = new() { Latent = 3, Hidden = [8], Seed = 3 };
    private static readonly TrainingOptions Short = new() { Epochs = 3, Batch = 32, WarmUp = 0, Threads = 1 };
    private static readonly VaeOptions SmallOfImages = new() { Latent = 4, Architecture = Architecture.FullyConnected([8], Activation.Tanh), Seed = 2 };
    private static readonly TrainingOptions ShortOfImages = Vae.ForImages with { Epochs = 2, Batch = 32, Threads = 1 };

    [Fact]
    public void A_recorder_hears_of_everything_in_order_and_changes_nothing()
    {
        var (table, heard) = (MixedTable.Of(160), new Heard());
        using var recorded = TableVae.Fit(table, Small, Short with { Recorder = heard, HoldOut = 0.2 });
        using var plain = TableVae.Fit(table, Small, Short with { HoldOut = 0.2 });
        Assert.All(recorded.Weights.Zip(plain.Weights), pair => Assert.True(pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)));
        Assert.Equal(plain.Description.Training, recorded.Description.Training);

        var started = Assert.IsType<FitStarted>(heard.Events[0]);
        Assert.Equal(("table-vae", 3ul, 3, 128, 32), (started.Kind, started.Seed, started.Epochs, started.TrainingRows, started.HeldOutRows));
        Assert.Contains(new FitSetting("latent", "3"), started.Settings);
        Assert.Equal(FitOutcome.Finished, Assert.IsType<FitEnded>(heard.Events[^1]).Outcome);
        Assert.Equal([1, 2, 3], heard.All<EpochEnded>().Select(e => e.Report.Epoch));
        Assert.All(heard.All<EpochEnded>(), e => Assert.True(e.OfHeldOutRows));
        var judged = Assert.Single(heard.All<FitJudged>());
        Assert.Equal(judged.Evaluation.Bound, heard.All<EpochEnded>().Last(e => e.Report.IsBest).Report.HeldOut);
        Assert.DoesNotContain(heard.All<FitNotice>(), n => n.Text.StartsWith("Not all", StringComparison.Ordinal));
    }

    // All batches are of the same size, so that the mean over steps is the mean over rows.
    [Fact]
    public void Every_step_is_counted_once_however_they_are_told()
    {
        var heard = new Heard();
        using var model = TableVae.Fit(MixedTable.Of(160), Small, Short with { Recorder = heard, HoldOut = 0.2 });
        var steps = heard.All<StepsTaken>().ToList();
        Assert.Equal(12, steps.Sum(s => s.Count));
        Assert.Equal((12, 3.0), (steps[^1].Step, steps[^1].Epoch));
        Assert.Equal(heard.All<EpochEnded>().Average(e => e.Report.TrainingElbo), steps.Sum(s => s.Count * s.Elbo) / 12, 1e-9);
        Assert.All(steps, s => Assert.True(s is { Kl: > 0, GradientNorm: > 0, Rate: 2e-3 }));
    }

    [Fact]
    public void Many_steps_make_few_reports()
    {
        var heard = new Heard();
        var reports = new StepReports(heard);
        for (var i = 1; i <= 1_000_000; i++)
            reports.Add(i);
        reports.Flush();
        reports.Flush();
        var steps = heard.All<StepsTaken>().ToList();
        Assert.Equal(1_000_000, steps.Sum(s => s.Count));
        Assert.Equal(1_000_000, steps[^1].Step);
        Assert.Equal(500_000.5, steps.Sum(s => s.Count * s.Elbo) / 1_000_000, 1e-6);
        // A million steps in less than 40 × as many seconds as reports: no more than one each 25 ms, whatever the machine.
        Assert.InRange(steps.Count, 1, 100_000);
        Assert.All(steps, s => Assert.Null(s.Kl));
    }

    [Fact]
    public void Codes_of_a_table_are_those_of_the_model_with_its_columns_beside()
    {
        var (table, heard) = (MixedTable.Of(160), new Heard());
        using var model = TableVae.Fit(table, Small, Short with { Recorder = heard });
        var codes = heard.Table(FitTableKind.Latent);
        var (means, _) = model.Encode(table);
        int[] rows = [.. codes.Numbers("row").Select(r => (int)r - 1)];
        Assert.Equal(model.HeldOutRows, rows);
        for (var j = 0; j < 3; j++)
            Assert.All(rows.Zip(codes.Numbers($"z{j + 1}")), pair => Assert.Equal(means[pair.First][j], pair.Second, 1e-5));
        Assert.Equal(rows.Select(r => table.Values("real")[r]), codes.Numbers("real"));
        Assert.Equal(rows.Select(r => table.Values("category")[r] is var v && double.IsNaN(v) ? null : "abc"[(int)v].ToString()), codes.Words("category"));
        // The first direction is the one of greatest variance, and both are centred.
        double Variance(string column) => codes.Numbers(column).Average(v => v * v);
        Assert.True(Variance("pc1") >= Variance("pc2"));
        Assert.Equal(0, codes.Numbers("pc1").Sum(), 1e-6);
        Assert.True(Variance("pc1") >= Enumerable.Range(1, 3).Max(j => codes.Numbers($"z{j}").Average(v => v * v) - Math.Pow(codes.Numbers($"z{j}").Average(), 2)) - 1e-9);
    }

    [Fact]
    public void Samples_stand_beside_the_data_and_hidden_cells_beside_what_they_were()
    {
        var (table, heard) = (MixedTable.Of(400), new Heard());
        using var model = TableVae.Fit(table, Small, Short with { Recorder = heard });
        var marginals = heard.Table(FitTableKind.Marginals);
        var rows = Enumerable.Range(0, marginals.Rows).Select(i => (Column: marginals.Words("column")[i], What: marginals.Words("what")[i], Data: marginals.Numbers("data")[i], Model: marginals.Numbers("model")[i])).ToList();
        var held = table.SelectRows([.. model.HeldOutRows]);
        var real = rows.Where(r => r.Column == "real").ToList();
        double[] known = [.. held.Values("real").ToArray().Where(v => !double.IsNaN(v))];
        Assert.Equal((known.Min(), known.Max()), (real[0].Data, real[^1].Data));
        Assert.Equal(("0.0 %", "50.0 %", "100.0 %"), (real[0].What, real[20].What, real[^1].What));
        Assert.All(real.Zip(real.Skip(1)), pair => Assert.True(pair.First.Data <= pair.Second.Data && pair.First.Model <= pair.Second.Model));
        var category = rows.Where(r => r.Column == "category").ToList();
        Assert.Equal(["a", "b", "c"], category.Select(r => r.What));
        Assert.Equal((1.0, 1.0), (Math.Round(category.Sum(r => r.Data), 9), Math.Round(category.Sum(r => r.Model), 9)));

        var samples = heard.Table(FitTableKind.Samples);
        Assert.Equal(table.Columns.Select(c => c.Name), samples.Columns.Select(c => c.Name));
        Assert.All(samples.Words("binary"), w => Assert.Contains(w, new[] { "no", "yes" }));

        var imputed = heard.Table(FitTableKind.Imputations);
        Assert.Equal(imputed.Rows, imputed.Numbers("row").Distinct().Count());
        for (var i = 0; i < imputed.Rows; i++)
        {
            var column = table.Column(imputed.Words("column")[i]!);
            var value = table.Values(column.Name)[(int)imputed.Numbers("row")[i] - 1];
            if (column.HasLevels)
                Assert.Equal((column.Levels[(int)value], true), (imputed.Words("data")[i], imputed.Numbers("probability")[i] is > 0 and <= 1));
            else
                Assert.Equal((value, true), (double.Parse(imputed.Words("data")[i]!, System.Globalization.CultureInfo.InvariantCulture) is var said && Math.Abs(said - value) < 1e-5 * Math.Abs(value) ? value : said, imputed.Numbers("lower")[i] <= imputed.Numbers("upper")[i]));
        }
    }

    [Fact]
    public void Pictures_show_the_images_that_judge_with_what_the_model_makes_of_them_below()
    {
        var (images, heard) = (SmallImages.Of(200), new Heard());
        using var model = Vae.Fit(images, SmallOfImages, ShortOfImages with { Recorder = heard });
        var pairs = heard.Picture(FitPictureKind.Reconstructions);
        // Twenty images are held out: rows of eight, eight and four, each with its reconstructions below.
        Assert.Equal((8, 48), (pairs.Across, pairs.Images.Count));
        var made = ImageSet.Of(6, 6, 1, model.Reconstruct(images.Select([.. model.HeldOutRows])));
        for (var i = 0; i < 20; i++)
        {
            var at = i / 8 * 16 + i % 8;
            Assert.True(pairs.Images.Pixels(at).SequenceEqual(images.Pixels(model.HeldOutRows[i])));
            Assert.True(pairs.Images.Pixels(at + 8).SequenceEqual(made.Pixels(i)));
        }
        Assert.Equal(64, heard.Picture(FitPictureKind.Samples).Images.Count);
        var moved = heard.Picture(FitPictureKind.Traversals);
        Assert.Equal((9, 36), (moved.Across, moved.Images.Count));
        // In the middle all latent numbers are at their means: the same image in each row.
        Assert.All(Enumerable.Range(1, 3), row => Assert.True(moved.Images.Pixels(row * 9 + 4).SequenceEqual(moved.Images.Pixels(4))));
    }

    [Fact]
    public void Of_images_with_others_that_judge_these_are_shown()
    {
        var (judges, heard) = (SmallImages.Of(10, seed: 9), new Heard());
        using var model = Vae.Fit(SmallImages.Of(100), SmallOfImages, ShortOfImages with { Recorder = heard }, judges);
        Assert.True(heard.Picture(FitPictureKind.Reconstructions).Images.Pixels(0).SequenceEqual(judges.Pixels(0)));
        Assert.Equal(10, heard.Table(FitTableKind.Latent).Rows);
    }

    public static TheoryData<string> Parts => ["label", "hierarchy", "flows", "mixture", "vamp", "full", "average", "aggressive", "constraint"];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Models_of_all_parts_can_be_shown_whole(string part)
    {
        var (images, heard) = (SmallImages.Of(120), new Heard());
        var (model, training) = (SmallOfImages, ShortOfImages with { Recorder = heard });
        int?[]? labels = null;
        switch (part)
        {
            case "label":
                labels = [.. Enumerable.Range(0, 120).Select(i => i % 3 == 0 ? (int?)(i % 2) : null)];
                model = model with { Label = LabelModel.Uniform(["down", "across"]) };
                break;
            case "hierarchy":
                model = model with { Hierarchy = Hierarchy.FullyConnected([3, 2], [8]) };
                break;
            case "flows":
                model = model with { Posterior = CodePosterior.Flow(2), Prior = CodePrior.Flow(2) };
                break;
            case "mixture":
                model = model with { Prior = CodePrior.Mixture(3) };
                break;
            case "vamp":
                model = model with { Prior = CodePrior.Vamp(5) };
                break;
            case "full":
                model = model with { Posterior = CodePosterior.FullCovariance };
                break;
            case "average":
                training = training with { AveragedSteps = 5 };
                break;
            case "aggressive":
                training = training with { AggressiveEncoder = true };
                break;
            default:
                training = training with { Constraint = Elbo.Objectives.Constraint.SquaredError(0.01) };
                break;
        }
        using var fitted = Vae.Fit(images, model, training, labels: labels);
        Assert.Equal([FitTableKind.Latent], heard.All<TableMade>().Select(t => t.Kind));
        Assert.Equal([FitPictureKind.Reconstructions, FitPictureKind.Samples, FitPictureKind.Traversals], heard.All<ImagesMade>().Select(t => t.Kind));
        Assert.Equal(part == "label", heard.Table(FitTableKind.Latent).Columns.Any(c => c.Name == "class"));
        Assert.Equal(part == "constraint", heard.All<FitJudged>().Single().Constraint is not null);
        // Fits that tell how sure labels may be are not of the run.
        var before = heard.Events.Count;
        if (part == "label")
            fitted.Calibrate(new LabelledRows(images, labels!), fits: 1);
        Assert.Equal(before, heard.Events.Count);
    }

    [Fact]
    public void What_judged_weights_make_is_shown_and_training_goes_on_with_its_own()
    {
        var images = SmallImages.Of(120);
        var training = ShortOfImages with { AveragedSteps = 20, Epochs = 1 };
        using var model = Vae.Fit(images, SmallOfImages, training);
        using var trainer = new Trainer(model.Cpu, model.Network, model.Observation, images, null, training, 1);
        trainer.RunEpoch();
        var before = NamedTensor.OfAll(model.Variables);
        var seen = Array.Empty<NamedTensor>();
        Assert.Throws<InvalidOperationException>(() => trainer.WithJudgedWeights(() =>
        {
            seen = NamedTensor.OfAll(model.Variables);
            throw new InvalidOperationException();
        }));
        Assert.Contains(seen.Zip(before), pair => !pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));
        Assert.All(NamedTensor.OfAll(model.Variables).Zip(before), pair => Assert.True(pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)));
    }

    [Fact]
    public void A_look_in_the_middle_of_training_changes_nothing_of_it()
    {
        var images = SmallImages.Of(120);
        var training = ShortOfImages with { AveragedSteps = 20 };
        byte[][] Trained(bool looks)
        {
            using var model = Vae.Fit(images, SmallOfImages, training with { Epochs = 1 });
            using var trainer = new Trainer(model.Cpu, model.Network, model.Observation, images, null, training, 1);
            trainer.RunEpoch();
            if (looks)
                trainer.WithJudgedWeights(() => Assert.Equal(4, new ImageViews(model.Description!, images, images).Of(model, trainer.Judged, 1).Count()));
            trainer.RunEpoch();
            return [.. trainer.State.Tensors.Select(t => t.Bytes.ToArray())];
        }
        Assert.Equal(Trained(false), Trained(true));
    }

    [Fact]
    public void A_fit_that_is_stopped_says_so_and_goes_on_in_the_count_of_its_steps()
    {
        var (table, first, second) = (MixedTable.Of(160), new Heard(), new Heard());
        using var stopped = TableVae.Fit(table, Small, Short with { Recorder = first, HoldOut = 0.2 }, (report, _) => report.Epoch < 2);
        Assert.Equal(FitOutcome.Stopped, Assert.IsType<FitEnded>(first.Events[^1]).Outcome);
        var description = stopped.Description with { Training = stopped.Description.Training with { Recorder = second } };
        using var resumed = TableVae.Resume(description, stopped.Weights, stopped.TrainingState!, table);
        Assert.Equal(2, second.All<FitStarted>().Single().EpochsDone);
        Assert.Equal([3], second.All<EpochEnded>().Select(e => e.Report.Epoch));
        Assert.Equal((12, 4), (second.All<StepsTaken>().Last().Step, second.All<StepsTaken>().Sum(s => s.Count)));
        Assert.Null(resumed.Description.Training.Recorder);
    }

    [Fact]
    public void A_fit_that_fails_says_why()
    {
        var heard = new Heard();
        Assert.Throws<InvalidOperationException>(() => TableVae.Fit(MixedTable.Of(100), Small, Short with { Recorder = heard }, (_, _) => throw new InvalidOperationException("of all things")));
        var ended = Assert.IsType<FitEnded>(heard.Events[^1]);
        Assert.Equal((FitOutcome.Failed, "of all things"), (ended.Outcome, ended.Message));
    }

    [Fact]
    public void Rows_of_which_no_more_is_known_are_shown_by_their_codes()
    {
        var (images, heard) = (SmallImages.Of(100), new Heard());
        using var model = Vae.Fit(images, SmallOfImages, ShortOfImages with { Epochs = 1 });
        model.Train(images, ShortOfImages with { Recorder = heard });
        Assert.Equal("vae", heard.All<FitStarted>().Single().Kind);
        Assert.Equal(10, heard.Table(FitTableKind.Latent).Rows);
        Assert.Empty(heard.All<ImagesMade>());
    }
}
