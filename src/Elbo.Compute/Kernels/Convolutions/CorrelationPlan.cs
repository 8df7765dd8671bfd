using System.Numerics;
using System.Runtime.CompilerServices;

namespace Elbo.Compute.Kernels;

/// <summary>
/// The derivative of a convolution with respect to its weights: outputs, transposed, times the matrix of windows, of which panels
/// are copied from the inputs as they are needed. Long sums are cut into chunks that are added in their order, chosen by the shape
/// alone, so that no bit depends on threads.
/// </summary>
internal sealed unsafe class CorrelationPlan : IParallelBody
{
    // A panel of windows this deep stays in the first-level cache while strip after strip of outputs is multiplied with it.
    private const int DepthBytes = 1024;
    private const long WorthForking = 1 << 17;
    private const int EnoughTasks = 32;
    private const int MostChunks = 16;
    private const int ShortestChunk = 512;
    private const long MostChunkBytes = 4 << 20;

    // Columns of the matrix of windows that are summed and turned at once.
    private const int FinishColumns = 16;

    private readonly ConvolutionShape _shape;
    private readonly WindowPhase _phase;
    private readonly BalancedSplit _chunks;
    private readonly BalancedSplit _strips;
    private readonly int _panelColumns;
    private readonly int _panels;
    private readonly nint _panelStride;
    private readonly nint _sumStride;
    private readonly long _sumBytes;
    private readonly long _panelBytes;
    private readonly bool _worthForking;
    private readonly MicroKernel[] _full;
    private readonly MicroKernel[] _last;
    private bool _finishing;
    private byte* _inputs;
    private byte* _outputs;
    private byte* _weights;
    private byte* _workspace;

    /// <summary>Plans the sums of a convolution, whose inputs are not spread, for registers of a width.</summary>
    public CorrelationPlan(in ConvolutionShape shape, VectorWidth width, KernelCache cache)
    {
        _shape = shape;
        var phases = WindowPhase.Of(shape);
        _phase = phases.Length == 1 ? phases[0] : throw new ArgumentException("Spread inputs are read from the other side.", nameof(shape));
        width = Narrowed(_phase.Depth * shape.ElementBytes, width);
        var lanes = Math.Max((int)width, shape.ElementBytes) / shape.ElementBytes;
        var vectors = (_phase.Depth + lanes - 1) / lanes;
        var tile = TileSize.Choose(shape.Outputs, vectors, width);
        _strips = BalancedSplit.ByLength(shape.Outputs, tile.Rows);
        _panelColumns = tile.Vectors * lanes;
        _panels = (vectors + tile.Vectors - 1) / tile.Vectors;
        _panelStride = (nint)_panelColumns * shape.ElementBytes;
        _sumStride = _panels * _panelStride;
        _sumBytes = NativeBuffer.RoundUp(_sumStride * (long)shape.Outputs);
        _panelBytes = NativeBuffer.RoundUp(_panelStride * (DepthBytes / shape.ElementBytes));
        var chunks = Math.Min(Math.Min(MostChunks, (EnoughTasks + _panels - 1) / _panels), Math.Min(_phase.Windows / ShortestChunk, MostChunkBytes / _sumBytes));
        _chunks = new BalancedSplit(_phase.Windows, (int)Math.Max(1, chunks));
        _worthForking = shape.Work >= WorthForking;

        var key = new MicroKernelKey(shape.IsDouble, width, 0, tile.Vectors, false, TileLayout.ColumnsOfA);
        var lastVectors = vectors - ((_panels - 1) * tile.Vectors);
        int[] rows = [_strips.Longest, _strips.Shortest];
        _full = _panels > 1 ? [.. rows.Select(r => cache.Get(key with { Rows = r }))] : [];
        _last = [.. rows.Select(r => cache.Get(key with { Rows = r, Columns = lastVectors }))];
    }

    /// <summary>The bytes <see cref="Run"/> needs to work in with a team of this many threads, at a 64-byte aligned address.</summary>
    public long WorkspaceBytes(int threads) => checked((_sumBytes * _chunks.Parts) + (_panelBytes * threads));

    /// <summary>Computes the sums, in the layout of weights.</summary>
    public void Run(void* inputs, void* outputs, void* weights, void* workspace, WorkerTeam team)
    {
        _inputs = (byte*)inputs;
        _outputs = (byte*)outputs;
        _weights = (byte*)weights;
        _workspace = (byte*)workspace;
        RunPhase(finishing: false, _chunks.Parts * _panels, team);
        RunPhase(finishing: true, (_phase.Depth + FinishColumns - 1) / FinishColumns, team);
    }

    void IParallelBody.Run(int firstTask, int endTask, int worker)
    {
        if (_finishing)
        {
            if (_shape.IsDouble)
                Finish((double*)_workspace, (double*)_weights, firstTask, endTask);
            else
                Finish((float*)_workspace, (float*)_weights, firstTask, endTask);
            return;
        }
        while (firstTask < endTask)
        {
            var (chunk, firstPanel) = Math.DivRem(firstTask, _panels);
            var endPanel = Math.Min(_panels, firstPanel + endTask - firstTask);
            Compute(chunk, firstPanel, endPanel, _workspace + (_sumBytes * _chunks.Parts) + (worker * _panelBytes));
            firstTask += endPanel - firstPanel;
        }
    }

    private void RunPhase(bool finishing, int tasks, WorkerTeam team)
    {
        _finishing = finishing;
        if (_worthForking)
            team.Run(this, tasks);
        else
            ((IParallelBody)this).Run(0, tasks, 0);
    }

    private static VectorWidth Narrowed(long rowBytes, VectorWidth width)
    {
        if (width == VectorWidth.Bits512 && rowBytes <= 32)
            width = VectorWidth.Bits256;
        return width == VectorWidth.Bits256 && rowBytes <= 16 ? VectorWidth.Bits128 : width;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compute(int chunk, int firstPanel, int endPanel, byte* scratch)
    {
        var depths = BalancedSplit.ByLength(_chunks.Length(chunk), DepthBytes / _shape.ElementBytes);
        var sums = _workspace + (chunk * _sumBytes);
        Tile tile;
        tile.Mask = null;
        tile.StrideA = _shape.OutputPixel;
        tile.StrideB = _panelStride;
        tile.StrideC = _sumStride;
        for (var part = 0; part < depths.Parts; part++)
        {
            var window = _chunks.Start(chunk) + depths.Start(part);
            var outputs = _outputs + (window * tile.StrideA);
            tile.Depth = depths.Length(part);
            tile.Accumulate = part > 0 ? 1 : 0;
            for (var panel = firstPanel; panel < endPanel; panel++)
            {
                var column = panel * _panelColumns;
                _phase.Pack(_inputs, window, (int)tile.Depth, column, Math.Min(column + _panelColumns, _phase.Depth), scratch, _panelStride);
                var kernels = panel < _panels - 1 ? _full : _last;
                for (var strip = 0; strip < _strips.Parts; strip++)
                {
                    var row = _strips.Start(strip);
                    tile.A = outputs + ((nint)row * _shape.ElementBytes);
                    tile.B = scratch;
                    tile.C = sums + (row * _sumStride) + (panel * _panelStride);
                    kernels[_strips.Length(strip) == _strips.Longest ? 0 : 1](&tile);
                }
            }
        }
    }

    // The chunks' sums in their order, from one row an output to one column an output, each tap where the kernel has it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish<T>(T* sums, T* weights, int first, int end) where T : unmanaged, INumber<T>
    {
        var stride = _sumStride / sizeof(T);
        var chunk = (nint)_sumBytes / sizeof(T);
        var endColumn = Math.Min(end * FinishColumns, _phase.Depth);
        for (var start = first * FinishColumns; start < endColumn; start += FinishColumns)
        {
            for (var output = 0; output < _shape.Outputs; output++)
            {
                for (var column = start; column < Math.Min(start + FinishColumns, endColumn); column++)
                {
                    var from = sums + (output * stride) + column;
                    var sum = *from;
                    for (var part = 1; part < _chunks.Parts; part++)
                        sum += from[part * chunk];
                    var place = (_phase.PackedTaps[column / _shape.Channels] * _shape.Channels) + (column % _shape.Channels);
                    weights[((nint)place * _shape.Outputs) + output] = sum;
                }
            }
        }
    }
}
