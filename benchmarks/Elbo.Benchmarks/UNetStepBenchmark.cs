using System.Diagnostics;
using Elbo.Compute;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Networks;

namespace Elbo.Benchmarks;

/// <summary>A training step of the U-Net of MNIST digits, and samples by it: speed does not depend on what the images show.</summary>
internal static class UNetStepBenchmark
{
    /// <summary>Where the remaining time goes.</summary>
    public const string Remaining =
        "Operations counted are those of convolutions and matrix products alone. What lies over them is group norms, activations and the sums of their gradients, which are limited by "
        + "memory: an image of 32 channels at full size is read and written several times for each convolution.";

    private const double BarOfPeak = 0.45;
    private const double MostSamplingSeconds = 60;
    private const int Batch = 32;
    private const int Rounds = 9;
    private const int Samples = 100;
    private const int SamplingSteps = 50;

    private static readonly string[] Products = ["Convolution", "Correlation", "MatrixProduct"];

    /// <summary>Measures everything, one figure at a time.</summary>
    public static IEnumerable<Measurement> Run()
    {
        foreach (var threads in (int[])[1, 2])
        {
            using var step = new UNetStep(threads, Batch);
            if (threads > 1)
                CoreDistance.AwaitNear();
            // The best of both, over stretches of the same length by turns: a step is long, and over short ones the peak would be seen in moments that no step has.
            var (peak, seconds) = (0.0, double.PositiveInfinity);
            for (var round = 0; round < Rounds; round++)
            {
                seconds = Math.Min(seconds, Stopclock.SecondsOnce(step.Function.Run));
                peak = Math.Max(peak, PeakLoop.GigaflopsOver(seconds, threads));
            }
            yield return new($"multiply-add peak, f32, {threads} {(threads == 1 ? "thread" : "threads")}", peak, "GFLOP/s");
            var kernels = step.Function.Info.Kernels;
            var flop = kernels.Where(k => Products.Contains(k.Name)).Sum(k => k.Flop);
            var name = $"U-Net of MNIST, training step, batch {Batch}, {threads} {(threads == 1 ? "thread" : "threads")}";
            yield return Measurement.RatioAtLeast(name, 1e3 * seconds, "ms", 1e-9 * flop / seconds / peak, BarOfPeak) with
            {
                Work = new(flop, kernels.Sum(k => k.Bytes), seconds, threads, threads == 2 ? "U-Net step" : null),
            };
        }
        using var model = UNetStep.Make(2);
        var start = Stopwatch.GetTimestamp();
        model.Sample(Samples, new() { Path = SamplingPath.Implicit, Steps = SamplingSteps });
        yield return Measurement.AtMost($"{Samples} digits by {SamplingSteps} steps, 2 threads", Stopwatch.GetElapsedTime(start).TotalSeconds, "s", MostSamplingSeconds);
    }

    /// <summary>The step, to be profiled.</summary>
    public static IEnumerable<ProfiledFunction> Functions()
    {
        var step = new UNetStep(1, Batch);
        yield return new($"U-Net of MNIST, training step, batch {Batch}", 1, step.Function, step, Runs: 5);
    }

    /// <summary>A training step that can be run again and again.</summary>
    private sealed class UNetStep : IDisposable
    {
        private readonly DiffusionModel _model;
        private readonly DiffusionTrainer _trainer;

        public UNetStep(int threads, int batch)
        {
            var random = new RandomNumbers(1, 1);
            var pixels = new byte[batch * 784];
            foreach (ref var pixel in pixels.AsSpan())
                pixel = (byte)random.NextBelow(256);
            _model = Make(threads);
            _trainer = new(_model, new ImageSet(28, 28, 1, pixels), DiffusionModel.Usual with { Batch = batch, HoldOut = 0 });
            _trainer.RunEpoch();
        }

        public CompiledFunction Function => _trainer.Function;

        public static DiffusionModel Make(int threads) => DiffusionModel.Make(new RowShape(28, 28, 1), Readout.Shades, Results.DigitTrial.Mnist.Models[0].Options, threads: threads);

        public void Dispose()
        {
            _trainer.Dispose();
            _model.Dispose();
        }
    }
}
