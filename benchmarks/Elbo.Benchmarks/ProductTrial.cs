using Elbo.Compute;
using Elbo.Compute.Kernels;

namespace Elbo.Benchmarks;

/// <summary>A matrix product with operands of its own, ready to be run by us or by OpenBLAS.</summary>
internal sealed unsafe class ProductTrial : IDisposable
{
    private readonly MatrixProductShape _shape;
    private readonly MatrixProductPlan _plan;
    private readonly NativeBuffer _a;
    private readonly NativeBuffer _b;
    private readonly NativeBuffer _c;
    private readonly NativeBuffer _workspace;
    private readonly nint _toA;
    private readonly nint _toB;
    private readonly nint _toC;
    private readonly nint _toWorkspace;

    public ProductTrial(in MatrixProductShape shape, VectorWidth width, KernelCache cache, int threads)
    {
        _shape = shape;
        _plan = MatrixProductPlan.Create(shape, width, cache);
        _a = Filled(shape.BatchBytesA * shape.Batch, shape.IsDouble);
        _b = Filled(shape.BatchBytesB * shape.Batch, shape.IsDouble);
        _c = new NativeBuffer(shape.BatchBytesC * shape.Batch);
        _workspace = new NativeBuffer(_plan.WorkspaceBytes(threads));
        (_toA, _toB, _toC, _toWorkspace) = ((nint)_a.Pointer, (nint)_b.Pointer, (nint)_c.Pointer, (nint)_workspace.Pointer);
    }

    /// <summary>Operations of a run.</summary>
    public double Operations => 2.0 * _shape.Batch * _shape.M * _shape.N * _shape.K;

    /// <summary>What a run that took so long did.</summary>
    public Work Work(double seconds, int threads) => new(Operations, _a.Bytes + _b.Bytes + _c.Bytes, seconds, threads);

    /// <summary>One run by us.</summary>
    public void Run(WorkerTeam team) => _plan.Run((void*)_toA, (void*)_toB, (void*)_toC, (void*)_toWorkspace, team);

    /// <summary>One run by OpenBLAS.</summary>
    public void RunPeer() => OpenBlas.Multiply(_shape, _toA, _toB, _toC);

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
        _workspace.Dispose();
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
}
