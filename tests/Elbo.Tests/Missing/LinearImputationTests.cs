using Elbo.Models;
using Elbo.Objectives;
using Elbo.Tables;
using Elbo.Tests.Models;
using Elbo.Training;

namespace Elbo.Tests.Missing;

/// <summary>
/// A linear model of Gaussian columns (probabilistic PCA with a noise for each column; Tipping and Bishop, 1999) with holes, trained by the importance-weighted bound: by its own weights its evidence, its
/// conditional means and its intervals are closed forms.
/// </summary>
public sealed class LinearImputationTests : IClassFixture<LinearImputationTests.Fitted>
{
    private readonly Fitted _fitted;

    public LinearImputationTests(Fitted fitted) => _fitted = fitted;

    [Fact]
    public void The_bound_of_a_row_with_holes_is_the_evidence_of_its_known_cells()
    {
        var scores = _fitted.Model.ScoreRows(_fitted.Holed, samples: 4096);
        double[] gaps = [.. scores.Select((score, row) => _fitted.Evidence(row) - score.ImportanceWeighted)];
        Assert.All(scores, score => Assert.True(score.Elbo <= score.ImportanceWeighted));
        Assert.InRange(gaps.Average(), -0.02, 0.04);
        Assert.InRange(Math.Sqrt(gaps.Average(g => g * g)), 0, 0.12);
        // Rows differ by far more than that.
        Assert.True(scores.Max(s => s.ImportanceWeighted) - scores.Min(s => s.ImportanceWeighted) > 5);
    }

    [Fact]
    public void Fills_are_conditional_means_and_intervals_have_their_ends_where_the_normal_has_them()
    {
        const double end = 1.6448536269514722;
        var filled = _fitted.Model.Impute(_fitted.Holed, samples: 4096, interval: 0.9);
        Assert.Equal(0.9, filled.IntervalLevel);
        Assert.True(_fitted.Cells.Count > 60);
        // In standard deviations of the exact conditional distribution.
        Agree(c => (filled.Point(c.Row, c.Column)!.Value - c.Mean) / c.Deviation, 0.02, 0.12);
        Agree(c => (filled.Interval(c.Row, c.Column)!.Value.Lower - c.Mean) / c.Deviation + end, 0.05, 0.25);
        Agree(c => (filled.Interval(c.Row, c.Column)!.Value.Upper - c.Mean) / c.Deviation - end, 0.05, 0.25);

        void Agree(Func<(int Row, string Column, double Mean, double Deviation), double> difference, double mean, double root)
        {
            double[] all = [.. _fitted.Cells.Select(difference)];
            Assert.InRange(all.Average(), -mean, mean);
            Assert.InRange(Math.Sqrt(all.Average(d => d * d)), 0, root);
        }
    }

    [Fact]
    public void Intervals_change_no_fill_and_no_draw()
    {
        var (with, without) = (_fitted.Model.Impute(_fitted.Holed, draws: 2, samples: 32, interval: 0.5), _fitted.Model.Impute(_fitted.Holed, draws: 2, samples: 32));
        foreach (var (row, column) in with.Cells)
        {
            Assert.Equal(without.Point(row, column), with.Point(row, column));
            Assert.Equal(without.Draw(row, column, 1), with.Draw(row, column, 1));
            Assert.Null(without.Interval(row, column));
            Assert.Null(with.Probabilities(row, column));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => _fitted.Model.Impute(_fitted.Holed, interval: 90));
    }

    public sealed class Fitted : IDisposable
    {
        public const int Looked = 60;

        public Fitted()
        {
            var data = new FactorData(rows: 600, columns: 6, factors: 2, noise: 0.6, seed: 21);
            var table = data.WithHoles(0.25, seed: 22);
            Model = TableVae.Fit(table, new() { Latent = 2, Hidden = [] }, new TrainingOptions { Epochs = 60, Batch = 64, LearningRate = 1e-2, Threads = 1, Objective = Objective.ImportanceWeighted(8) });
            Linear = new(Model);
            Holed = table.SelectRows([.. Enumerable.Range(0, Looked)]);
            for (var row = 0; row < Looked; row++)
            {
                var (known, missing) = Split(row);
                if (missing.Length == 0)
                    continue;
                var (mean, covariance) = DenseGaussian.Conditional(Linear.Means, Linear.Covariance, missing, known, Row(row));
                for (var i = 0; i < missing.Length; i++)
                    Cells.Add((row, $"x{missing[i]}", mean[i], Math.Sqrt(covariance[i, i])));
            }
        }

        public TableVae Model { get; }

        public Table Holed { get; }

        internal LinearTableModel Linear { get; }

        internal List<(int Row, string Column, double Mean, double Deviation)> Cells { get; } = [];

        /// <summary>ln p of the known cells alone: a normal of fewer dimensions.</summary>
        public double Evidence(int row)
        {
            var (known, _) = Split(row);
            var covariance = new double[known.Length, known.Length];
            for (var i = 0; i < covariance.Length; i++)
                covariance[i / known.Length, i % known.Length] = Linear.Covariance[known[i / known.Length], known[i % known.Length]];
            return new DenseGaussian([.. known.Select(c => Linear.Means[c])], covariance).LogDensity([.. known.Select(c => Row(row)[c])]);
        }

        private double[] Row(int row) => [.. Holed.Columns.Select((_, c) => Holed.Values(c)[row])];

        private (int[] Known, int[] Missing) Split(int row)
        {
            var values = Row(row);
            int[] missing = [.. Enumerable.Range(0, values.Length).Where(c => double.IsNaN(values[c]))];
            return ([.. Enumerable.Range(0, values.Length).Except(missing)], missing);
        }

        public void Dispose() => Model.Dispose();
    }
}
