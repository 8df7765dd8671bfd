using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Objectives;

namespace Elbo.Tests.Autoencoders;

public sealed class RowObjectiveTests
{
    private const int Rows = 8;
    private const int Latent = 2;
    private const int Repetitions = 3000;

    // Gradients by different estimators of one bound are equal in the mean; those of the model even draw by draw.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 0)]
    [InlineData(4, 0.5)]
    public void Doubly_reparameterised_gradients_have_the_mean_of_the_plain_ones(int particles, double alpha)
    {
        using var model = new SmallModel(CodePosterior.Diagonal, CodePrior.StandardNormal);
        var plain = model.Gradients(Objective.Renyi(alpha, particles, isDoublyReparameterised: false));
        var doubly = model.Gradients(Objective.Renyi(alpha, particles));
        AssertSameMean(plain.ByGuide, doubly.ByGuide);
        Assert.Equal(plain.ByModel, doubly.ByModel, (a, b) => a.Zip(b).All(p => Math.Abs(p.First - p.Second) < 1e-4));
        if (particles > 1)
            Assert.True(Spread(doubly.ByGuide) < Spread(plain.ByGuide), $"The spread was {Spread(doubly.ByGuide)} and not below {Spread(plain.ByGuide)}.");
    }

    [Fact]
    public void Gradients_along_the_path_have_the_mean_of_those_of_the_ELBO()
    {
        using var model = new SmallModel(CodePosterior.FullCovariance, CodePrior.Mixture(3));
        AssertSameMean(model.Gradients(Objective.Elbo).ByGuide, model.Gradients(Objective.PathDerivative).ByGuide);
    }

    // By the same draws, each term of the logarithm of a mean is at least the mean of the logarithms.
    [Fact]
    public void More_particles_make_a_tighter_bound()
    {
        using var model = new SmallModel(CodePosterior.Diagonal, CodePrior.StandardNormal);
        var values = new[] { 1, 2, 8, 64 }.Select(k => model.Gradients(Objective.ImportanceWeighted(k)).Values.Average()).ToArray();
        Assert.True(values.SequenceEqual(values.Order()), string.Join(" ", values));
    }

    [Fact]
    public void Flows_and_priors_made_of_the_encoder_have_the_plain_gradient()
    {
        foreach (var (posterior, prior) in new[] { (CodePosterior.Flow(1, 8), CodePrior.StandardNormal), (CodePosterior.Diagonal, CodePrior.Vamp(3)) })
        {
            using var model = new SmallModel(posterior, prior);
            var (plain, doubly) = (model.Gradients(Objective.ImportanceWeighted(3, isDoublyReparameterised: false), 2), model.Gradients(Objective.ImportanceWeighted(3), 2));
            Assert.Equal(plain.ByGuide, doubly.ByGuide);
        }
    }

    [Fact]
    public void Free_bits_take_away_the_price_of_what_is_below_them_and_capacity_draws_to_it()
    {
        var terms = Tensor.Input("terms", [3]);
        var free = DivergenceBudget.FreeBits(0.5).Of(terms, Tensor.Scalar(1));
        var capacity = DivergenceBudget.Capacity(4, 10, 5).Of(terms, Tensor.Scalar(0.5));
        var results = Graph.Run([free, Gradient.Of(free, terms)[0], capacity, Gradient.Of(capacity, terms)[0]], (terms, [0.1f, 0.6f, 2]));
        Assert.Equal(0.5 + 0.6 + 2, results[0][0], 1e-6);
        Assert.Equal([0, 1, 1], results[1]);
        Assert.Equal(10 * Math.Abs(2.7 - 2), results[2][0], 1e-5);
        Assert.Equal([10, 10, 10], results[3]);
    }

    [Fact]
    public void An_objective_that_is_no_sum_takes_no_budget()
    {
        using var model = new SmallModel(CodePosterior.Diagonal, CodePrior.StandardNormal);
        Assert.Contains("Objective.Elbo", Assert.Throws<ArgumentException>(() => model.Gradients(Objective.ImportanceWeighted(3), 1, DivergenceBudget.FreeBits(1))).Message, StringComparison.Ordinal);
        Assert.Contains("not for autoencoders", Assert.Throws<ArgumentException>(() => model.Gradients(Objective.NaturalGradient, 1)).Message, StringComparison.Ordinal);
    }

    private static void AssertSameMean(float[][] one, float[][] other)
    {
        for (var i = 0; i < one[0].Length; i++)
        {
            double[] differences = [.. one.Zip(other, (a, b) => (double)a[i] - b[i])];
            var mean = differences.Average();
            var error = Math.Sqrt(differences.Average(d => (d - mean) * (d - mean)) / differences.Length);
            Assert.InRange(mean, -5 * error - 1e-5, 5 * error + 1e-5);
        }
    }

    private static double Spread(float[][] gradients) => Enumerable.Range(0, gradients[0].Length).Sum(i =>
    {
        var mean = gradients.Average(g => g[i]);
        return gradients.Average(g => (g[i] - mean) * (g[i] - mean));
    });

    private sealed class SmallModel : IDisposable
    {
        private readonly Cpu _cpu = new(1);
        private readonly PixelObservation _observation = new(new(1, 5, 1), PixelLikelihood.Bernoulli);
        private readonly EncoderDecoder _network;

        public SmallModel(CodePosterior posterior, CodePrior prior)
        {
            var setting = new LatentSetting(new(1, 5, 1), 5, 5, new(3, 1));
            _network = new(setting, Latent, Architecture.FullyConnected([4]), posterior, prior, 1);
        }

        public (double[] Values, float[][] ByGuide, float[][] ByModel) Gradients(Objective objective, int repetitions = Repetitions, DivergenceBudget? budget = null)
        {
            var (values, seed, step) = (Tensor.Input("values", [Rows, 5]), Tensor.Input("seed", [2], DType.Int32), Tensor.Input("step", [], DType.Int32));
            var noise = new RandomSource(seed, step).Normal([objective.DrawsOfRow, Rows, Latent], 1);
            var code = _network.Infer(_observation.Features(values, null), noise);
            var terms = new RowTerms(_observation.LogDensity(code.Parameters, values, null).Sum(2), code, Tensor.Full([1, Rows], 1), Tensor.Scalar(1))
            {
                GuideVariables = _network.EncoderVariables,
                ModelVariables = _network.DecoderVariables,
                Budget = budget ?? DivergenceBudget.None,
            };
            var estimate = objective.OfRows(terms);
            using var function = _cpu.Compile([estimate.Value, .. estimate.Gradients]);
            var random = new RandomNumbers(5, 1);
            foreach (ref var value in function.Input<float>(values))
                value = random.NextUniform() < 0.5 ? 1 : 0;
            var guides = _network.EncoderVariables.Count;
            var (all, byGuide, byModel) = (new double[repetitions], new float[repetitions][], new float[repetitions][]);
            for (var i = 0; i < repetitions; i++)
            {
                function.Input<int>(step)[0] = i;
                function.Run();
                all[i] = function.Scalar(estimate.Value);
                byGuide[i] = [.. estimate.Gradients.Take(guides).SelectMany(g => function.Output<float>(g).ToArray())];
                byModel[i] = [.. estimate.Gradients.Skip(guides).SelectMany(g => function.Output<float>(g).ToArray())];
            }
            return (all, byGuide, byModel);
        }

        public void Dispose()
        {
            foreach (var variable in _network.Variables)
                variable.Dispose();
            _cpu.Dispose();
        }
    }
}
