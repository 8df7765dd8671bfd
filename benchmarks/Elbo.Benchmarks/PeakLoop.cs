using System.Reflection.Emit;
using Elbo.Compute;
using Elbo.Compute.Kernels;
using Elbo.Compute.Lanes;

namespace Elbo.Benchmarks;

/// <summary>Multiply-adds on registers only: what the core can do at most, the yardstick of every product.</summary>
internal static unsafe class PeakLoop
{
    private const int Chains = 12;

    /// <summary>What so many cores do at most with their widest registers, in 10⁹ operations a second.</summary>
    public static double Gigaflops(bool isDouble, int threads = 1) => Gigaflops(isDouble, VectorWidths.Best, threads);

    /// <summary>What so many cores come to over one stretch of some seconds: beside work that is as long, so that whatever else the machine does meets both.</summary>
    public static double GigaflopsOver(double seconds, int threads) => Gigaflops(false, VectorWidths.Best, threads, trials: 1, seconds);

    /// <summary>What so many cores do at most with registers of a width, in 10⁹ operations a second.</summary>
    public static double Gigaflops(bool isDouble, VectorWidth width, int threads = 1) => Gigaflops(isDouble, width, threads, trials: 25, 0.02);

    private static double Gigaflops(bool isDouble, VectorWidth width, int threads, int trials, double secondsPerTrial)
    {
        // Long enough that a fork does not show.
        const int Rounds = 1 << 16;
        using var team = new WorkerTeam(threads);
        using var loop = new Loop(Emit(isDouble, width), threads, Rounds);
        var seconds = Stopclock.SecondsEach(() => team.Run(loop, threads), trials, secondsPerTrial);
        return 1e-9 * threads * Rounds * OperationsPerRound(isDouble, width) / seconds;
    }

    /// <summary>What it takes to hand work to a team and wait for it, in nanoseconds.</summary>
    public static double ForkNanoseconds(int threads)
    {
        using var team = new WorkerTeam(threads);
        var body = new Nothing();
        return 1e9 * Stopclock.SecondsEach(() => team.Run(body, threads));
    }

    /// <summary>A kernel that does <see cref="Tile.Depth"/> rounds of <see cref="OperationsPerRound"/> operations.</summary>
    public static MicroKernel Emit(bool isDouble, VectorWidth width)
    {
        var writer = new KernelWriter("peak", isDouble, width);
        var sums = Enumerable.Range(0, Chains).Select(_ => writer.Register()).ToArray();
        var factor = writer.Register();
        writer.PushArgument(nameof(Tile.A));
        writer.LoadRegister();
        writer.Il.Emit(OpCodes.Stloc, factor);
        foreach (var sum in sums)
            writer.SetZero(sum);
        var rounds = writer.Argument(nameof(Tile.Depth));
        writer.While(rounds, 1, () =>
        {
            for (var repeat = 0; repeat < 2; repeat++)
                foreach (var sum in sums)
                    writer.MultiplyAdd(factor, factor, sum);
            writer.Advance(rounds, -1);
        });
        var result = writer.Argument(nameof(Tile.C));
        for (var i = 0; i < Chains; i++)
        {
            writer.PushAddress(result, i * writer.Lanes.RegisterBytes);
            writer.StoreRegister(sums[i]);
        }

        return writer.Finish();
    }

    /// <summary>Floating-point operations of a round.</summary>
    public static long OperationsPerRound(bool isDouble, VectorWidth width) => 2L * 2 * Chains * LaneInstructions.For(width, isDouble ? 8 : 4).LaneCount;

    private sealed class Loop(MicroKernel kernel, int threads, int rounds) : IParallelBody, IDisposable
    {
        private const int BytesPerThread = 4096;

        private readonly NativeBuffer _memory = new((long)threads * BytesPerThread);

        public void Run(int firstTask, int endTask, int worker)
        {
            for (var task = firstTask; task < endTask; task++)
            {
                var tile = (Tile*)(_memory.Pointer + (task * BytesPerThread) + (BytesPerThread / 2));
                tile->A = tile->C = _memory.Pointer + (task * BytesPerThread);
                tile->Depth = rounds;
                kernel(tile);
            }
        }

        public void Dispose() => _memory.Dispose();
    }

    private sealed class Nothing : IParallelBody
    {
        public void Run(int firstTask, int endTask, int worker)
        {
        }
    }
}
