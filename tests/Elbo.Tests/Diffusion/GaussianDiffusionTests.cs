using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Networks;

namespace Elbo.Tests.Diffusion;

/// <summary>Diffusion models of normal data, where every term of the bound has a closed form.</summary>
public class GaussianDiffusionTests
{
    private const double Mean = 0.7;
    private const double Deviation = 0.5;

    // With α² + σ² = 1 and the posterior mean of x, E‖ε − ε̂‖² of a number is (α²/σ²)·Var[x|z] = α²s²/(α²s² + σ²).
    private static double SquaredError(NoiseLevel level)
    {
        var signal = level.Signal * level.Signal * Deviation * Deviation;
        return signal / (signal + level.Variance);
    }

    private static double Term(NoiseChain chain, int t) => t == 1
        // −E ln N(x; x̂(z₁), e^γ) with E(x − x̂)² = s²e^γ/(s² + e^γ).
        ? 0.5 * (Math.Log(2 * Math.PI) + chain[1].LogNoise + Deviation * Deviation / (Deviation * Deviation + Math.Exp(chain[1].LogNoise)))
        : chain.StepTo(t).Cost * SquaredError(chain[t]);

    private static double Prior(NoiseLevel last) =>
        0.5 * (last.Signal * last.Signal * (Mean * Mean + Deviation * Deviation) + last.Variance - 1 - Math.Log(last.Variance));

    private static double Entropy => 0.5 * Math.Log(2 * Math.PI * Math.E * Deviation * Deviation);

    private static Points Data(int count)
    {
        var random = new RandomNumbers(3, 1);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = (float)(Mean + Deviation * random.NextNormal());
        return new(values, 1);
    }

    private static DiffusionModel Best(NoiseSchedule schedule, int levels, Prediction prediction = Prediction.Noise, ReverseVariance variance = ReverseVariance.Posterior) => new(
        new GaussianDenoiser(schedule, Mean, Deviation, prediction), RowShape.Vector(1), Readout.Density,
        new() { Schedule = schedule, Levels = levels, Prediction = prediction, Variance = variance });

    public static TheoryData<NoiseSchedule, Prediction> Kinds => new()
    {
        { NoiseSchedule.LinearVariances(), Prediction.Noise },
        { NoiseSchedule.Cosine(), Prediction.Velocity },
        { NoiseSchedule.LinearLogNoise(-9, 9), Prediction.Data },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_term_is_what_theory_says(NoiseSchedule schedule, Prediction prediction)
    {
        using var model = Best(schedule, 20, prediction);
        var bound = model.Evaluate(Data(20_000), visits: null);
        Assert.Equal(20, bound.Levels.Count);
        foreach (var level in bound.Levels)
        {
            Near(Term(model.Chain, level.Level), level.Term);
            Near(SquaredError(model.Chain[level.Level]), level.SquaredError);
        }
        Near(Prior(model.Chain[20]), bound.Prior);
        Near(Enumerable.Range(2, 19).Sum(t => Term(model.Chain, t)), bound.Steps);
        Near(Prior(model.Chain[20]) + Enumerable.Range(1, 20).Sum(t => Term(model.Chain, t)), bound.Total);
    }

    [Fact]
    public void Terms_of_steps_without_end_sum_to_the_integral_and_to_the_entropy()
    {
        var schedule = NoiseSchedule.LinearLogNoise(-12, 12);
        // ½∫ e/(…) dγ of α²s²/(α²s² + σ²) = s²/(s² + e^γ) is ½[γ − ln(s² + e^γ)].
        double Integral(double gamma) => 0.5 * (gamma - Math.Log(Deviation * Deviation + Math.Exp(gamma)));
        var steps = Integral(12) - Integral(-12);
        var sums = new[] { 10, 100, 1000, 10_000, 100_000 }.Select(levels => new NoiseChain(schedule, levels)).Select(chain => Enumerable.Range(2, chain.Count - 1).Sum(t => Term(chain, t))).ToArray();
        for (var i = 1; i < sums.Length; i++)
            Assert.InRange(sums[i], steps, sums[i - 1]);
        Assert.Equal(steps, sums[^1], 1e-3);
        var ends = Prior(schedule.At(1)) + 0.5 * (Math.Log(2 * Math.PI) - 12 + 1);
        Assert.Equal(Entropy, steps + ends, 1e-3);

        using var model = Best(schedule, 50);
        var bound = model.EvaluateContinuous(Data(20_000), visits: 50);
        Near(steps, bound.Steps);
        Near(Entropy, bound.Total, within: 1e-3);
    }

    [Fact]
    public void A_reverse_variance_that_is_not_the_best_costs_what_theory_says()
    {
        var schedule = NoiseSchedule.LinearVariances();
        using var model = Best(schedule, 30, variance: ReverseVariance.Step);
        var bound = model.Evaluate(Data(20_000), visits: null);
        foreach (var level in bound.Levels.Skip(1))
        {
            var step = model.Chain.StepTo(level.Level);
            // KL of two normals whose variances are as 1 to r and whose means differ.
            var r = Math.Exp(step.LogVarianceRatio);
            Near(0.5 * (Math.Log(r) + 1 / r - 1) + step.Cost / r * SquaredError(model.Chain[level.Level]), level.Term);
        }
    }

    [Theory]
    [InlineData(SamplingPath.Ancestral, 200, 0)]
    [InlineData(SamplingPath.Implicit, 200, 0)]
    [InlineData(SamplingPath.Implicit, 200, 1)]
    [InlineData(SamplingPath.Heun, 50, 0)]
    public void Samples_have_the_mean_and_deviation_of_the_data(SamplingPath path, int steps, double fresh)
    {
        using var model = Best(NoiseSchedule.LinearLogNoise(-10, 8), 400);
        var samples = model.Sample(4000, new() { Path = path, Steps = steps, FreshNoise = fresh }).Select(x => (double)x).ToArray();
        var mean = Estimate.OfMean(samples);
        // Four standard errors, and what the steps leave.
        Assert.Equal(Mean, mean.Value, 4 * mean.StandardError + 0.01);
        var deviation = mean.StandardError * Math.Sqrt(samples.Length);
        Assert.Equal(Deviation, deviation, 4 * Deviation / Math.Sqrt(2 * samples.Length) + 0.01);
    }

    [Fact]
    public void What_is_known_of_a_row_stays_and_the_rest_is_drawn()
    {
        using var model = new DiffusionModel(new GaussianDenoiser(NoiseSchedule.Cosine(), Mean, Deviation, Prediction.Noise), RowShape.Vector(2), Readout.Density, new() { Levels = 50 });
        var values = new float[2000];
        var known = new bool[2000];
        for (var i = 0; i < 1000; i++)
            (values[2 * i], known[2 * i]) = (i / 1000f, true);
        var completed = model.Complete(values, known);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(i / 1000f, completed[2 * i]));
        var drawn = Estimate.OfMean([.. Enumerable.Range(0, 1000).Select(i => (double)completed[2 * i + 1])]);
        Assert.Equal(Mean, drawn.Value, 4 * drawn.StandardError + 0.02);
    }

    private static void Near(double expected, Estimate estimate, double within = 0) =>
        Assert.True(Math.Abs(expected - estimate.Value) <= 4.5 * estimate.StandardError + within + 2e-4 * Math.Abs(expected) + 1e-6, $"{estimate.Value} ± {estimate.StandardError}, where theory says {expected}.");
}
