using System.Globalization;

namespace Elbo.Benchmarks;

/// <summary>Training steps of variational autoencoders against the time that their arithmetic alone takes, and against the peer.</summary>
internal static class VaeStepBenchmark
{
    /// <summary>Where the remaining time goes.</summary>
    public const string Remaining = """
        Nearly all of a step is matrix products at nine tenths of the peak of a core or above. What lies over the floor is, in this
        order: Adam, which reads and writes three arrays the size of the weights and runs at the speed of the cache; the elementwise parts
        between the products; copying operands into the order in which tiles read them; and, in the smallest network, waiting for the other
        thread between some thirty short kernels.
        """;

    private static readonly VaeSize Usual = new(400, 20, 128);

    public static IEnumerable<Measurement> Run()
    {
        var peak = PeakLoop.Gigaflops(isDouble: false, threads: 2);
        yield return new("multiply-add peak, f32, 2 threads", peak, "GFLOP/s");
        using (var cold = new VaeStep(Usual, 2))
            yield return Measurement.AtMost("trace, differentiate and compile, first in process", cold.CompileMilliseconds, "ms", 150);
        using (var two = new VaeStep(Usual, 2))
        {
            yield return Measurement.AtMost("the same again", two.CompileMilliseconds, "ms", 150);
            yield return Measurement.AtMost("managed bytes allocated by a step", two.AllocatedBytes(), "bytes", 0);
            var info = two.Function.Info;
            yield return Measurement.RatioAtMost("arena over largest live set", info.ArenaBytes / 1e6, "MB", (double)info.ArenaBytes / info.LargestLiveBytes, 1.3);
        }
        var same = SameBits();
        yield return new("same bits with 1 and 2 threads", same ? 1 : 0, "", 1, null, same);
        foreach (var measurement in StepOf(Usual, peak, barOfFloor: 1.6, barOfPeer: 5))
            yield return measurement;
        foreach (var measurement in StepOf(new(1000, 50, 512), peak, barOfFloor: 1.4, barOfPeer: null))
            yield return measurement;
        foreach (var measurement in StepOf(new(100, 10, 32), peak, barOfFloor: 2.5, barOfPeer: null))
            yield return measurement;
    }

    /// <summary>The step, to be profiled.</summary>
    public static IEnumerable<ProfiledFunction> Functions()
    {
        var step = new VaeStep(Usual, 2);
        yield return new($"VAE {Usual}, a step", 2, step.Function, step);
    }

    private static IEnumerable<Measurement> StepOf(VaeSize size, double peak, double barOfFloor, double? barOfPeer)
    {
        double milliseconds;
        using (var two = new VaeStep(size, 2))
        {
            milliseconds = two.Milliseconds();
            var kernels = two.Function.Info.Kernels;
            yield return Measurement.RatioAtMost($"{size}: step, 2 threads, over its arithmetic floor", milliseconds, "ms", milliseconds * peak / size.Gigaflop * 1e-3, barOfFloor) with
            {
                Work = new(kernels.Sum(k => k.Flop), kernels.Sum(k => k.Bytes), 1e-3 * milliseconds, 2, $"VAE {VaeSize.Pixels}-{size.Hidden}-{size.Latent} step"),
            };
        }
        using (var one = new VaeStep(size, 1))
        {
            var alone = one.Milliseconds();
            yield return new($"{size}: step, 1 thread, over 2", alone, "ms", null, alone / milliseconds);
        }
        if (Peers.RunPython("vae_torch.py", $"{size.Hidden}", $"{size.Latent}", $"{size.Batch}") is not { } output || TorchMilliseconds(output) is not { } torch)
            yield return Measurement.Absent($"{size}: PyTorch, 2 threads, over Elbo", Peers.WhyNot("vae_torch.py"));
        else if (barOfPeer is { } bar)
            yield return Measurement.RatioAtLeast($"{size}: PyTorch, 2 threads, over Elbo", torch, "ms", torch / milliseconds, bar);
        else
            yield return new($"{size}: PyTorch, 2 threads, over Elbo", torch, "ms", null, torch / milliseconds);
    }

    private static bool SameBits()
    {
        using var one = new VaeStep(Usual, 1);
        using var two = new VaeStep(Usual, 2);
        for (var i = 0; i < 20; i++)
        {
            one.Function.Run();
            two.Function.Run();
        }
        return one.Parameters.SequenceEqual(two.Parameters);
    }

    // "torch 1.13 vae 784-400-20 batch 128: 6.789 ms/step (min …"
    private static double? TorchMilliseconds(string output)
    {
        var words = output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "ms/step");
        return at > 0 && double.TryParse(words[at - 1], CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
