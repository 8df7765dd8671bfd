using Elbo.Models;
using Elbo.Tables;
using Elbo.Tests.Training;
using Elbo.Training;

namespace Elbo.Tests.Models;

/// <summary>Filling holes of factor data, where E[x_missing|x_observed] and its covariance are known.</summary>
public sealed class ImputationTests : IClassFixture<ImputationTests.Holes>
{
    private readonly Holes _holes;

    public ImputationTests(Holes holes) => _holes = holes;

    [Fact]
    public void Points_come_close_to_the_conditional_mean()
    {
        var (model, oracle, difference, count) = (0.0, 0.0, 0.0, 0);
        foreach (var cell in _holes.Cells)
        {
            var point = _holes.Filled.Point(cell.Row, cell.Name)!.Value;
            model += Math.Pow(point - cell.Truth, 2);
            oracle += Math.Pow(cell.Mean - cell.Truth, 2);
            difference += point - cell.Mean;
            count++;
        }
        Assert.InRange(count, 3000, 6000);
        Assert.Equal(count, _holes.Filled.Count);
        Assert.InRange(model / oracle, 0.98, 1.1);
        Assert.InRange(difference / count, -0.05, 0.05);
    }

    // Standardised by the exact conditional moments, the average draw of a cell and the spread of its draws.
    [Fact]
    public void Draws_have_the_conditional_mean_and_spread()
    {
        var (shift, ratio, count) = (0.0, 0.0, 0);
        foreach (var cell in _holes.Cells)
        {
            double[] draws = [.. Enumerable.Range(0, Holes.Draws).Select(d => _holes.Filled.Draw(cell.Row, cell.Name, d)!.Value)];
            var mean = draws.Average();
            shift += (mean - cell.Mean) / cell.Deviation;
            ratio += draws.Sum(d => (d - mean) * (d - mean)) / (Holes.Draws - 1) / (cell.Deviation * cell.Deviation);
            count++;
        }
        Assert.InRange(shift / count, -0.05, 0.05);
        Assert.InRange(ratio / count, 0.9, 1.1);
    }

    [Fact]
    public void Intervals_of_draws_cover_the_truth_as_often_as_they_say()
    {
        var (covered, count) = (0, 0);
        foreach (var cell in _holes.Cells)
        {
            double[] draws = [.. Enumerable.Range(0, Holes.Draws).Select(d => _holes.Filled.Draw(cell.Row, cell.Name, d)!.Value).Order()];
            // Of 50 draws and the truth, exchangeable, the truth lies between the 3rd and the 48th in 45 of 51 cases: 0.882.
            covered += draws[2] <= cell.Truth && cell.Truth <= draws[^3] ? 1 : 0;
            count++;
        }
        Assert.InRange(covered / (double)count, 0.85, 0.92);
    }

    [Fact]
    public void Cells_of_a_draw_belong_together()
    {
        // Two missing cells of a row: the covariance of their draws is that of the conditional distribution, not 0.
        var (drawn, exact) = (0.0, 0.0);
        foreach (var (a, b, covariance) in _holes.Pairs)
        {
            double[] x = [.. Enumerable.Range(0, Holes.Draws).Select(d => _holes.Filled.Draw(a.Row, a.Name, d)!.Value)];
            double[] y = [.. Enumerable.Range(0, Holes.Draws).Select(d => _holes.Filled.Draw(b.Row, b.Name, d)!.Value)];
            var (meanX, meanY) = (x.Average(), y.Average());
            var sign = Math.Sign(covariance) / (a.Deviation * b.Deviation);
            drawn += sign * x.Zip(y, (u, v) => (u - meanX) * (v - meanY)).Sum() / (Holes.Draws - 1);
            exact += sign * covariance;
        }
        Assert.InRange(drawn / exact, 0.8, 1.2);
    }

    [Fact]
    public void The_same_model_draws_the_same_and_observed_cells_get_nothing()
    {
        var table = _holes.Table.SelectRows([.. Enumerable.Range(0, 70)]);
        var (a, b) = (_holes.Model.Impute(table, draws: 3), _holes.Model.Impute(table, draws: 3));
        Assert.Equal(3, a.Draws);
        for (var row = 0; row < table.RowCount; row++)
        {
            foreach (var column in table.Columns)
            {
                var isMissing = double.IsNaN(table.Values(column.Name)[row]);
                Assert.Equal(isMissing, a.Point(row, column.Name) is not null);
                Assert.Equal(isMissing, a.Draw(row, column.Name, 2) is not null);
                Assert.Equal(a.Point(row, column.Name), b.Point(row, column.Name));
                Assert.Equal(a.Draw(row, column.Name, 2), b.Draw(row, column.Name, 2));
                if (isMissing)
                    Assert.NotEqual(a.Draw(row, column.Name, 0), a.Draw(row, column.Name, 1));
            }
        }
        var other = _holes.Model.Impute(table, draws: 3, seed: 77);
        var first = _holes.Cells[0];
        Assert.NotEqual(a.Draw(first.Row, first.Name, 0), other.Draw(first.Row, first.Name, 0));
        Assert.Equal(a.Point(first.Row, first.Name)!.Value, other.Point(first.Row, first.Name)!.Value, 0.3 * first.Deviation);
        Assert.Null(a.Point(0, "no such column"));
    }

    [Fact]
    public void Imputed_levels_and_counts_are_levels_and_counts()
    {
        var table = MixedTable.Of(200);
        using var model = TableVae.Fit(table, new() { Latent = 2, Hidden = [16] }, new() { Epochs = 5, Threads = 1 });
        var filled = model.Impute(table, draws: 2);
        double[][] points = [.. table.Columns.Select(c => Enumerable.Range(0, 200).Select(row => filled.Point(row, c.Name) ?? double.NaN).ToArray())];
        double[][] draws = [.. table.Columns.Select(c => Enumerable.Range(0, 200).Select(row => filled.Draw(row, c.Name, 1) ?? double.NaN).ToArray())];
        // A table refuses what its columns do not allow.
        Assert.Equal(200, new Table(table.Columns, [.. points.Select(p => (ReadOnlyMemory<double>)p)]).RowCount);
        Assert.Equal(200, new Table(table.Columns, [.. draws.Select(p => (ReadOnlyMemory<double>)p)]).RowCount);
    }

    internal sealed record MissingCell(int Row, string Name, double Truth, double Mean, double Deviation);

    /// <summary>A model of factor data with holes, its imputations, and the exact answers.</summary>
    public sealed class Holes : IDisposable
    {
        public const int Draws = 50;

        public Holes()
        {
            var data = new FactorData(rows: 2000, columns: 8, factors: 2, noise: 0.5, seed: 11);
            Table = data.WithHoles(0.3, seed: 12);
            Model = TableVae.Fit(Table, new() { Latent = 2, Hidden = [32] }, new TrainingOptions
            {
                Epochs = 150,
                Batch = 100,
                LearningRate = 3e-3,
                Threads = 2,
            });
            Filled = Model.Impute(Table, Draws);
            double[] means = [.. Enumerable.Range(0, data.Columns).Select(FactorData.Mean)];
            for (var row = 0; row < data.Rows; row++)
            {
                int[] missing = [.. Enumerable.Range(0, data.Columns).Where(c => double.IsNaN(Table.Values(c)[row]))];
                if (missing.Length == 0)
                    continue;
                int[] known = [.. Enumerable.Range(0, data.Columns).Except(missing)];
                var (mean, covariance) = DenseGaussian.Conditional(means, data.Covariance, missing, known, data.Row(row));
                MissingCell[] cells = [.. missing.Select((c, i) => new MissingCell(row, $"x{c}", data.Values[c][row], mean[i], Math.Sqrt(covariance[i, i])))];
                Cells.AddRange(cells);
                if (missing.Length > 1)
                    Pairs.Add((cells[0], cells[1], covariance[0, 1]));
            }
        }

        public Table Table { get; }

        public TableVae Model { get; }

        public TableImputation Filled { get; }

        internal List<MissingCell> Cells { get; } = [];

        internal List<(MissingCell A, MissingCell B, double Covariance)> Pairs { get; } = [];

        public void Dispose() => Model.Dispose();
    }
}
