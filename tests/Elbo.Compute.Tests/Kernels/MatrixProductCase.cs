using Elbo.Compute.Kernels;

namespace Elbo.Compute.Tests.Kernels;

/// <summary>
/// A product with random operands, run by a plan and by the definition in f64. Memory around the operands holds NaN, so that
/// a read outside shows, and memory around C is checked afterwards.
/// </summary>
internal static unsafe class MatrixProductCase
{
    private const int Guard = 40;
    private const double Untouched = 1234.5;

    public static IEnumerable<VectorWidth> Widths => Enum.GetValues<VectorWidth>().Where(w => w <= VectorWidths.Best);

    /// <summary>The elements of C.</summary>
    public static double[] Run(MatrixProductShape shape, VectorWidth width, WorkerTeam team, KernelCache cache, int seed = 1)
    {
        return shape.IsDouble ? Run<double>(shape, width, team, cache, seed) : Run<float>(shape, width, team, cache, seed);
    }

    /// <summary>Fails unless the plan's result is within rounding of the definition.</summary>
    public static void Check(MatrixProductShape shape, VectorWidth width, WorkerTeam team, KernelCache cache)
    {
        var actual = Run(shape, width, team, cache);
        var (a, b, c) = Operands(shape, 1);
        var unit = shape.IsDouble ? Math.Pow(2, -53) : Math.Pow(2, -24);
        var position = 0;
        for (var batch = 0; batch < shape.Batch; batch++)
        {
            for (var i = 0; i < shape.M; i++)
            {
                for (var j = 0; j < shape.N; j++, position++)
                {
                    var sum = shape.Accumulate ? c[position] : 0;
                    var magnitude = Math.Abs(sum);
                    for (var k = 0; k < shape.K; k++)
                    {
                        var product = a[IndexA(shape, batch, i, k)] * b[IndexB(shape, batch, k, j)];
                        sum += product;
                        magnitude += Math.Abs(product);
                    }

                    var error = Math.Abs(actual[position] - sum);
                    if (!(error <= (shape.K + 3) * unit * magnitude))
                        Assert.Fail($"{shape} {width}: C[{batch}, {i}, {j}] is {actual[position]}, not {sum}.");
                }
            }
        }
    }

    private static double[] Run<T>(MatrixProductShape shape, VectorWidth width, WorkerTeam team, KernelCache cache, int seed)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var (a, b, c) = Operands(shape, seed);
        using var bufferA = Guarded<T>(a, double.NaN);
        using var bufferB = Guarded<T>(b, double.NaN);
        using var bufferC = Guarded<T>(c, Untouched);
        var plan = MatrixProductPlan.Create(shape, width, cache);
        using var workspace = new NativeBuffer(plan.WorkspaceBytes(team.Threads));
        workspace.Span<byte>().Fill(0xFF);
        plan.Run((T*)bufferA.Pointer + Guard, (T*)bufferB.Pointer + Guard, (T*)bufferC.Pointer + Guard, workspace.Pointer, team);
        var all = bufferC.Span<T>().ToArray().Select(double.CreateChecked).ToArray();
        if (all[..Guard].Concat(all[^Guard..]).Any(x => x != Untouched))
            Assert.Fail($"{shape} {width}: wrote outside C.");
        return all[Guard..^Guard];
    }

    private static NativeBuffer Guarded<T>(double[] values, double guard)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var buffer = new NativeBuffer((values.Length + (2L * Guard)) * sizeof(T));
        var span = buffer.Span<T>();
        span.Fill(T.CreateChecked(guard));
        for (var i = 0; i < values.Length; i++)
            span[Guard + i] = T.CreateChecked(values[i]);
        return buffer;
    }

    // Exact in f32, so that both precisions see the same operands.
    private static (double[] A, double[] B, double[] C) Operands(in MatrixProductShape shape, int seed)
    {
        var random = new Random(seed);
        var batchA = shape.BroadcastA ? 1 : shape.Batch;
        var batchB = shape.BroadcastB ? 1 : shape.Batch;
        return (Draw(batchA * shape.M * shape.K), Draw(batchB * shape.K * shape.N), Draw(shape.Batch * shape.M * shape.N));
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)((random.NextDouble() * 2) - 1))];
    }

    private static int IndexA(in MatrixProductShape shape, int batch, int i, int k) =>
        (shape.BroadcastA ? 0 : batch * shape.M * shape.K) + (shape.TransposeA ? (k * shape.M) + i : (i * shape.K) + k);

    private static int IndexB(in MatrixProductShape shape, int batch, int k, int j) =>
        (shape.BroadcastB ? 0 : batch * shape.K * shape.N) + (shape.TransposeB ? (j * shape.K) + k : (k * shape.N) + j);
}
