using Elbo.Autoencoders;
using Elbo.Classification;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Networks;
using Elbo.Tables;
using Elbo.Tests.Diagnostics;
using Elbo.Tests.Training;
using Elbo.Training;

namespace Elbo.Tests.Labels;

public sealed class LabelledTrainingTests
{
    private static readonly TableVaeOptions Options = new() { Latent = 2, Hidden = [16], Label = "group" };
    private static readonly TrainingOptions Short = new() { Epochs = 4, Batch = 20, Threads = 1 };

    // With sizes that divide each other, each row counts as much as every other in an epoch, however often it comes.
    [Fact]
    public void Each_batch_has_labels_and_over_an_epoch_all_rows_count_alike()
    {
        var rows = new LabelledRows(new VectorRows(1, new float[45]), [.. Enumerable.Range(0, 45).Select(i => i % 9 == 0 ? 0 : (int?)null)]);
        var batches = new BalancedBatches(rows, [.. Enumerable.Range(0, 45)], 10, 3);
        Assert.Equal(5, batches.Count);
        var orders = new List<int[]>();
        for (var epoch = 1; epoch <= 2; epoch++)
        {
            batches.Shuffle(epoch);
            var (counted, order) = (new double[45], new List<int>());
            for (var step = 0; step < batches.Count; step++)
            {
                var (which, weights) = batches.Of(step);
                Assert.Equal(2, which.ToArray().Count(row => row % 9 == 0));
                Assert.Equal(10, weights.ToArray().Sum(), 1e-4);
                for (var i = 0; i < which.Length; i++)
                    counted[which[i]] += weights[i];
                order.AddRange(which);
            }
            Assert.All(counted, c => Assert.Equal(50.0 / 45, c, 1e-5));
            orders.Add([.. order]);
        }
        Assert.NotEqual(orders[0], orders[1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(44)]
    [InlineData(45)]
    public void However_many_labels_there_are_every_row_comes(int labelled)
    {
        var rows = new LabelledRows(new VectorRows(1, new float[45]), [.. Enumerable.Range(0, 45).Select(i => i < labelled ? 0 : (int?)null)]);
        var batches = new BalancedBatches(rows, [.. Enumerable.Range(0, 45)], 10, 3);
        batches.Shuffle(1);
        var seen = new HashSet<int>();
        for (var step = 0; step < batches.Count; step++)
        {
            var (which, weights) = batches.Of(step);
            Assert.Equal(10, weights.ToArray().Sum(), 1e-4);
            seen.UnionWith(which.ToArray());
        }
        Assert.Equal(45, seen.Count);
    }

    [Fact]
    public void A_batch_with_no_room_for_both_kinds_is_refused()
    {
        var rows = new LabelledRows(new VectorRows(1, new float[4]), [0, null, null, null]);
        Assert.Contains("at least 2", Assert.Throws<ArgumentException>(() => new BalancedBatches(rows, [0, 1, 2, 3], 1, 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_with_labels_are_trained_on_as_long_as_there_are_others_to_hold_out()
    {
        var training = new TrainingOptions { HoldOut = 0.2 };
        var (trained, held) = training.Split(100, 1, row => row < 50);
        Assert.Equal(20, held.Length);
        Assert.All(held, row => Assert.True(row >= 50));
        Assert.Equal(Enumerable.Range(0, 100), trained.Concat(held).Order());
        Assert.Contains(training.Split(100, 1, row => row < 90).HeldOut, row => row < 90);
        Assert.Equal(training.Split(100, 1).HeldOut, training.Split(100, 1, _ => true).HeldOut);
    }

    [Fact]
    public void The_same_bits_come_out_at_any_thread_count_and_after_a_stop()
    {
        var table = WithLabels(200);
        using var one = TableVae.Fit(table, Options, Short);
        using var three = TableVae.Fit(table, Options, Short with { Threads = 3 });
        Assert.Equal(Bytes(one.Weights), Bytes(three.Weights));
        using var half = TableVae.Fit(table, Options, Short, (report, _) => report.Epoch < 2);
        var (best, state) = half.Checkpoint();
        using var whole = TableVae.Resume(half.Description, best, state, table);
        Assert.Equal(Bytes(one.Weights), Bytes(whole.Weights));
        Assert.Equal(one.Classify(table)[3, 1], three.Classify(table)[3, 1]);
    }

    // Two groups a few standard deviations apart: four labels each are enough, as the others show where the groups are.
    [Fact]
    public void A_few_labels_are_enough_where_groups_lie_apart_and_every_command_of_a_table_knows_them()
    {
        var truth = Groups(400, null);
        var table = Groups(400, 8);
        using var model = TableVae.Fit(table, Options with { Seed = 2 }, new() { Epochs = 40, Batch = 40, Threads = 1, LearningRate = 5e-3 });
        int[] labels = [.. truth.Values("group").ToArray().Select(v => (int)v)];
        Assert.InRange(ClassMeasures.Accuracy(model.Classify(table), labels), 0.97, 1);
        Assert.InRange(ClassMeasures.Accuracy(model.Classify(table, 16), labels), 0.97, 1);
        // Labels that are there make no difference to classes, and none is needed.
        Assert.Equal(model.Classify(table)[20, 1], model.Classify(truth)[20, 1]);
        Assert.Equal(model.Classify(table)[20, 1], model.Classify(table.SelectColumns("x", "y"))[20, 1]);

        var filled = model.Impute(table, draws: 3);
        int[] unknown = [.. Enumerable.Range(0, 400).Where(row => double.IsNaN(table.Values("group")[row]))];
        Assert.Equal(392, unknown.Length);
        Assert.InRange(unknown.Count(row => filled.Point(row, "group") == labels[row]), 380, 392);
        Assert.InRange(unknown.Count(row => filled.Draw(row, "group", 1) == labels[row]), 375, 392);

        // Of the group with the greater mean of x.
        var sampled = model.Sample(300, label: 1);
        Assert.All(sampled.Values("group").ToArray(), v => Assert.Equal(1, v));
        Assert.InRange(sampled.Values("x").ToArray().Average(), 2, 4);
        Assert.InRange(model.Sample(1000).Values("group").ToArray().Average(), 0.4, 0.6);
        Assert.Equal(400, model.ScoreRows(table, 8).Count);
        // The mean of the last numbers of a code is q(y|x).
        Assert.Equal(model.Classify(table)[50, 1], model.Encode(table.SelectColumns("x", "y")).Means[50][^1], 1e-5);
    }

    [Fact]
    public void A_column_that_cannot_be_a_label_is_refused()
    {
        var table = MixedTable.Of(60);
        Assert.Contains("category", Assert.Throws<ArgumentException>(() => TableVae.Fit(table, Options with { Label = "real" }, Short)).Message, StringComparison.Ordinal);
        Assert.Contains("does not have", Assert.Throws<ArgumentException>(() => TableVae.Fit(table, Options with { Label = "nothing" }, Short)).Message, StringComparison.Ordinal);
        Assert.Contains("nothing to know it by", Assert.Throws<ArgumentException>(() => TableVae.Fit(table.SelectColumns("binary"), Options with { Label = "binary" }, Short)).Message, StringComparison.Ordinal);
        using var without = TableVae.Fit(table, Options with { Label = null }, Short);
        Assert.Throws<ArgumentException>(() => without.Classify(table));
        Assert.Throws<ArgumentException>(() => without.Calibrate(table));
    }

    [Fact]
    public void Calibration_hides_each_label_once_and_never_shows_a_fit_what_it_is_asked()
    {
        var table = Groups(120, 20);
        using var model = TableVae.Fit(table, Options, Short);
        var rows = model.Rows(table);
        var (fits, hidden) = (0, new HashSet<int>());
        var calibration = LabelCalibration.Of(rows, fewer =>
        {
            fits++;
            int[] without = [.. Enumerable.Range(0, 120).Where(row => rows.LabelOf(row) is not null && fewer.LabelOf(row) is null)];
            Assert.Equal(4, without.Length);
            Assert.All(without, row => Assert.True(hidden.Add(row)));
            // One of each class at least is left to learn from.
            Assert.Equal(2, Enumerable.Range(0, 120).Select(fewer.LabelOf).OfType<int>().Distinct().Count());
            return TableVae.Fit(table, Options, Short with { Epochs = 1 }).Vae;
        });
        Assert.Equal((5, 20, 20), (fits, hidden.Count, calibration.Rows));
        var once = model.Calibrate(table, fits: 1);
        Assert.Equal(4, once.Rows);
        Assert.Throws<ArgumentException>(() => LabelCalibration.Of(LabelledRows.Without(rows), _ => model.Vae));
    }

    [Fact]
    public void Codes_of_a_model_are_rows_for_another()
    {
        using var first = TableVae.Fit(Groups(200, null), Options with { Label = null }, Short);
        var rows = new LabelledRows(LabelledRows.Without(first.Rows(Groups(200, null))), [.. Enumerable.Range(0, 200).Select(i => i < 10 ? i % 2 : (int?)null)]);
        var codes = CodeRows.Of(first.Vae, rows);
        var (means, logVariances) = first.Vae.Codes(rows);
        var values = new float[codes.Size];
        codes.Fill([7], values, []);
        Assert.Equal(means[7].ToArray(), values[..2]);
        Assert.Equal(MathF.Exp(0.5f * logVariances[7][1]), values[3], 1e-6f);
        Assert.Equal((1, null), (codes.LabelOf(7), codes.LabelOf(20)));
        var observation = new CodeObservation(2);
        using var second = new Vae(new LabelledNetwork(new(RowShape.Vector(codes.Size), observation.FeatureCount, observation.ParameterCount, new RandomNumbers(1, 1)), LabelModel.Uniform(["a", "b"]), 2, Architecture.FullyConnected([8])), observation, threads: 1);
        second.Train(codes, Short);
        var classes = second.Classify(CodeRows.Of(first.Vae, rows, areDrawn: false));
        Assert.Equal(200, classes.Rows);
        Assert.Equal(1, classes[3, 0] + classes[3, 1], 1e-12);
    }

    // A code is taken for a draw of its normal, anew each time.
    [Fact]
    public void Draws_of_codes_have_their_means_and_deviations()
    {
        const int rows = 2000;
        var observation = new CodeObservation(1);
        var values = Tensor.FromArray([.. Enumerable.Range(0, 2 * rows).Select(i => i % 2 == 0 ? 3.0 : 0.5)], [rows, 2]);
        var uniform = Tensor.FromArray([.. Enumerable.Range(0, rows).Select(i => (i + 0.5) / rows)], [rows, 1]);
        var drawn = Autoencoders.Graph.Run([observation.Observe(values, _ => uniform)])[0].Where((_, i) => i % 2 == 0).ToArray();
        Assert.Equal(3, drawn.Average(), 1e-3);
        Assert.Equal(0.5, Math.Sqrt(drawn.Average(d => (d - 3) * (d - 3))), 1e-3);
        var parameters = Tensor.FromArray([2.5, Math.Log(0.25)], [1, 1, 2]);
        var density = Autoencoders.Graph.Run([observation.LogDensity(parameters, Tensor.FromArray([3.0, 0], [1, 2]), null)])[0];
        Assert.Equal(-0.5 * 0.25 / 0.25 - Math.Log(0.5) - 0.5 * Math.Log(2 * Math.PI), density.Sum(), 1e-5);
    }

    private static byte[][] Bytes(IReadOnlyList<NamedTensor> tensors) => [.. tensors.Select(t => t.Bytes.ToArray())];

    private static Table WithLabels(int rows)
    {
        var table = MixedTable.Of(rows);
        var groups = table.Values("real").ToArray().Select((v, i) => i % 3 != 0 || double.IsNaN(v) ? double.NaN : v > 50 ? 1 : 0).ToArray();
        return new([.. table.Columns, new("group", ColumnKind.Category, ["low", "high"])], [.. Enumerable.Range(0, table.Columns.Count).Select(c => (ReadOnlyMemory<double>)table.Values(c).ToArray()), groups]);
    }

    // Rows of two groups in turn, of which the first few have their group; null for all.
    private static Table Groups(int rows, int? labelled)
    {
        var random = new RandomNumbers(4, 4);
        double[][] values = [new double[rows], new double[rows], new double[rows]];
        for (var row = 0; row < rows; row++)
        {
            values[0][row] = (row % 2 == 0 ? -3 : 3) + random.NextNormal();
            values[1][row] = (row % 2 == 0 ? 2 : -2) + random.NextNormal();
            values[2][row] = row < (labelled ?? rows) ? row % 2 : double.NaN;
        }
        return new([new("x", ColumnKind.Real), new("y", ColumnKind.Real), new("group", ColumnKind.Category, ["left", "right"])], [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
    }
}
