namespace Elbo.Compute.Kernels;

/// <summary>
/// A matrix product whose shape is known beforehand: the method, its tiles and its generated kernels. A run allocates nothing
/// and gives the same bits for every number of threads. One run at a time.
/// </summary>
internal sealed unsafe class MatrixProductPlan : IParallelBody
{
    // From this many products on, a worker takes whole ones.
    private const int ManyProducts = 8;

    // Multiply-adds below which a product is over before a fork is.
    private const long WorthForking = 1 << 17;

    private readonly MatrixProductShape _shape;
    private readonly bool _exchanged;
    private readonly ProductMethod? _method;
    private readonly bool _packs;
    private readonly bool _productPerTask;
    private readonly bool _worthForking;
    private Phase _phase;
    private ProductOperands _operands;
    private byte* _workspace;

    private MatrixProductPlan(in MatrixProductShape shape, VectorWidth width, KernelCache cache)
    {
        _shape = shape.Normalise(out _exchanged);
        if (_shape.Batch == 0 || _shape.M == 0 || _shape.N == 0)
            return;
        var lanes = Math.Max((int)width, _shape.ElementBytes) / _shape.ElementBytes;
        _method = DotProducts.Suits(_shape, lanes) ? new DotProducts(_shape, width, cache) : new TiledProduct(_shape, Narrowed(_shape, width), cache);
        _packs = _method.PackTasks > 0;
        _productPerTask = _shape.Batch >= ManyProducts;
        _worthForking = (double)_shape.Batch * _shape.M * _shape.N * _shape.K >= WorthForking;
    }

    private enum Phase
    {
        Pack,
        Compute,
        Products,
    }

    /// <summary>Plans a product for registers of a width.</summary>
    /// <param name="shape">The sizes and layouts.</param>
    /// <param name="width">A width that the machine has.</param>
    /// <param name="cache">Kernels to share with other plans; none by default.</param>
    public static MatrixProductPlan Create(in MatrixProductShape shape, VectorWidth width, KernelCache? cache = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shape.Batch);
        ArgumentOutOfRangeException.ThrowIfNegative(shape.M);
        ArgumentOutOfRangeException.ThrowIfNegative(shape.N);
        ArgumentOutOfRangeException.ThrowIfNegative(shape.K);
        return new MatrixProductPlan(shape, width, cache ?? new KernelCache());
    }

    /// <summary>The bytes <see cref="Run"/> needs to work in with a team of this many threads, at a 64-byte aligned address.</summary>
    public long WorkspaceBytes(int threads) =>
        _method is null ? 0 : checked((PackedBytes * (_productPerTask ? threads : 1)) + (ScratchBytes * threads));

    private long PackedBytes => NativeBuffer.RoundUp(_method!.PackedBytes);

    private long ScratchBytes => NativeBuffer.RoundUp(_method!.ScratchBytes);

    /// <summary>
    /// Computes C. The matrices must be of the planned shape and not overlap C; no byte outside them and the workspace is read
    /// or written.
    /// </summary>
    public void Run(void* a, void* b, void* c, void* workspace, WorkerTeam team)
    {
        if (_method is null)
            return;
        _workspace = (byte*)workspace;
        _operands.A = (byte*)(_exchanged ? b : a);
        _operands.B = (byte*)(_exchanged ? a : b);
        _operands.C = (byte*)c;
        if (!_worthForking || team.Threads == 1)
            ComputeProducts(0, _shape.Batch, _operands, _workspace);
        else if (_productPerTask)
            RunPhase(Phase.Products, _shape.Batch, team);
        else
            RunProductsInTurn(team);
    }

    /// <summary>Computes C on the calling thread alone. Several threads may, each with a workspace, as <see cref="WorkspaceBytes"/> says for a single one.</summary>
    public void RunAlone(void* a, void* b, void* c, void* workspace)
    {
        if (_method is null)
            return;
        var operands = new ProductOperands { A = (byte*)(_exchanged ? b : a), B = (byte*)(_exchanged ? a : b), C = (byte*)c };
        ComputeProducts(0, _shape.Batch, operands, (byte*)workspace);
    }

    void IParallelBody.Run(int firstTask, int endTask, int worker)
    {
        switch (_phase)
        {
            case Phase.Pack:
                _method!.Pack(firstTask, endTask, _operands);
                break;
            case Phase.Compute:
                _method!.Compute(firstTask, endTask, _operands, _workspace + PackedBytes + (worker * ScratchBytes));
                break;
            default:
                ComputeProducts(firstTask, endTask, _operands, _workspace + (worker * (PackedBytes + ScratchBytes)));
                break;
        }
    }

    // Rows of C that fit a smaller register need no mask there, and no more multiply-adds.
    private static VectorWidth Narrowed(in MatrixProductShape shape, VectorWidth width)
    {
        var row = (long)shape.N * shape.ElementBytes;
        if (width == VectorWidth.Bits512 && row <= 32)
            width = VectorWidth.Bits256;
        return width == VectorWidth.Bits256 && row == 16 ? VectorWidth.Bits128 : width;
    }

    private void RunProductsInTurn(WorkerTeam team)
    {
        _operands.Packed = _workspace;
        for (var product = 0; product < _shape.Batch; product++)
        {
            if (_packs && (product == 0 || !_shape.BroadcastB))
                RunPhase(Phase.Pack, _method!.PackTasks, team);
            RunPhase(Phase.Compute, _method!.Tasks, team);
            _operands.A += _shape.BatchBytesA;
            _operands.B += _shape.BatchBytesB;
            _operands.C += _shape.BatchBytesC;
        }
    }

    private void RunPhase(Phase phase, int tasks, WorkerTeam team)
    {
        _phase = phase;
        team.Run(this, tasks);
    }

    private void ComputeProducts(int first, int end, in ProductOperands all, byte* scratch)
    {
        ProductOperands operands;
        operands.Packed = scratch + ScratchBytes;
        for (var product = first; product < end; product++)
        {
            operands.A = all.A + (product * _shape.BatchBytesA);
            operands.B = all.B + (product * _shape.BatchBytesB);
            operands.C = all.C + (product * _shape.BatchBytesC);
            if (_packs && (product == first || !_shape.BroadcastB))
                _method!.Pack(0, _method.PackTasks, operands);
            _method!.Compute(0, _method.Tasks, operands, scratch);
        }
    }
}
