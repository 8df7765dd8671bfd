using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Tests.Diffusion;

public class DiffusionTrainingTests
{
    private static readonly TrainingOptions Short = DiffusionModel.Usual with { Epochs = 25, Batch = 100, LearningRate = 5e-3, AveragedSteps = 100, Threads = 1 };

    private static readonly DiffusionOptions Small = new()
    {
        Denoiser = Denoiser.FullyConnected(24, 1),
        Schedule = NoiseSchedule.LinearLogNoise(-8, 7),
        Levels = 1000,
        Prediction = Prediction.Velocity,
        Objective = DiffusionObjective.Bound,
    };

    // Two numbers, of which the second follows the first: entropy by the determinant of the covariance.
    private static Points Pairs(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 1);
        var values = new float[2 * count];
        for (var i = 0; i < count; i++)
        {
            var x = random.NextNormal();
            (values[2 * i], values[2 * i + 1]) = ((float)x, (float)(0.8 * x + 0.6 * random.NextNormal()));
        }
        return new(values, 2);
    }

    private static double Entropy => Math.Log(2 * Math.PI * Math.E) + Math.Log(0.6);

    [Theory]
    [InlineData(Prediction.Noise, ReverseVariance.Posterior)]
    [InlineData(Prediction.Velocity, ReverseVariance.Interpolated)]
    [InlineData(Prediction.Velocity, ReverseVariance.Learned)]
    public void A_fit_of_normal_pairs_comes_near_to_their_entropy(Prediction prediction, ReverseVariance variance)
    {
        using var model = DiffusionModel.Fit(Pairs(2000, 1), Small with { Prediction = prediction, Variance = variance }, Short);
        var bound = model.Evaluate(Pairs(2000, 2));
        // From above, as far as chance allows; independent numbers would cost another 0.51 nats.
        Assert.InRange(bound.Total.Value, Entropy - 4 * bound.Total.StandardError, Entropy + 0.35);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_training_that_is_taken_up_again_ends_in_the_same_bits_at_any_number_of_threads(bool byCost)
    {
        var rows = Pairs(300, 1);
        var options = Small with { Levels = 5, VisitsByCost = byCost, Objective = DiffusionObjective.Bound };
        var training = Short with { Epochs = 6 };
        using var whole = DiffusionModel.Fit(rows, options, training with { Threads = 2 });
        using var first = DiffusionModel.Fit(rows, options, training, progress: (epoch, _) => epoch.Epoch < 3);
        using var second = DiffusionModel.Make(RowShape.Vector(2), Readout.Density, options, threads: 1);
        second.Train(rows, training, from: first.Training);
        for (var i = 0; i < whole.Weights.Count; i++)
            Assert.True(whole.Weights[i].Bytes.Span.SequenceEqual(second.Weights[i].Bytes.Span), whole.Weights[i].Name);
    }

    [Fact]
    public void A_learned_schedule_grows_and_makes_few_steps_cost_less()
    {
        var rows = Pairs(1000, 1);
        double Bound(NoiseSchedule schedule)
        {
            using var model = DiffusionModel.Fit(rows, Small with { Levels = 8, Schedule = schedule }, Short with { LearningRate = 1e-2 });
            for (var t = 2; t <= 8; t++)
                Assert.True(model.Chain[t].LogNoise > model.Chain[t - 1].LogNoise);
            return model.Evaluate(Pairs(2000, 2), visits: null).Total.Value;
        }
        Assert.True(Bound(NoiseSchedule.Learned(-8, 7)) < Bound(NoiseSchedule.LinearLogNoise(-8, 7)) - 0.2);
    }

    [Fact]
    public void A_schedule_is_the_same_within_functions_and_outside()
    {
        using var network = new MonotoneNetwork(-9, 6);
        var time = Tensor.FromArray([0, 0.1, 0.25, 0.5, 0.75, 1], [6, 1]);
        var (logNoise, place) = network.At(time);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([logNoise, place]);
        function.Run();
        var schedule = network.AsItStands(1001);
        Assert.Equal([-9, 6], [schedule.LogNoise(0), schedule.LogNoise(1)]);
        var times = new[] { 0, 0.1, 0.25, 0.5, 0.75, 1 };
        for (var i = 0; i < times.Length; i++)
        {
            Assert.Equal(schedule.LogNoise(times[i]), function.Output<float>(logNoise)[i], 1e-4);
            Assert.Equal((schedule.LogNoise(times[i]) + 9) / 15, function.Output<float>(place)[i], 1e-5);
        }
    }

    [Fact]
    public void Classes_are_told_apart_and_guidance_goes_further()
    {
        var random = new RandomNumbers(5, 1);
        var (values, classes) = (new float[1000], new int?[1000]);
        for (var i = 0; i < values.Length; i++)
            (classes[i], values[i]) = (i % 2, (float)((i % 2 == 0 ? -1 : 1) + 0.4 * random.NextNormal()));
        using var model = DiffusionModel.Fit(new LabelledRows(new Points(values, 1), classes), Small, Short with { Epochs = 80 });
        double Mean(int? of, double guidance = 0) => model.Sample(400, new() { Class = of, Guidance = guidance, Path = SamplingPath.Implicit, Steps = 40 }).Average();
        Assert.Equal(-1, Mean(0), 0.15);
        Assert.Equal(1, Mean(1), 0.15);
        Assert.Equal(0, Mean(null), 0.3);
        Assert.True(Mean(1, 2) > Mean(1) + 0.05);
    }

    [Fact]
    public void Few_shades_cost_less_where_one_tells_the_others()
    {
        // Four equal numbers of five shades: log₂ 5 = 2.3 bits a row, where independent ones cost that each.
        var random = new RandomNumbers(3, 1);
        var values = new float[4 * 600];
        for (var row = 0; row < 600; row++)
            values.AsSpan(4 * row, 4).Fill(random.NextBelow(5) / 4f);
        var rows = new Points(values, 4);
        // Half a step of shades is three deviations of the least noise.
        using var model = DiffusionModel.Fit(
            rows, RowShape.Vector(4), Readout.ShadesOf(5), Small with { Schedule = NoiseSchedule.LinearLogNoise(-5, 6), Levels = 200 }, Short with { Epochs = 40 });
        var bound = model.Evaluate(rows);
        Assert.True(bound.IsDiscrete);
        Assert.InRange(4 * bound.BitsPerNumber.Value, Math.Log2(5) - 8 * bound.BitsPerNumber.StandardError, 0.7 * 4 * Math.Log2(5));
        Assert.All(model.Sample(50, new() { Steps = 20 }), x => Assert.Equal(Math.Round(4 * x), 4 * x, 1e-6));
    }

    [Fact]
    public void Images_of_two_kinds_are_learned_by_a_small_u_net()
    {
        // Left half white or right half white: 1 bit in all, as every shade follows from the kind.
        var pixels = new byte[256 * 64];
        for (var i = 0; i < 256; i++)
        {
            for (var p = 0; p < 64; p++)
                pixels[i * 64 + p] = (byte)(p % 8 < 4 == (i % 2 == 0) ? 255 : 0);
        }
        var images = new ImageSet(8, 8, 1, pixels);
        using var model = DiffusionModel.Fit(images, new() { Denoiser = Denoiser.UNet([8, 8]), Schedule = NoiseSchedule.LinearLogNoise(-6, 6), Levels = 200, Prediction = Prediction.Velocity },
            Short with { Epochs = 45, Batch = 16, HoldOut = 0, LearningRate = 4e-3, AveragedSteps = 100 });
        var samples = model.Sample(32, new() { Path = SamplingPath.Implicit, Steps = 25 });
        var near = Enumerable.Range(0, 32).Count(s =>
        {
            var sample = samples.AsSpan(s * 64, 64).ToArray();
            return new[] { 0, 1 }.Min(kind => Enumerable.Range(0, 64).Average(p => Math.Abs(sample[p] - (p % 8 < 4 == (kind == 0) ? 1 : 0)))) < 0.15;
        });
        // Noise is 0.3 away from either.
        Assert.InRange(near, 20, 32);
        // Noise of as many shades as there are costs 8 bits a pixel.
        Assert.InRange(model.Evaluate(images, 4).BitsPerNumber.Value, 0, 2);
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        var rows = Pairs(10, 1);
        Assert.Contains("bound alone", Assert.Throws<ArgumentException>(() => DiffusionModel.Fit(rows, new() { Schedule = NoiseSchedule.Learned() })).Message);
        Assert.Contains("Variances are learned", Assert.Throws<ArgumentException>(() => DiffusionModel.Fit(rows, new() { Variance = ReverseVariance.Learned })).Message);
        Assert.Contains("U-Net is for images", Assert.Throws<ArgumentException>(() => DiffusionModel.Fit(rows, new() { Denoiser = Denoiser.UNet([8]) })).Message);
        using var model = DiffusionModel.Make(RowShape.Vector(2), Readout.Density, Small);
        Assert.Contains("no classes", Assert.Throws<ArgumentException>(() => model.Sample(1, new() { Class = 1 })).Message);
        Assert.Contains("from 1 to 1000", Assert.Throws<ArgumentException>(() => model.Sample(1, new() { Steps = 1001 })).Message);
    }
}
