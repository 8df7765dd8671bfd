using System.Diagnostics;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Images;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Training;

namespace Elbo.Benchmarks;

/// <summary>Training of autoencoders of images by the library as a user calls it: from bytes to weights, with nothing left out.</summary>
internal static class AutoencoderBenchmark
{
    /// <summary>Where the remaining time goes.</summary>
    public const string Remaining = """
        An epoch is matrix products for the most part; beside them Adam, the elementwise parts, the bytes that become numbers, and a look at 4,000
        rows at its end. The bar of 0.8 s was set for a core of 280 GFLOP/s: where the arithmetic alone takes longer than that at the measured
        peak, it cannot be met, and the ratio to the arithmetic says how near to the machine the epoch is.
        """;

    private const int Images = 60_000;
    private const int Epochs = 6;
    private static readonly VaeSize Size = new(400, 20, 128);

    public static IEnumerable<Measurement> Run()
    {
        var peak = PeakLoop.Gigaflops(isDouble: false, threads: 2);
        yield return new("multiply-add peak, f32, 2 threads", peak, "GFLOP/s");
        var seconds = Epoch();
        var floor = (Images + Size.Batch - 1) / Size.Batch * Size.Gigaflop / peak;
        yield return Measurement.AtMost($"an epoch of {Images:#,0} images, {Size}, 2 threads (median)", seconds, "s", 0.8);
        yield return Measurement.RatioAtMost("the same over its arithmetic at the peak", seconds, "s", seconds / floor, 1.6);
        foreach (var measurement in Weighted(peak))
            yield return measurement;
    }

    private static double Epoch()
    {
        var random = new RandomNumbers(1, 1);
        var pixels = new byte[Images * VaeSize.Pixels];
        foreach (ref var pixel in pixels.AsSpan())
            pixel = random.NextUniform() < 0.3 ? (byte)255 : (byte)0;
        CoreDistance.AwaitNear();
        var (start, ends) = (Stopwatch.GetTimestamp(), new List<double>());
        using var model = Vae.Fit(
            new ImageSet(28, 28, 1, pixels), new VaeOptions { Latent = Size.Latent, Architecture = Architecture.FullyConnected([Size.Hidden], Activation.Relu) },
            Vae.ForImages with { Epochs = Epochs, Batch = Size.Batch, HoldOut = 0, HeldOutSamples = 1, Threads = 2 }, progress: (_, _) =>
            {
                ends.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                return true;
            });
        double[] epochs = [.. ends.Zip(ends.Skip(1), (a, b) => b - a).Order()];
        return epochs[epochs.Length / 2];
    }

    private static IEnumerable<Measurement> Weighted(double peak)
    {
        const int Particles = 50;
        const int Batch = 100;
        using var step = new WeightedStep(Particles, Batch);
        var info = step.Function.Info;
        var flop = info.Kernels.Where(k => k.Name == "MatrixProduct").Sum(k => k.Flop);
        CoreDistance.AwaitNear();
        var seconds = Stopclock.MedianSecondsEach(step.Function.Run, rounds: 9, 3);
        yield return Measurement.RatioAtLeast($"importance-weighted step, k = {Particles}, 784-200-200-50, batch {Batch}, 2 threads: products over the peak", 1e-9 * flop / seconds, "GFLOP/s", 1e-9 * flop / seconds / peak, 0.6) with
        {
            Work = new(flop, info.Kernels.Sum(k => k.Bytes), seconds, 2, $"IWAE k = {Particles} step"),
        };
    }

    /// <summary>A training step of the importance-weighted bound, as the trainer takes it.</summary>
    private sealed class WeightedStep : IDisposable
    {
        private readonly Cpu _cpu = new(2);
        private readonly TrainingStep _step;

        public WeightedStep(int particles, int batch)
        {
            var observation = new Likelihoods.PixelObservation(new(28, 28, 1), Likelihoods.PixelLikelihood.Bernoulli);
            var network = new EncoderDecoder(
                new(new(28, 28, 1), observation.FeatureCount, observation.ParameterCount, new(1, 1)), 50, Architecture.FullyConnected([200, 200]), CodePosterior.Diagonal, CodePrior.StandardNormal, 0.1);
            _step = new(_cpu, network, observation, new Optimisers.Adam(network.Variables), batch, 1, new() { Objective = Objective.ImportanceWeighted(particles) }, hasMissing: false);
        }

        public CompiledFunction Function => _step.Function;

        public void Dispose()
        {
            _step.Dispose();
            _cpu.Dispose();
        }
    }
}
