using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Tests.Missing;

/// <summary>
/// Two correlated normals, of which the second is missing with the probability Φ(3(y − 0.3)): what is missing given the first, and that it is missing, has a known distribution.
/// </summary>
public sealed class SelectedGaussianTests : IClassFixture<SelectedGaussianTests.Fits>
{
    private readonly Fits _fits;

    public SelectedGaussianTests(Fits fits) => _fits = fits;

    [Fact]
    public void A_model_of_the_holes_finds_what_ignoring_them_cannot()
    {
        var exact = _fits.Missing.Average(m => m.Mean);
        var truth = _fits.Missing.Average(m => m.Truth);
        Assert.Equal(truth, exact, 0.06);
        Assert.Equal(exact, Mean(_fits.Masked), 0.15);
        // Among the known values the high ones lack, so who ignores the holes fills in values that are far too low.
        Assert.True(Mean(_fits.Ignored) < exact - 0.35);

        double Mean(TableImputation filled) => _fits.Missing.Average(m => filled.Point(m.Row, "y")!.Value);
    }

    [Fact]
    public void Intervals_and_draws_are_of_missing_cells_and_not_of_any_cells()
    {
        var covered = _fits.Missing.Count(m => _fits.Masked.Interval(m.Row, "y") is var (lower, upper) && lower <= m.Truth && m.Truth <= upper) / (double)_fits.Missing.Count;
        Assert.InRange(covered, 0.85, 0.94);
        var drawn = _fits.Missing.Average(m => _fits.Masked.Draw(m.Row, "y", 0)!.Value);
        Assert.Equal(_fits.Missing.Average(m => m.Mean), drawn, 0.2);
        double Spread(IEnumerable<double> values) => Math.Sqrt(values.Average(v => v * v) - Math.Pow(values.Average(), 2));
        Assert.Equal(Spread(_fits.Missing.Select(m => m.Truth)), Spread(_fits.Missing.Select(m => _fits.Masked.Draw(m.Row, "y", 0)!.Value)), 0.12);
    }

    [Fact]
    public void Which_end_is_missing_is_learned_where_it_is_not_said() => Assert.True(Slope(_fits.Either) > 0.5);

    private static double Slope(IReadOnlyList<NamedTensor> weights) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(weights.Single(w => w.Name == "mask0.slope").Bytes.Span)[1];

    public sealed class Fits
    {
        private const int Rows = 1500;

        public Fits()
        {
            var random = new RandomNumbers(5, 6);
            double[][] values = [new double[Rows], new double[Rows], new double[Rows]];
            for (var row = 0; row < Rows; row++)
            {
                var (cause, y) = (random.NextNormal(), 0.0);
                values[0][row] = 0.8 * cause + 0.6 * random.NextNormal();
                values[2][row] = 0.8 * cause + 0.6 * random.NextNormal();
                values[1][row] = y = 0.8 * cause + 0.6 * random.NextNormal();
                if (random.NextUniform() < Cdf(3 * (y - 0.3)))
                {
                    Missing.Add((row, y, ExactMean(values[0][row], values[2][row])));
                    values[1][row] = double.NaN;
                }
            }
            var table = new Table([.. new[] { "x", "y", "w" }.Select(n => new Column(n, ColumnKind.Real))], [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
            Masked = Fill(table, Missingness.SelfMasking([new("y", MaskedEnd.High)]));
            Ignored = Fill(table, Missingness.Ignorable);
            Either = Weights(table, Missingness.SelfMasking());
        }

        internal List<(int Row, double Truth, double Mean)> Missing { get; } = [];

        public TableImputation Masked { get; }

        public TableImputation Ignored { get; }

        public IReadOnlyList<NamedTensor> Either { get; }

        private static TableVae Fit(Table table, Missingness missing) => TableVae.Fit(table, new() { Latent = 1, Hidden = [], Missing = missing }, new TrainingOptions
        {
            Epochs = 60,
            Batch = 50,
            LearningRate = 1e-2,
            WarmUp = 0,
            Threads = 1,
        });

        private static TableImputation Fill(Table table, Missingness missing)
        {
            using var model = Fit(table, missing);
            return model.Impute(table, draws: 1, samples: 128, interval: 0.9);
        }

        private static IReadOnlyList<NamedTensor> Weights(Table table, Missingness missing)
        {
            using var model = Fit(table, missing);
            return model.Weights;
        }

        private static double Cdf(double x) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x);

        // y given x and w is N(m, s²), with covariances 0.64 and variances 1; tilted by Φ(a(y − b)) its mean is m + s²a/√(1 + a²s²)·φ(h)/Φ(h) with h = a(m − b)/√(1 + a²s²).
        private static double ExactMean(double x, double w)
        {
            var gain = 0.64 / 1.64;
            var (mean, variance) = (gain * (x + w), 1 - 2 * 0.64 * gain);
            var root = Math.Sqrt(1 + 9 * variance);
            var h = 3 * (mean - 0.3) / root;
            return mean + 3 * variance / root * Math.Exp(-0.5 * h * h) / Math.Sqrt(2 * Math.PI) / Cdf(h);
        }
    }
}
