using Elbo.Compute;
using Elbo.Compute.Kernels;

namespace Elbo.Benchmarks;

/// <summary>Matrix products on one thread against the multiply-add peak of the same core in the same run.</summary>
internal static unsafe class MatrixProductBenchmark
{
    private const double BarOfPeak = 0.85;

    // More than the peak means that other work disturbed its measurement, and then no ratio to it says anything.
    private const double MostCredible = 1.02;

    private static readonly int[] Squares = [8, 16, 32, 64, 128, 256, 512, 1024];

    // Shapes of a variational autoencoder's layers and their gradients: M, N, K, transposed A, transposed B.
    private static readonly (int M, int N, int K, bool TransposeA, bool TransposeB)[] Layers =
    [
        (128, 400, 784, false, false),
        (128, 784, 400, false, false),
        (128, 400, 784, false, true),
        (128, 784, 400, false, true),
        (784, 400, 128, true, false),
        (400, 784, 128, true, false),
        (128, 20, 400, false, false),
        (128, 400, 20, false, false),
        (128, 400, 20, false, true),
        (400, 20, 128, true, false),
        (512, 512, 512, false, true),
        (512, 512, 512, true, false),
        (400, 1, 784, false, false),
        (784, 1, 400, true, false),
        (1, 400, 784, false, false),
    ];

    /// <summary>Measures everything, one figure at a time.</summary>
    public static IEnumerable<Measurement> Run()
    {
        var cache = new KernelCache();
        foreach (var isDouble in (bool[])[false, true])
        {
            var peak = PeakLoop.Gigaflops(isDouble);
            yield return new($"peak {Name(isDouble)} {VectorWidths.Best}", peak, "GFLOP/s", null, null, null);
            foreach (var size in Squares)
                yield return Measure(new(isDouble, 1, size, size, size), peak, cache);
            foreach (var (m, n, k, transposeA, transposeB) in Layers)
                yield return Measure(new(isDouble, 1, m, n, k, transposeA, transposeB), peak, cache);
        }
    }

    private static Measurement Measure(MatrixProductShape shape, double peak, KernelCache cache)
    {
        using var team = new WorkerTeam(1);
        var plan = MatrixProductPlan.Create(shape, VectorWidths.Best, cache);
        using var a = Filled(shape.BatchBytesA, shape.IsDouble);
        using var b = Filled(shape.BatchBytesB, shape.IsDouble);
        using var c = Filled(shape.BatchBytesC, shape.IsDouble);
        using var workspace = new NativeBuffer(plan.WorkspaceBytes(1));
        var (toA, toB, toC, work) = ((nint)a.Pointer, (nint)b.Pointer, (nint)c.Pointer, (nint)workspace.Pointer);
        var seconds = Stopclock.SecondsEach(() => plan.Run((void*)toA, (void*)toB, (void*)toC, (void*)work, team));
        var speed = 2e-9 * shape.M * shape.N * shape.K / seconds;
        var layout = $"{(shape.TransposeA ? 'T' : 'N')}{(shape.TransposeB ? 'T' : 'N')}";
        var ratio = speed / peak;
        var hasBar = Math.Min(Math.Min(shape.M, shape.N), shape.K) >= 128;
        return new(
            $"{Name(shape.IsDouble)} {layout} {shape.M}x{shape.N}x{shape.K}",
            speed,
            "GFLOP/s",
            hasBar ? BarOfPeak : null,
            ratio,
            hasBar && ratio <= MostCredible ? ratio >= BarOfPeak : null)
        {
            Side = hasBar ? Side.AtLeast : null,
            Work = new(2.0 * shape.M * shape.N * shape.K, shape.BatchBytesA + shape.BatchBytesB + shape.BatchBytesC, seconds),
        };
    }

    private static NativeBuffer Filled(long bytes, bool isDouble)
    {
        var buffer = new NativeBuffer(bytes);
        var random = new Random(1);
        if (isDouble)
        {
            foreach (ref var x in buffer.Span<double>())
                x = random.NextDouble() - 0.5;
        }
        else
        {
            foreach (ref var x in buffer.Span<float>())
                x = random.NextSingle() - 0.5f;
        }

        return buffer;
    }

    private static string Name(bool isDouble) => isDouble ? "f64" : "f32";
}
