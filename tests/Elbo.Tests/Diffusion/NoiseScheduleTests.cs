using Elbo.Diffusion;
using FsCheck;
using FsCheck.Fluent;

namespace Elbo.Tests.Diffusion;

public class NoiseScheduleTests
{
    [Fact]
    public void Levels_of_linear_variances_are_products_of_what_steps_keep()
    {
        var chain = new NoiseChain(NoiseSchedule.LinearVariances(), 1000);
        var kept = 1.0;
        for (var t = 1; t <= 1000; t++)
        {
            var beta = 1e-4 + (0.02 - 1e-4) * (t - 1) / 999;
            kept *= 1 - beta;
            Assert.Equal(kept, chain[t].Signal * chain[t].Signal, 1e-10);
            if (t > 1)
                Assert.Equal(beta, chain.StepTo(t).Variance, 1e-9);
        }
    }

    [Fact]
    public void A_cosine_schedule_follows_the_square_of_a_cosine()
    {
        var chain = new NoiseChain(NoiseSchedule.Cosine(), 1000);
        double Square(double u) => Math.Pow(Math.Cos((u + 0.008) / 1.008 * Math.PI / 2), 2);
        foreach (var t in new[] { 1, 10, 500, 900, 990 })
            Assert.Equal(Square(t / 1000.0) / Square(0), chain[t].Signal * chain[t].Signal, 1e-9);
    }

    // q(z_s|z_t, x) by Bayes' rule from q(z_s|x) and q(z_t|z_s).
    [Fact]
    public void The_posterior_of_a_step_is_that_of_Bayes() => Prop.ForAll(
        Gen.Choose(-1000, 1000).Select(g => g / 100.0).ToArbitrary(), Gen.Choose(1, 800).Select(g => g / 100.0).ToArbitrary(), (gamma, increase) =>
        {
            var step = new NoiseStep(new(gamma), new(gamma + increase));
            var keep = step.Later.Signal / step.Earlier.Signal;
            var beta = step.Later.Variance - keep * keep * step.Earlier.Variance;
            var precision = 1 / step.Earlier.Variance + keep * keep / beta;
            Assert.Equal(1, step.Variance / beta, 1e-6);
            Assert.Equal(1, step.PosteriorVariance * precision, 1e-6);
            Assert.Equal(1, step.OfData * precision / (step.Earlier.Signal / step.Earlier.Variance), 1e-6);
            Assert.Equal(1, step.OfNoisy * precision / (keep / beta), 1e-6);
            // What an error of the noise costs: the means are OfData·σ_t/α_t apart for each unit of it.
            var apart = step.OfData * step.Later.RelativeNoise;
            Assert.Equal(1, step.Cost / (0.5 * apart * apart / step.PosteriorVariance), 1e-6);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(17, 29));

    [Fact]
    public void Slopes_are_derivatives()
    {
        foreach (var schedule in new[] { NoiseSchedule.LinearVariances(), NoiseSchedule.Cosine(), NoiseSchedule.LinearLogNoise() })
        {
            foreach (var t in new[] { 0.1003, 0.5002, 0.8004 })
                Assert.Equal(1, schedule.Slope(t) * 2e-5 / (schedule.LogNoise(t + 1e-5) - schedule.LogNoise(t - 1e-5)), 1e-6);
        }
    }

    [Fact]
    public void Variances_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NoiseSchedule.OfVariances([0.1, 1.5]));
        Assert.Throws<ArgumentException>(() => NoiseSchedule.LinearVariances(first: 0.1, last: 0.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSchedule.Cosine().LogNoise(1.1));
    }
}
