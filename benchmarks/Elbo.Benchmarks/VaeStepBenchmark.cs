using System.Diagnostics;
using System.Globalization;
using Elbo.Compute;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Benchmarks;

/// <summary>One training step of a Bernoulli VAE 784-400-20-400-784, batch 128, Adam: the same work as the peer's.</summary>
internal static class VaeStepBenchmark
{
    private const int Pixels = 784;
    private const int Hidden = 400;
    private const int Latent = 20;
    private const int Batch = 128;

    // Multiplications and additions of the ten matrix products (two fewer: no gradient with respect to the data).
    private const double Gigaflop = 2e-9 * Batch * (3.0 * (Pixels * Hidden + Hidden * 2 * Latent + Latent * Hidden + Hidden * Pixels) - Pixels * Hidden);

    public static IEnumerable<Measurement> Run()
    {
        var peak = PeakLoop.Gigaflops(isDouble: false);
        yield return new("multiply-add peak, f32, one core", peak, "GFLOP/s");
        using (var cold = new Step(2))
            yield return Measurement.AtMost("trace, differentiate and compile, first in process", cold.CompileMilliseconds, "ms", 300);
        using var two = new Step(2);
        yield return Measurement.AtMost("the same again", two.CompileMilliseconds, "ms", 300);
        var milliseconds = two.Milliseconds();
        var floor = Gigaflop / (2 * peak) * 1e3;
        var kernels = two.Function.Info.Kernels;
        yield return Measurement.AtMost("step, 2 threads", milliseconds, "ms", 2.5) with { Work = new(kernels.Sum(k => k.Flop), kernels.Sum(k => k.Bytes), 1e-3 * milliseconds, 2) };
        yield return new("arithmetic floor, 2 cores at peak", floor, "ms");
        yield return new("step over floor", milliseconds, "ms", null, milliseconds / floor);
        yield return Measurement.AtMost("managed bytes allocated by a step", two.AllocatedBytes(), "bytes", 0);
        yield return new("arena over largest live set", two.Function.Info.ArenaBytes / 1e6, "MB", 1.3,
            (double)two.Function.Info.ArenaBytes / two.Function.Info.LargestLiveBytes, two.Function.Info.ArenaBytes <= 1.3 * two.Function.Info.LargestLiveBytes);
        using (var one = new Step(1))
        {
            yield return new("step, 1 thread", one.Milliseconds(), "ms");
        }
        yield return new("same bits with 1 and 2 threads", SameBits() ? 1 : 0, "", 1, null, SameBits());
        if (Peers.RunPython("vae_torch.py") is { } output && TorchMilliseconds(output) is { } torch)
        {
            yield return new("PyTorch, the same step, 2 threads", torch, "ms");
            yield return new("PyTorch over Elbo", torch / milliseconds, "times", null, torch / milliseconds);
        }
        else
        {
            yield return Measurement.Absent("PyTorch, the same step", Peers.WhyNot("vae_torch.py"));
        }
    }

    /// <summary>The step, to be profiled.</summary>
    public static IEnumerable<ProfiledFunction> Functions()
    {
        var step = new Step(2);
        yield return new("VAE 784-400-20, batch 128, a step", 2, step.Function, step);
    }

    private static bool SameBits()
    {
        using var one = new Step(1);
        using var two = new Step(2);
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

    private sealed class Step : IDisposable
    {
        private readonly Cpu _cpu;
        private readonly Variable[] _variables;

        public Step(int threads)
        {
            _cpu = new Cpu(threads);
            var start = Stopwatch.GetTimestamp();
            var random = new RandomNumbers(1, 1);
            var encoder = new Mlp("encoder", [Pixels, Hidden, 2 * Latent], Activation.Relu, random);
            var decoder = new Mlp("decoder", [Latent, Hidden, Pixels], Activation.Relu, random);
            _variables = [.. encoder.Variables, .. decoder.Variables];
            var adam = new Adam(_variables);
            var (x, seed) = (Tensor.Input("x", [Batch, Pixels]), Tensor.Input("seed", [2], DType.Int32));
            var code = encoder.Apply(x);
            var (mean, logVariance) = (code.Slice(1, 0, Latent), code.Slice(1, Latent, Latent));
            var z = mean + Exp(0.5 * logVariance) * new RandomSource(seed, adam.Steps).Normal([Batch, Latent], 0);
            var logits = decoder.Apply(z);
            var loss = GaussianDivergence.ToStandardNormal(mean, logVariance).Sum() - (x * logits - Softplus(logits)).Sum();
            var gradients = Gradient.Of(loss, [.. _variables.Select(v => v.Value)]);
            Function = _cpu.Compile([loss], adam.Step(gradients, Tensor.Scalar(1e-3), Tensor.Scalar(1).EqualTo(1)));
            CompileMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            foreach (ref var pixel in Function.Input<float>(x))
                pixel = random.NextUniform() < 0.3 ? 1 : 0;
        }

        public CompiledFunction Function { get; }

        public double CompileMilliseconds { get; }

        public IEnumerable<float> Parameters => _variables.SelectMany(v => v.AsSpan<float>().ToArray());

        public double Milliseconds()
        {
            for (var i = 0; i < 200; i++)
                Function.Run();
            return 1e3 * Stopclock.MedianSecondsEach(Function.Run, rounds: 15, calls: 50);
        }

        public long AllocatedBytes()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                Function.Run();
            return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        }

        public void Dispose()
        {
            Function.Dispose();
            _cpu.Dispose();
        }
    }
}
