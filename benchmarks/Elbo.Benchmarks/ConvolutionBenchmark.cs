using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>Convolutions, forwards and with both gradients, against the multiply-add peak of as many cores in the same run.</summary>
internal static class ConvolutionBenchmark
{
    private const double BarOfPeak = 0.5;

    /// <summary>Measures everything, one figure at a time.</summary>
    public static IEnumerable<Measurement> Run()
    {
        var peak = PeakLoop.Gigaflops(isDouble: false);
        yield return new("multiply-add peak, f32, one core", peak, "GFLOP/s");
        foreach (var threads in (int[])[1, 2])
        {
            foreach (var batch in (int[])[32, 128])
            {
                var layer = new Layer([batch, 28, 28, 64], [3, 3, 64, 64]);
                yield return Speed($"3x3 64->64 on 28x28, batch {batch}, {Name(threads)}, forwards", layer, false, threads, peak, BarOfPeak);
                yield return Speed($"3x3 64->64 on 28x28, batch {batch}, {Name(threads)}, both ways", layer, true, threads, peak, BarOfPeak);
            }
        }
        foreach (var (name, layer) in OtherLayers())
        {
            yield return Speed($"{name}, forwards", layer, false, 1, peak);
            yield return Speed($"{name}, both ways", layer, true, 1, peak);
        }
    }

    private static IEnumerable<(string Name, Layer Layer)> OtherLayers() =>
    [
        ("first layer, 3x3 1->32 on 28x28", new([32, 28, 28, 1], [3, 3, 1, 32])),
        ("last layer, 3x3 32->1 on 28x28", new([32, 28, 28, 32], [3, 3, 32, 1])),
        ("3x3 64->128 on 28x28, stride 2", new([32, 28, 28, 64], [3, 3, 64, 128], Stride: 2)),
        ("4x4 128->64 on 14x14, transposed, stride 2", new([32, 14, 14, 128], [4, 4, 64, 128], Stride: 2, IsTransposed: true)),
        ("1x1 256->64 on 14x14", new([32, 14, 14, 256], [1, 1, 256, 64])),
        ("3x3 256->256 on 7x7", new([32, 7, 7, 256], [3, 3, 256, 256])),
        ("5 taps 64->64 on length 512", new([32, 512, 64], [5, 64, 64])),
    ];

    private static Measurement Speed(string name, Layer layer, bool withGradients, int threads, double peak, double? bar = null)
    {
        var seconds = layer.Seconds(withGradients, threads);
        var flop = layer.Flop * (withGradients ? 3 : 1);
        var (speed, ratio) = (1e-9 * flop / seconds, 1e-9 * flop / seconds / (peak * threads));
        var measurement = bar is { } least ? Measurement.RatioAtLeast(name, speed, "GFLOP/s", ratio, least) : new Measurement(name, speed, "GFLOP/s", null, ratio);
        return measurement with { Work = new(flop, layer.Bytes * (withGradients ? 3 : 1), seconds, threads, bar is null ? null : "convolution " + name) };
    }

    private static string Name(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    /// <summary>A convolution of some input with some kernel.</summary>
    private sealed record Layer(Shape Input, Shape Kernel, int Stride = 1, bool IsTransposed = false)
    {
        private long Smaller => (IsTransposed ? Input : Apply(Tensor.Input("x", Input), Tensor.Input("w", Kernel)).Shape).SkipLast(1).Aggregate(1L, (a, b) => a * b);

        /// <summary>Multiplications and additions of the convolution alone, those with padding included.</summary>
        public double Flop => 2.0 * Smaller * Kernel.Elements;

        /// <summary>What it reads and writes at least.</summary>
        public double Bytes => 4.0 * (Input.Elements + Kernel.Elements + Apply(Tensor.Input("x", Input), Tensor.Input("w", Kernel)).Shape.Elements);

        /// <summary>Seconds that the convolution takes, or it and its gradients with respect to input and weights.</summary>
        public double Seconds(bool withGradients, int threads)
        {
            var (x, w) = (Tensor.Input("x", Input), Tensor.Input("w", Kernel));
            var y = Apply(x, w);
            var back = Tensor.Input("dy", y.Shape);
            using var cpu = new Cpu(threads);
            Tensor[] outputs = withGradients ? [y, .. Gradient.Of((y * back).Sum(), x, w)] : [y];
            using var function = cpu.Compile(outputs);
            var random = new Random(1);
            foreach (var input in withGradients ? (Tensor[])[x, w, back] : [x, w])
            {
                foreach (ref var element in function.Input<float>(input))
                    element = random.NextSingle() - 0.5f;
            }
            return Stopclock.SecondsEach(function.Run);
        }

        private Tensor Apply(Tensor x, Tensor w) => IsTransposed ? x.ConvolveTransposed(w, Stride, Padding.Same) : x.Convolve(w, Stride, Padding.Same);
    }
}
