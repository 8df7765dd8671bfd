using System.Globalization;

namespace Elbo.Benchmarks;

/// <summary>Convolutions and attention, forwards and with all gradients, against the multiply-add peak of as many cores in the same run.</summary>
internal static class ConvolutionBenchmark
{
    private const double BarOfPeak = 0.5;
    private const string Script = "convolution_torch.py";

    /// <summary>Where the remaining time goes.</summary>
    public const string Remaining =
        "Windows are copied strip by strip from the inputs into the first-level cache and multiplied there, so no matrix of windows is ever stored. "
        + "What is left is that copying, which weighs more the fewer channels there are to multiply an element with, and the micro-kernel's own distance from the peak. "
        + "With one channel on either side most time goes into reading and writing the other side. A transposed convolution is computed phase by phase of its stride and "
        + "multiplies no zeros. Attention spends the rest in its softmax and in bringing heads together.";

    private static readonly ConvolutionTrial Bar32 = new("3x3 64->64 on 28x28, batch 32", [32, 28, 28, 64], [3, 3, 64, 64]);
    private static readonly ConvolutionTrial Bar128 = new("3x3 64->64 on 28x28, batch 128", [128, 28, 28, 64], [3, 3, 64, 64]);

    private static readonly Trial[] Others =
    [
        new ConvolutionTrial("first layer, 3x3 1->32 on 28x28", [32, 28, 28, 1], [3, 3, 1, 32]),
        new ConvolutionTrial("last layer, 3x3 32->1 on 28x28", [32, 28, 28, 32], [3, 3, 32, 1]),
        new ConvolutionTrial("3x3 64->128 on 28x28, stride 2", [32, 28, 28, 64], [3, 3, 64, 128], Stride: 2),
        new ConvolutionTrial("4x4 128->64 on 14x14, transposed, stride 2", [32, 14, 14, 128], [4, 4, 64, 128], Stride: 2, IsTransposed: true),
        new ConvolutionTrial("1x1 256->64 on 14x14", [32, 14, 14, 256], [1, 1, 256, 64]),
        new ConvolutionTrial("3x3 256->256 on 7x7", [32, 7, 7, 256], [3, 3, 256, 256]),
        new ConvolutionTrial("5 taps 64->64 on length 512", [32, 512, 64], [5, 64, 64]),
        new AttentionTrial("attention, 8 heads of 32, length 64", 32, 64, 256, 8),
        new AttentionTrial("attention, 8 heads of 32, length 256", 8, 256, 256, 8),
        new AttentionTrial("attention, 4 heads of 16, length 128", 32, 128, 64, 4),
    ];

    /// <summary>Measures everything, one figure at a time.</summary>
    public static IEnumerable<Measurement> Run()
    {
        var peak = PeakLoop.Gigaflops(isDouble: false);
        yield return new("multiply-add peak, f32, one core", peak, "GFLOP/s");
        var seconds = new Dictionary<(Trial, int, bool), double>();
        foreach (var threads in (int[])[1, 2])
        {
            foreach (var trial in threads == 1 ? [Bar32, Bar128, .. Others] : (Trial[])[Bar32, Bar128])
            {
                foreach (var withGradients in (bool[])[false, true])
                {
                    var taken = seconds[(trial, threads, withGradients)] = trial.Seconds(withGradients, threads);
                    yield return Speed(trial, withGradients, threads, taken, peak);
                }
            }
        }
        foreach (var threads in (int[])[1, 2])
        {
            Trial[] trials = threads == 1 ? [Bar32, .. Others] : [Bar32];
            foreach (var measurement in BesidePyTorch([.. trials.Where(t => t.PeerArgument is not null)], threads, seconds))
                yield return measurement;
        }
    }

    private static Measurement Speed(Trial trial, bool withGradients, int threads, double seconds, double peak)
    {
        var flop = trial.Flop * (withGradients ? 3 : 1);
        var (speed, ratio) = (1e-9 * flop / seconds, 1e-9 * flop / seconds / (peak * threads));
        var name = $"{trial.Name}, {(threads == 1 ? "" : $"{threads} threads, ")}{(withGradients ? "both ways" : "forwards")}";
        var isBar = trial == Bar32 || trial == Bar128;
        var measurement = isBar ? Measurement.RatioAtLeast(name, speed, "GFLOP/s", ratio, BarOfPeak) : new Measurement(name, speed, "GFLOP/s", null, ratio);
        return measurement with { Work = new(flop, trial.Bytes * (withGradients ? 3 : 1), seconds, threads, isBar ? "convolution " + name : null) };
    }

    private static IEnumerable<Measurement> BesidePyTorch(Trial[] trials, int threads, Dictionary<(Trial, int, bool), double> ours)
    {
        if (Peers.RunPython(Script, [$"{threads}", .. trials.Select(t => t.PeerArgument!)]) is not { } output)
        {
            yield return Measurement.Absent("PyTorch, the same", Peers.WhyNot(Script));
            yield break;
        }
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (trial, line) in trials.Zip(lines))
        {
            var milliseconds = double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            var name = $"PyTorch over Elbo: {trial.Name}, {(threads == 1 ? "" : $"{threads} threads, ")}both ways";
            yield return new(name, milliseconds, "ms", null, 1e-3 * milliseconds / ours[(trial, threads, true)]);
        }
    }
}
