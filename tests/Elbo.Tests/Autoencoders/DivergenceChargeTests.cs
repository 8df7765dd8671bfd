using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Training;

namespace Elbo.Tests.Autoencoders;

public sealed class DivergenceChargeTests
{
    private const int Data = 6;
    private const int Latent = 2;

    // Of each code of a small data set, all batches that have it: the densities of stratified batches are right in the mean, those of weighted ones have a mean of their own.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    public void Densities_by_batches_have_the_exact_mean_over_all_batches(int batch)
    {
        var codes = new Codes(Data);
        using var stratified = new BatchDensities(batch, Data, AggregateEstimator.Stratified);
        using var weighted = new BatchDensities(batch, Data, AggregateEstimator.Weighted);
        for (var row = 0; row < Data; row++)
        {
            int[][] batches = [.. Subsets(Data, batch).Where(b => b.Contains(row))];
            for (var part = 0; part <= Latent; part++)
            {
                var exact = Enumerable.Range(0, Data).Average(n => codes.Density(row, n, part));
                Assert.Equal(exact, batches.Average(b => stratified.Of(codes, b)[Array.IndexOf(b, row), part]), 1e-5 * exact);
                var others = Enumerable.Range(0, Data).Where(n => n != row).Average(n => codes.Density(row, n, part));
                var expected = (codes.Density(row, row, part) + (batch - 1) * others) / (Data * batch);
                Assert.Equal(expected, batches.Average(b => weighted.Of(codes, b)[Array.IndexOf(b, row), part]), 1e-5 * expected);
            }
        }
    }

    [Fact]
    public void A_batch_of_all_data_gives_the_exact_total_correlation()
    {
        var codes = new Codes(Data);
        double Log(int row, int part) => Math.Log(Enumerable.Range(0, Data).Average(n => codes.Density(row, n, part)));
        var exact = Enumerable.Range(0, Data).Average(row => Log(row, Latent) - Enumerable.Range(0, Latent).Sum(j => Log(row, j)));
        Assert.Equal(exact, TotalCorrelation(codes, Data, Data), 1e-5);
        // Rows that fill a batch up do not count.
        Assert.Equal(exact, TotalCorrelation(codes, Data + 3, Data), 1e-5);
    }

    [Fact]
    public void A_batch_of_one_row_is_no_reason_to_stop()
    {
        using var densities = new BatchDensities(3, 1000, AggregateEstimator.Stratified, present: 1);
        Assert.True(double.IsFinite(densities.Of(new Codes(3), [0, 1, 2])[0, Latent]));
    }

    [Theory]
    [InlineData("total correlation")]
    [InlineData("weighted")]
    [InlineData("density ratio")]
    [InlineData("means")]
    [InlineData("codes")]
    public void Gradients_of_charges_are_those_of_finite_differences(string charge)
    {
        const int rows = 5;
        DivergenceBudget budget = charge switch
        {
            "total correlation" => DivergenceBudget.TotalCorrelation(6),
            "weighted" => DivergenceBudget.TotalCorrelation(6, AggregateEstimator.Weighted),
            "density ratio" => DivergenceBudget.DensityRatio(4, [8]),
            "means" => DivergenceBudget.Covariance(2, 3),
            _ => DivergenceBudget.Covariance(2, 3, CovarianceOf.Codes),
        };
        var (mean, logVariance, noise) = (Tensor.Input("mean", [1, rows, Latent]), Tensor.Input("logVariance", [1, rows, Latent]), Graph.Normals(rows * Latent, 3));
        using var state = budget.Begin(Latent, 5);
        var terms = Terms(mean, logVariance, mean + TensorMath.Exp(0.5 * logVariance) * Tensor.FromArray([.. noise.Select(n => (double)n)], [1, rows, Latent]), rows, 40, state, rows);
        var cost = budget.Of(terms);
        var gradients = Gradient.Of(cost, mean, logVariance);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([cost, .. gradients]);
        float[][] at = [Graph.Normals(rows * Latent, 1), Graph.Normals(rows * Latent, 2)];
        double Run()
        {
            at[0].CopyTo(function.Input<float>(mean));
            at[1].CopyTo(function.Input<float>(logVariance));
            function.Run();
            return function.Scalar(cost);
        }

        Run();
        float[][] found = [.. gradients.Select(g => function.Output<float>(g).ToArray())];
        const float step = 0.01f;
        for (var i = 0; i < 2 * rows * Latent; i++)
        {
            var (part, place) = (at[i % 2], i / 2);
            var before = part[place];
            part[place] = before + step;
            var up = Run();
            part[place] = before - step;
            var slope = (up - Run()) / (2 * step);
            part[place] = before;
            Assert.Equal(slope, found[i % 2][place], 0.01 + 0.01 * Math.Abs(slope));
        }
    }

    [Fact]
    public void Covariances_are_charged_by_their_distance_from_those_of_the_prior()
    {
        const int rows = 4;
        // Means in the corners of a slanted square, and variances of 0.5 and 2: covariance [[1, 0.5], [0.5, 1.25]] of the means.
        float[] means = [1, 1.5f, 1, -0.5f, -1, 0.5f, -1, -1.5f];
        float[] logVariances = [.. Enumerable.Range(0, rows).SelectMany(_ => new[] { MathF.Log(0.5f), MathF.Log(2) })];
        var (mean, logVariance) = (Tensor.Input("mean", [1, rows, Latent]), Tensor.Input("logVariance", [1, rows, Latent]));
        var terms = Terms(mean, logVariance, mean, rows, rows, null, rows);
        var (ofMeans, ofCodes) = (new CovarianceBudget(3, 7, CovarianceOf.Means), new CovarianceBudget(3, 7, CovarianceOf.Codes));
        var divergence = GaussianDivergence.ToStandardNormal(mean, logVariance).Sum() / rows;
        var results = Graph.Run([ofMeans.Of(terms) - divergence, ofCodes.Of(terms) - divergence], (mean, means), (logVariance, logVariances));
        Assert.Equal(3 * 2 * 0.25 + 7 * (0 + 0.25 * 0.25), results[0][0], 1e-5);
        Assert.Equal(3 * 2 * 0.25 + 7 * (0.5 * 0.5 + 2.25 * 2.25), results[1][0], 1e-4);
    }

    // KL(N(0, [[1, ρ], [ρ, 1]])‖N(0, I)) = −½ ln(1 − ρ²).
    [Fact]
    public void The_density_ratio_finds_the_total_correlation_of_a_normal()
    {
        const int rows = 256;
        const double correlation = 0.9;
        var (z, isAccepted) = (Tensor.Input("z", [1, rows, Latent]), Tensor.Input("accept", [], DType.Int32));
        using var ratio = new DensityRatio(Latent, [32, 32], 4e-3, new(3, 1));
        var terms = Terms(z, Tensor.Full([1, rows, Latent], 0), z, rows, rows, ratio, rows);
        var estimate = ratio.TotalCorrelation(terms);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([estimate], [.. ratio.Updates(terms, isAccepted.EqualTo(1.0))]);
        function.Input<int>(isAccepted)[0] = 1;
        var random = new RandomNumbers(7, 1);
        var (sum, counted) = (0.0, 0);
        for (var step = 0; step < 1500; step++)
        {
            var values = function.Input<float>(z);
            for (var i = 0; i < rows; i++)
            {
                var first = random.NextNormal();
                (values[2 * i], values[2 * i + 1]) = ((float)first, (float)(correlation * first + Math.Sqrt(1 - correlation * correlation) * random.NextNormal()));
            }
            function.Run();
            if (step >= 1000)
                (sum, counted) = (sum + function.Scalar(estimate), counted + 1);
        }
        Assert.Equal(-0.5 * Math.Log(1 - correlation * correlation), sum / counted, 0.12);
    }

    [Fact]
    public void Exchanged_codes_have_numbers_of_different_rows_and_count_where_these_do()
    {
        var (codes, weights) = (Tensor.Input("codes", [6, 3]), Tensor.Input("weights", [6, 1]));
        var (exchanged, counts) = DensityRatio.Exchanged(codes, weights);
        var results = Graph.Run([exchanged, counts], (codes, [.. Enumerable.Range(0, 18).Select(i => (float)(i / 3))]), (weights, [1, 1, 1, 1, 1, 0]));
        for (var row = 0; row < 6; row++)
        {
            var from = results[0][(3 * row)..(3 * row + 3)];
            Assert.Equal(3, from.Distinct().Count());
            Assert.Equal(from.Contains(5) ? 0 : 1, results[1][row]);
        }
        // Each number is used once.
        for (var j = 0; j < 3; j++)
            Assert.Equal([0, 1, 2, 3, 4, 5], Enumerable.Range(0, 6).Select(row => results[0][3 * row + j]).Order());
    }

    [Fact]
    public void A_weight_of_one_is_the_bound_itself()
    {
        var images = SmallImages.Of(60);
        var options = new VaeOptions { Latent = 3, Architecture = Architecture.FullyConnected([8]) };
        var training = Vae.ForImages with { Epochs = 2, Batch = 20, Threads = 1 };
        using var plain = Vae.Fit(images, options, training);
        using var charged = Vae.Fit(images, options, training with { Budget = DivergenceBudget.TotalCorrelation(1) });
        Assert.Equal(plain.Evaluate(images, 16).Bound.Elbo, charged.Evaluate(images, 16).Bound.Elbo, 1e-4);
        Assert.Null((training with { Budget = DivergenceBudget.TotalCorrelation(1) }).Weighted);
        Assert.Null(training.Weighted);
    }

    // A model judged by the bound would be that of an early epoch.
    [Fact]
    public void Where_no_bound_is_maximised_the_last_epoch_is_the_model_and_the_options_say_so()
    {
        var images = SmallImages.Of(60);
        var options = new VaeOptions { Latent = 3, Architecture = Architecture.FullyConnected([8]) };
        foreach (var (word, training) in new (string, TrainingOptions)[]
        {
            ("4 of the divergence", Vae.ForImages with { Objective = Objective.Tempered(4) }),
            ("6 times the total correlation", Vae.ForImages with { Budget = DivergenceBudget.TotalCorrelation(6) }),
            ("density ratio", Vae.ForImages with { Budget = DivergenceBudget.DensityRatio(10, [8]) }),
            ("covariances of codes", Vae.ForImages with { Budget = DivergenceBudget.Covariance(5, of: CovarianceOf.Codes) }),
            ("beside 2", Vae.ForImages with { Budget = DivergenceBudget.Capacity(2) }),
        })
        {
            using var model = Vae.Fit(images, options, training with { Epochs = 3, Batch = 20, Threads = 1 });
            Assert.Equal(3, model.TrainingState!.BestEpoch);
            Assert.Contains(word, training.Weighted, StringComparison.Ordinal);
            Assert.Contains("plain", training.Weighted, StringComparison.Ordinal);
        }
    }

    // Codes that are drawn together pay for it: with a charge on total correlation there is less of it than without.
    [Fact]
    public void A_charge_on_total_correlation_lowers_it()
    {
        var images = SmallImages.Of(400);
        var options = new VaeOptions { Latent = 4, Architecture = Architecture.FullyConnected([32], Activation.Silu) };
        var training = Vae.ForImages with { Epochs = 60, Batch = 50, LearningRate = 5e-3, Threads = 1, Patience = 100 };
        double Correlation(DivergenceBudget budget)
        {
            using var model = Vae.Fit(images, options, training with { Budget = budget });
            return Elbo.Diagnostics.AggregateSplit.OfModel(model, images, new() { Threads = 1 }).TotalCorrelation.Value;
        }
        var plain = Correlation(DivergenceBudget.None);
        Assert.True(plain > 0.1, $"{plain}");
        Assert.InRange(Correlation(DivergenceBudget.TotalCorrelation(10)), -0.05, 0.7 * plain);
    }

    [Fact]
    public void Charges_are_refused_where_they_have_no_meaning()
    {
        var images = SmallImages.Of(40);
        var options = new VaeOptions { Latent = 2, Architecture = Architecture.FullyConnected([8]) };
        var training = Vae.ForImages with { Epochs = 1, Batch = 20, Threads = 1 };
        void Refused(string word, VaeOptions of, DivergenceBudget budget) =>
            Assert.Contains(word, Assert.ThrowsAny<ArgumentException>(() => Vae.Fit(images, of, training with { Budget = budget })).Message, StringComparison.Ordinal);
        Refused("CodePosterior.Diagonal", options with { Posterior = CodePosterior.Flow(1, 4) }, DivergenceBudget.TotalCorrelation(6));
        Refused("CodePosterior.Diagonal", options with { Posterior = CodePosterior.FullCovariance }, DivergenceBudget.Covariance(6));
        Refused("One latent number", options with { Latent = 1 }, DivergenceBudget.DensityRatio(6));
        Refused("above 0", options, DivergenceBudget.TotalCorrelation(-1));
        Refused("above 0", options, DivergenceBudget.DensityRatio(1, [0]));
        Refused("at least 0", options, DivergenceBudget.Covariance(1, double.NaN));
        using var flow = Vae.Fit(images, options with { Posterior = CodePosterior.Flow(1, 4) }, training with { Budget = DivergenceBudget.DensityRatio(6, [4]) });
        Assert.Equal(1, flow.TrainingState!.Epoch);
    }

    private static RowTerms Terms(Tensor mean, Tensor logVariance, Tensor z, int rows, int present, BudgetState? state, int dataRows)
    {
        var nothing = Tensor.Full([1, rows], 0);
        var code = new CodeDraw(z, nothing.Reshape([1, rows, 1]), nothing, nothing, GaussianDivergence.ToStandardNormal(mean, logVariance), mean, logVariance);
        return new(nothing, code, Tensor.FromArray([.. Enumerable.Range(0, rows).Select(i => i < present ? 1.0 : 0)], [1, rows]), Tensor.Scalar(1))
        {
            GuideVariables = [],
            ModelVariables = [],
            BudgetState = state,
            DataRows = dataRows,
        };
    }

    private static double TotalCorrelation(Codes codes, int batch, int present)
    {
        var (mean, logVariance, z) = (Tensor.Input("mean", [1, batch, Latent]), Tensor.Input("logVariance", [1, batch, Latent]), Tensor.Input("z", [1, batch, Latent]));
        var estimate = AggregateDensity.TotalCorrelation(Terms(mean, logVariance, z, batch, present, null, Data), AggregateEstimator.Stratified);
        float[] Filled(float[] values) => [.. values, .. new float[(batch - Data) * Latent]];
        return Graph.Run([estimate], (mean, Filled(codes.Means)), (logVariance, Filled(codes.LogVariances)), (z, Filled(codes.Z)))[0][0];
    }

    private static IEnumerable<int[]> Subsets(int of, int size) =>
        Enumerable.Range(0, 1 << of).Where(bits => System.Numerics.BitOperations.PopCount((uint)bits) == size).Select(bits => Enumerable.Range(0, of).Where(i => (bits >> i & 1) == 1).ToArray());

    // Normals of some rows, and a code drawn from each.
    private sealed class Codes(int rows)
    {
        public float[] Means { get; } = Graph.Normals(rows * Latent, 11);

        public float[] LogVariances { get; } = [.. Graph.Normals(rows * Latent, 12).Select(v => 0.5f * v - 1)];

        public float[] Z => [.. Means.Select((m, i) => m + MathF.Exp(0.5f * LogVariances[i]) * _noise[i])];

        private readonly float[] _noise = Graph.Normals(rows * Latent, 13);

        // q of the code of a row under another row: of one number, or of all.
        public double Density(int row, int under, int part) => part < Latent ? One(row, under, part) : Enumerable.Range(0, Latent).Aggregate(1.0, (product, j) => product * One(row, under, j));

        private double One(int row, int under, int j)
        {
            var (off, variance) = ((double)Z[row * Latent + j] - Means[under * Latent + j], Math.Exp(LogVariances[under * Latent + j]));
            return Math.Exp(-0.5 * off * off / variance) / Math.Sqrt(2 * Math.PI * variance);
        }
    }

    // Densities of the codes of a batch, [row of the batch, latent number or all].
    private sealed class BatchDensities : IDisposable
    {
        private readonly Cpu _cpu = new(1);
        private readonly CompiledFunction _function;
        private readonly Tensor _mean;
        private readonly Tensor _logVariance;
        private readonly Tensor _z;
        private readonly Tensor _joint;
        private readonly Tensor _marginals;

        public BatchDensities(int batch, int data, AggregateEstimator estimator, int? present = null)
        {
            (_mean, _logVariance, _z) = (Tensor.Input("mean", [1, batch, Latent]), Tensor.Input("logVariance", [1, batch, Latent]), Tensor.Input("z", [1, batch, Latent]));
            var terms = Terms(_mean, _logVariance, _z, batch, present ?? batch, null, data);
            (_joint, _marginals) = AggregateDensity.LogDensities(terms.Code, terms.RowWeights, data, estimator);
            _function = _cpu.Compile([_joint, _marginals]);
        }

        public double[,] Of(Codes codes, int[] batch)
        {
            foreach (var (input, all) in new[] { (_mean, codes.Means), (_logVariance, codes.LogVariances), (_z, codes.Z) })
            {
                for (var i = 0; i < batch.Length * Latent; i++)
                    _function.Input<float>(input)[i] = all[batch[i / Latent] * Latent + i % Latent];
            }
            _function.Run();
            var densities = new double[batch.Length, Latent + 1];
            for (var i = 0; i < batch.Length; i++)
            {
                densities[i, Latent] = Math.Exp(_function.Output<float>(_joint)[i]);
                for (var j = 0; j < Latent; j++)
                    densities[i, j] = Math.Exp(_function.Output<float>(_marginals)[i * Latent + j]);
            }
            return densities;
        }

        public void Dispose()
        {
            _function.Dispose();
            _cpu.Dispose();
        }
    }
}
