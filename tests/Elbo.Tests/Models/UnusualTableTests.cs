using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Tests.Models;

public sealed class UnusualTableTests
{
    private static readonly TableVaeOptions Small = new() { Latent = 2, Hidden = [8] };
    private static readonly TrainingOptions Short = new() { Epochs = 3, Threads = 1 };

    [Fact]
    public void Ordinal_columns_of_two_three_and_five_levels_live_in_one_model()
    {
        int[] counts = [1, 2, 3, 5, 9];
        var table = new Table(
            [.. counts.Select(levels => new Column($"o{levels}", ColumnKind.Ordinal, Levels(levels)))],
            [.. counts.Select(levels => Codes(40, levels))]);

        using var model = TableVae.Fit(table, Small, Short);

        Assert.Equal(0, model.Evaluate(table).Bound.Columns.Single(c => c.Name == "o1").Value);
        Assert.All(model.Evaluate(table).Bound.Columns.Where(c => c.Name != "o1"), c => Assert.InRange(c.Value, -10, -0.01));
        Assert.Equal(7, model.Sample(7).RowCount);
    }

    [Fact]
    public void A_category_of_one_level_says_nothing()
    {
        var table = new Table(
            [new Column("one", ColumnKind.Category, ["only"]), new Column("four", ColumnKind.Category, Levels(4))],
            [new double[40], Codes(40, 4)]);

        using var model = TableVae.Fit(table, Small, Short);

        Assert.Equal(0, model.Evaluate(table).Bound.Columns.Single(c => c.Name == "one").Value, 1e-6);
        Assert.InRange(model.Evaluate(table).Bound.Columns.Single(c => c.Name == "four").Value, -3, -0.5);
    }

    // A mean of equal numbers is rarely that number in floating point; what is left must not be taken for a spread.
    [Theory]
    [InlineData(0.1)]
    [InlineData(-1e12 / 3)]
    [InlineData(0)]
    public void A_constant_column_has_the_scale_of_its_units(double value)
    {
        var real = LikelihoodChoice.Choose(new Column("x", ColumnKind.Real), Enumerable.Repeat(value, 7).ToArray());

        Assert.Equal(value, real.Location);
        Assert.Equal(1, real.Scale);
        Assert.Equal(0, real.Encode(value));
    }

    [Fact]
    public void A_constant_positive_column_has_the_scale_of_its_logarithm()
    {
        var positive = LikelihoodChoice.Choose(new Column("x", ColumnKind.Positive), Enumerable.Repeat(0.3, 11).ToArray());

        Assert.Equal(1, positive.Scale);
        Assert.Equal(0, positive.Encode(0.3));
    }

    [Fact]
    public void Huge_values_and_tiny_spreads_are_learned_and_come_back_in_their_units()
    {
        var random = new RandomNumbers(3, 1);
        double[] normals = [.. Enumerable.Range(0, 200).Select(_ => random.NextNormal())];
        var table = new Table(
            [new Column("huge", ColumnKind.Real), new Column("near", ColumnKind.Real), new Column("tiny", ColumnKind.Real)],
            [
                normals.Select(v => 1e12 * (3 + v)).ToArray(), normals.Select(v => 1e6 + 1e-3 * v).ToArray(),
                normals.Select(v => 1e-12 * v).ToArray(),
            ]);

        using var model = TableVae.Fit(table, Small, Short with { Epochs = 30 });
        var sample = model.Sample(500);

        Assert.InRange(sample.Values("huge").ToArray().Average(), 2.5e12, 3.5e12);
        Assert.InRange(sample.Values("near").ToArray().Average(), 1e6 - 5e-4, 1e6 + 5e-4);
        Assert.InRange(sample.Values("tiny").ToArray().Max(Math.Abs), 1e-12, 1e-11);
        // Units are part of a density: the column that is 10²⁴ times narrower is ln 10²⁴ nats denser.
        var columns = model.Evaluate(table).Bound.Columns.ToDictionary(c => c.Name, c => c.Value);
        Assert.Equal(Math.Log(1e24), columns["tiny"] - columns["huge"], 1.0);
    }

    [Fact]
    public void A_value_beyond_single_precision_is_named()
    {
        double[] values = [1e300, -1e300, 0, 1];
        var error = Assert.Throws<ArgumentException>(() => TableVae.Fit(new Table([new Column("x", ColumnKind.Real)], [values]), Small, Short));

        Assert.Contains("'x'", error.Message, StringComparison.Ordinal);
        Assert.Contains("1E+300", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_outlier_scores_a_finite_number_or_is_named_and_never_NaN()
    {
        var random = new RandomNumbers(3, 1);
        double[] values = [.. Enumerable.Range(0, 100).Select(_ => random.NextNormal())];
        Column[] column = [new("x", ColumnKind.Real)];
        using var model = TableVae.Fit(new Table(column, [values]), Small with { Hidden = [] }, Short);

        var scores = model.ScoreRows(new Table(column, [new[] { 0.0, 1e3, -1e9, 1e15 }]));
        Assert.All(scores, s => Assert.True(double.IsFinite(s.Elbo) && double.IsFinite(s.ImportanceWeighted)));
        Assert.Equal(scores.OrderByDescending(s => s.Elbo), scores);
        Assert.Contains("row 2", Assert.Throws<ArgumentException>(() => model.ScoreRows(new Table(column, [new[] { 0.0, 1e20 }]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cell_that_makes_a_row_unusual_is_named_with_what_it_costs()
    {
        var data = new FactorData(rows: 400, columns: 4, factors: 1, noise: 0.5, seed: 2);
        data.Values[2][17] = FactorData.Mean(2) + 30;
        data.Values[1][17] = double.NaN;
        foreach (var column in data.Values)
            column[20] = double.NaN;
        using var model = TableVae.Fit(data.Table, Small with { Latent = 1 }, Short with { Epochs = 20 });

        var scores = model.ScoreRows(data.Table);

        Assert.Equal(17, Enumerable.Range(0, 400).MinBy(row => scores[row].ImportanceWeighted));
        Assert.Equal("x2", scores[17].MostUnusual!.Name);
        Assert.InRange(scores[17].MostUnusual!.Value, 10, 1e6);
        Assert.Null(scores[20].MostUnusual);
        Assert.All(scores, score => Assert.True(score.Elbo <= score.ImportanceWeighted + 1e-9));
    }

    [Theory]
    [InlineData(2, null, 0.1)]
    [InlineData(2, null, 0.5)]
    [InlineData(3, 1000, 0.5)]
    [InlineData(50, 1, 0.0)]
    [InlineData(50, 7, 0.1)]
    [InlineData(50, 1000, 0.0)]
    public void Tables_of_few_rows_and_batches_of_any_size_train(int rows, int? batch, double holdOut)
    {
        var random = new RandomNumbers(5, (ulong)rows);
        double[] values = [.. Enumerable.Range(0, rows).Select(_ => random.NextNormal())];
        var table = new Table([new Column("x", ColumnKind.Real)], [values]);
        var reports = new List<EpochReport>();

        using var model = TableVae.Fit(table, Small, Short with { Batch = batch, HoldOut = holdOut }, (report, _) =>
        {
            reports.Add(report);
            return true;
        });

        Assert.Equal([1, 2, 3], reports.Select(r => r.Epoch));
        Assert.All(reports, r => Assert.Empty(r.Notices));
        Assert.Equal(rows, model.TrainingRows.Count + model.HeldOutRows.Count);
        Assert.Equal(Enumerable.Range(0, rows), model.TrainingRows.Concat(model.HeldOutRows).Order());
        Assert.InRange(model.Evaluate(table).Bound.Elbo, -10, 5);
    }

    // Every family that a kind of column can be given must draw values that the kind allows, whatever the network says.
    [Theory]
    [InlineData(ColumnKind.Count, LikelihoodKind.LogNormal)]
    [InlineData(ColumnKind.Count, LikelihoodKind.Gaussian)]
    [InlineData(ColumnKind.Count, LikelihoodKind.StudentT)]
    [InlineData(ColumnKind.Count, LikelihoodKind.Poisson)]
    [InlineData(ColumnKind.Count, LikelihoodKind.NegativeBinomial)]
    [InlineData(ColumnKind.Positive, LikelihoodKind.LogNormal)]
    [InlineData(ColumnKind.Positive, LikelihoodKind.Gaussian)]
    [InlineData(ColumnKind.Positive, LikelihoodKind.StudentT)]
    public void Draws_and_points_are_values_of_the_kind_of_their_column(ColumnKind kind, LikelihoodKind family)
    {
        double[] values = [1, 2, 1, 1, 3, 900, 1, 4, 1, 2, double.NaN, double.NaN];
        var table = new Table([new Column("x", kind)], [values]);
        var options = Small with { Likelihoods = new Dictionary<string, LikelihoodKind> { ["x"] = family } };

        using var model = TableVae.Fit(table, options, Short);
        var filled = model.Impute(table, draws: 100);

        // A table refuses values that its kinds do not allow.
        Assert.Equal(2000, model.Sample(2000).RowCount);
        double[] cells = [.. Enumerable.Range(0, 100).Select(draw => filled.Draw(10, "x", draw)!.Value), filled.Point(10, "x")!.Value];
        Assert.Equal(101, new Table([new Column("x", kind)], [cells]).RowCount);
    }

    private static string[] Levels(int count) => [.. Enumerable.Range(0, count).Select(level => $"level {level}")];

    private static double[] Codes(int rows, int levels) => [.. Enumerable.Range(0, rows).Select(row => (double)(row * 7 % 11 % levels))];
}
