using System.Reflection.Emit;
using Elbo.Compute;
using Elbo.Compute.Kernels;

namespace Elbo.Benchmarks;

/// <summary>Multiply-adds on registers only: what the core can do at most, the yardstick of every product.</summary>
internal static unsafe class PeakLoop
{
    private const int Chains = 12;

    /// <summary>What one core does at most with its widest registers, in 10⁹ operations a second.</summary>
    public static double Gigaflops(bool isDouble) => Gigaflops(isDouble, VectorWidths.Best);

    /// <summary>What one core does at most with registers of a width, in 10⁹ operations a second.</summary>
    public static double Gigaflops(bool isDouble, VectorWidth width)
    {
        var kernel = Emit(isDouble, width);
        const int Rounds = 4096;
        using var memory = new NativeBuffer(4096);
        var tile = (Tile*)(memory.Pointer + 2048);
        tile->A = tile->C = memory.Pointer;
        var seconds = Stopclock.SecondsEach(() =>
        {
            tile->Depth = Rounds;
            kernel(tile);
        }, trials: 25);
        return 1e-9 * Rounds * OperationsPerRound(isDouble, width) / seconds;
    }

    /// <summary>A kernel that does <see cref="Tile.Depth"/> rounds of <see cref="OperationsPerRound"/> operations.</summary>
    public static MicroKernel Emit(bool isDouble, VectorWidth width)
    {
        var writer = new KernelWriter("peak", Lanes.For(isDouble, width));
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
    public static long OperationsPerRound(bool isDouble, VectorWidth width) => 2L * 2 * Chains * Lanes.For(isDouble, width).Count;
}
