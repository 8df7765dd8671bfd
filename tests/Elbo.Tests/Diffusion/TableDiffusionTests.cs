using Elbo.Compute;
using Elbo.Diffusion;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Tests.Diffusion;

public class TableDiffusionTests
{
    private static readonly Column[] Columns = [new("colour", ColumnKind.Category, ["red", "green", "blue"]), new("sold", ColumnKind.Binary, ["no", "yes"]), new("size", ColumnKind.Ordinal, ["s", "m", "l"])];

    private static readonly TableDiffusionOptions Small = new()
    {
        Parts = TableDiffusion.UsualParts with { Denoiser = Denoiser.FullyConnected(32, 1), Levels = 200, Schedule = NoiseSchedule.LinearLogNoise(-5, 6) },
    };

    private static readonly TrainingOptions Short = TableDiffusion.Usual with { Epochs = 30, Batch = 100, LearningRate = 5e-3, AveragedSteps = 100, Threads = 1 };

    // p(colour, sold, size): sold follows the colour, the size follows both.
    private static double Probability(int colour, int sold, int size)
    {
        var ofColour = new[] { 0.5, 0.3, 0.2 }[colour];
        var yes = new[] { 0.9, 0.5, 0.1 }[colour];
        double[] sizes = sold == 1 ? [0.1, 0.2, 0.7] : colour == 2 ? [0.8, 0.1, 0.1] : [0.3, 0.4, 0.3];
        return ofColour * (sold == 1 ? yes : 1 - yes) * sizes[size];
    }

    private static IEnumerable<int[]> All => from colour in Enumerable.Range(0, 3) from sold in Enumerable.Range(0, 2) from size in Enumerable.Range(0, 3) select new[] { colour, sold, size };

    private static Table Draw(int rows, ulong seed, double missing = 0)
    {
        var random = new RandomNumbers(seed, 1);
        var values = Columns.Select(_ => new double[rows]).ToArray();
        for (var row = 0; row < rows; row++)
        {
            var u = random.NextUniform();
            var drawn = All.First(r => (u -= Probability(r[0], r[1], r[2])) < 0 || r.Sum() == 5);
            for (var c = 0; c < 3; c++)
                values[c][row] = random.NextUniform() < missing ? double.NaN : drawn[c];
        }
        return new(Columns, [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
    }

    private static Table OfRows(IReadOnlyList<double[]> rows) => new(Columns, [.. Enumerable.Range(0, 3).Select(c => (ReadOnlyMemory<double>)rows.Select(r => r[c]).ToArray())]);

    [Fact]
    public void The_bound_of_every_row_there_is_is_below_a_probability_and_near_that_of_the_data()
    {
        using var model = TableDiffusion.Fit(Draw(1500, 1, missing: 0.1), Small, Short);
        double[][] rows = [.. All.Select(r => r.Select(v => (double)v).ToArray())];
        var bounds = Mean(model, rows);
        // Σ exp(ELBO) ≤ Σ p(row) = 1: what a bound of a density or of other cells would not keep to.
        var total = bounds.Sum(Math.Exp);
        Assert.InRange(total, 0.75, 1.02);
        double entropy = 0, cost = 0;
        foreach (var (row, bound) in rows.Zip(bounds))
        {
            var p = Probability((int)row[0], (int)row[1], (int)row[2]);
            (entropy, cost) = (entropy - p * Math.Log(p), cost - p * bound);
        }
        Assert.InRange(cost, entropy - 0.02, entropy + 0.2);
    }

    [Fact]
    public void The_bound_of_rows_with_a_hole_is_of_their_known_cells_alone()
    {
        using var model = TableDiffusion.Fit(Draw(1500, 1, missing: 0.2), Small, Short);
        double[][] rows = [.. from colour in Enumerable.Range(0, 3) from size in Enumerable.Range(0, 3) select new[] { colour, double.NaN, size }];
        Assert.InRange(Mean(model, rows).Sum(Math.Exp), 0.75, 1.02);
        // Nothing known, nothing to pay for.
        var empty = model.Evaluate(OfRows([[double.NaN, double.NaN, double.NaN]]));
        Assert.Equal((0, 0, 0), (empty.Prior.Value, empty.Steps.Value, empty.Reconstruction.Value));
    }

    // Each row many times: the mean of what its visits say.
    private static double[] Mean(TableDiffusion model, double[][] rows)
    {
        const int Times = 40;
        var elbos = model.ScoreRows(OfRows([.. rows.SelectMany(row => Enumerable.Repeat(row, Times))]), visits: null);
        return [.. elbos.Select(e => e.Value).Chunk(Times).Select(c => c.Average())];
    }

    [Fact]
    public void Samples_are_as_frequent_as_rows_and_filled_cells_follow_the_known_ones()
    {
        using var model = TableDiffusion.Fit(Draw(1500, 1, missing: 0.1), Small, Short with { Epochs = 60 });
        var samples = model.Sample(1500);
        foreach (var row in All)
        {
            var share = Enumerable.Range(0, 1500).Count(i => Enumerable.Range(0, 3).All(c => samples.Values(c)[i] == row[c])) / 1500.0;
            Assert.InRange(share, Probability(row[0], row[1], row[2]) - 0.07, Probability(row[0], row[1], row[2]) + 0.07);
        }
        // p(sold | colour, size): red and large 0.97, blue and small 0.02.
        var table = OfRows([[0, double.NaN, 2], [2, double.NaN, 0]]);
        var imputed = model.Impute(table, draws: 3, samples: 200, interval: 0.9);
        Assert.Equal((1, 0), (imputed.Point(0, "sold"), imputed.Point(1, "sold")));
        Assert.InRange(imputed.Probabilities(0, "sold")![1], 0.75, 1);
        Assert.InRange(imputed.Probabilities(1, "sold")![1], 0, 0.25);
        Assert.Null(imputed.Point(0, "colour"));
        Assert.All(Enumerable.Range(0, 3), draw => Assert.True(imputed.Draw(0, "sold", draw) is 0 or 1));
    }

    [Fact]
    public void A_label_stands_beside_the_rows_that_are_drawn_given_it()
    {
        using var model = TableDiffusion.Fit(Draw(1500, 1, missing: 0.05), Small with { Label = "colour" }, Short);
        Assert.Equal(["sold", "size"], model.Description.Columns.Select(c => c.Column.Name));
        var red = model.Sample(300, new() { Class = 0 });
        Assert.All(red.Values("colour").ToArray(), v => Assert.Equal(0, v));
        Assert.Equal(0.9, red.Values("sold").ToArray().Average(), 0.1);
        Assert.Equal(0.1, model.Sample(300, new() { Class = 2 }).Values("sold").ToArray().Average(), 0.1);
        // Without one, classes come as often as they were seen.
        var any = model.Sample(600).Values("colour").ToArray();
        Assert.Equal(0.5, any.Count(v => v == 0) / 600.0, 0.08);
    }

    [Fact]
    public void A_fit_that_is_taken_up_again_ends_in_the_same_bits()
    {
        var (table, training) = (Draw(300, 1, missing: 0.1), Short with { Epochs = 6 });
        using var whole = TableDiffusion.Fit(table, Small, training with { Threads = 2 });
        using var first = TableDiffusion.Fit(table, Small, training, (epoch, _) => epoch.Epoch < 3);
        using var second = TableDiffusion.Train(first.Description, table, first.Model.Training);
        using var loaded = TableDiffusion.Load(second.Description, second.Model.Weights, 1);
        for (var i = 0; i < whole.Model.Weights.Count; i++)
        {
            Assert.True(whole.Model.Weights[i].Bytes.Span.SequenceEqual(second.Model.Weights[i].Bytes.Span), whole.Model.Weights[i].Name);
            Assert.True(whole.Model.Weights[i].Bytes.Span.SequenceEqual(loaded.Model.Weights[i].Bytes.Span));
        }
        Assert.Equal(whole.Evaluate(table).Total, loaded.Evaluate(table).Total);
    }
}
