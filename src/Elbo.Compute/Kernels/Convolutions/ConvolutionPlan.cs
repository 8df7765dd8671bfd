using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

/// <summary>
/// A convolution as a product of the matrix of windows with the weights, of which the matrix of windows never exists: strips of
/// it are copied from the inputs into a first-level cache as they are needed (implicit GEMM, Chetlur et al. 2014, "cuDNN"). Each
/// output is one chain of multiply-adds in the order of the packed window, so that neither tiles nor threads change a bit.
/// </summary>
internal sealed unsafe class ConvolutionPlan : IParallelBody
{
    private const int DepthBytes = 1536;

    // Outputs that are worked on at once: they stay in the second-level cache with the weights while depth after depth is added.
    private const int GroupBytes = 128 << 10;
    private const int EnoughGroups = 48;
    private const long WorthForking = 1 << 17;
    private const int MostByDots = 4;
    private static ReadOnlySpan<byte> RowsByOutputs => [0, 8, 6, 5, 4];

    private readonly ConvolutionShape _shape;
    private readonly WindowPhase[] _phases;
    private readonly nint[] _packedAt;
    private readonly Group[] _groups;
    private readonly int _depthStep;
    private readonly int _panelColumns;
    private readonly int _panels;
    private readonly nint _packedStride;
    private readonly nint _strideC;
    private readonly nint _stripBytes;
    private readonly long _groupBytes;
    private readonly bool _byDots;
    private readonly bool _direct; // outputs are written where they belong, rather than to scratch first
    private readonly bool _worthForking;
    private readonly MicroKernel?[] _full;
    private readonly MicroKernel?[] _last;
    private bool _packing;
    private byte* _inputs;
    private byte* _weights;
    private byte* _outputs;
    private byte* _workspace;

    /// <summary>Plans a convolution for registers of a width.</summary>
    public ConvolutionPlan(in ConvolutionShape shape, VectorWidth width, KernelCache cache)
    {
        _shape = shape;
        _phases = WindowPhase.Of(shape);
        width = Narrowed(shape, width);
        var registerBytes = Math.Max((int)width, shape.ElementBytes);
        var lanes = registerBytes / shape.ElementBytes;
        _byDots = shape.Outputs <= MostByDots && shape.Outputs < lanes && Array.TrueForAll(_phases, phase => phase.Depth >= 2 * lanes);
        // Dot products read whole vectors along a window, which is filled up with zeros for them.
        _depthStep = _byDots ? lanes : 1;
        var vectors = (shape.Outputs + lanes - 1) / lanes;
        var tile = _byDots ? new TileSize(RowsByOutputs[shape.Outputs], 1) : TileSize.Choose(_phases.Max(phase => phase.Windows), vectors, width);
        _panelColumns = _byDots ? shape.Outputs : tile.Vectors * lanes;
        _panels = _byDots ? 1 : (vectors + tile.Vectors - 1) / tile.Vectors;
        _packedStride = (nint)_panelColumns * shape.ElementBytes;

        _direct = _phases.Length == 1 && (_byDots || shape.Outputs % lanes == 0);
        _strideC = _direct ? shape.OutputPixel : _panels * _packedStride;
        _packedAt = new nint[_phases.Length];
        for (var p = 1; p < _phases.Length; p++)
            _packedAt[p] = _packedAt[p - 1] + (nint)NativeBuffer.RoundUp(PackedDepth(_phases[p - 1]) * _packedStride * _panels);
        _groups = [.. Groups(tile.Rows)];
        _stripBytes = (nint)NativeBuffer.RoundUp(tile.Rows * StripStride(Depths(_phases.MaxBy(phase => phase.Depth)!).Longest * _depthStep));
        _groupBytes = _direct ? 0 : NativeBuffer.RoundUp(_groups.Max(group => group.Strips.Start(group.End) - group.Strips.Start(group.First)) * (long)_strideC);
        _worthForking = shape.Work >= WorthForking;

        _full = new MicroKernel?[tile.Rows + 1];
        _last = new MicroKernel?[tile.Rows + 1];
        var key = new MicroKernelKey(shape.IsDouble, width, 0, tile.Vectors, false, _byDots ? TileLayout.Dots : TileLayout.RowsOfA);
        var lastVectors = vectors - ((_panels - 1) * tile.Vectors);
        foreach (var rows in _groups.SelectMany(group => new[] { group.Strips.Longest, group.Strips.Shortest }).Distinct().Where(rows => rows > 0))
        {
            if (_panels > 1)
                _full[rows] = cache.Get(key with { Rows = rows });
            _last[rows] = cache.Get(key with { Rows = rows, Columns = _byDots ? shape.Outputs : lastVectors });
        }
    }

    /// <summary>The bytes <see cref="Run"/> needs to work in with a team of this many threads, at a 64-byte aligned address.</summary>
    public long WorkspaceBytes(int threads) => checked(PackedBytes + ((_stripBytes + _groupBytes) * threads));

    private long PackedBytes => NativeBuffer.RoundUp(_packedAt[^1] + ((long)PackedDepth(_phases[^1]) * _packedStride * _panels));

    /// <summary>Computes the outputs, which must not overlap the inputs or weights.</summary>
    public void Run(void* inputs, void* weights, void* outputs, void* workspace, WorkerTeam team)
    {
        _inputs = (byte*)inputs;
        _weights = (byte*)weights;
        _outputs = (byte*)outputs;
        _workspace = (byte*)workspace;
        RunPhase(packing: true, _phases.Length * _panels, team);
        RunPhase(packing: false, _groups.Length, team);
    }

    void IParallelBody.Run(int firstTask, int endTask, int worker)
    {
        for (var task = firstTask; task < endTask; task++)
        {
            if (_packing)
                PackWeights(task / _panels, task % _panels);
            else
                Compute(_groups[task], _workspace + PackedBytes + (worker * (_stripBytes + _groupBytes)));
        }
    }

    private void RunPhase(bool packing, int tasks, WorkerTeam team)
    {
        _packing = packing;
        if (_worthForking)
            team.Run(this, tasks);
        else
            ((IParallelBody)this).Run(0, tasks, 0);
    }

    // Outputs that fit a smaller register need no mask there, and no more multiply-adds.
    private static VectorWidth Narrowed(in ConvolutionShape shape, VectorWidth width)
    {
        if (width == VectorWidth.Bits512 && shape.OutputPixel <= 32)
            width = VectorWidth.Bits256;
        return width == VectorWidth.Bits256 && shape.OutputPixel == 16 ? VectorWidth.Bits128 : width;
    }

    private IEnumerable<Group> Groups(int tileRows)
    {
        foreach (var phase in Enumerable.Range(0, _phases.Length))
        {
            var strips = BalancedSplit.ByLength(_phases[phase].Windows, tileRows);
            var fit = Math.Max(1, (int)(GroupBytes / (tileRows * Math.Max(1, _strideC))));
            var forShares = Math.Max(1, strips.Parts * _phases.Length / EnoughGroups);
            var parts = BalancedSplit.ByLength(strips.Parts, Math.Min(fit, forShares));
            for (var part = 0; part < parts.Parts; part++)
                yield return new(phase, strips, parts.Start(part), parts.Start(part) + parts.Length(part));
        }
    }

    private int PackedDepth(WindowPhase phase) => (phase.Depth + _depthStep - 1) / _depthStep * _depthStep;

    // In steps of the depth.
    private BalancedSplit Depths(WindowPhase phase) => BalancedSplit.ByLength(PackedDepth(phase) / _depthStep, DepthBytes / _shape.ElementBytes / _depthStep);

    // Rows a multiple of 512 bytes apart would share an eighth of the cache's sets.
    private nint StripStride(int depth)
    {
        var bytes = (nint)NativeBuffer.RoundUp((long)depth * _shape.ElementBytes);
        return bytes % 512 == 0 ? bytes + NativeBuffer.Alignment : bytes;
    }

    private void PackWeights(int phase, int panel)
    {
        var target = _workspace + _packedAt[phase] + (panel * _packedStride * PackedDepth(_phases[phase]));
        var column = panel * _panelColumns;
        var bytes = Math.Min(_panelColumns, _shape.Outputs - column) * _shape.ElementBytes;
        if (_byDots)
        {
            PackWeightsByOutput(_phases[phase], target);
            return;
        }
        foreach (var tap in _phases[phase].PackedTaps)
        {
            var source = _weights + ((nint)tap * _shape.Channels * _shape.OutputPixel) + ((nint)column * _shape.ElementBytes);
            PanelPacking.Copy(source, _shape.OutputPixel, target, _packedStride, bytes, _shape.Channels);
            target += _packedStride * _shape.Channels;
        }
    }

    // Each output's weights one after another, as a window has its elements.
    private void PackWeightsByOutput(WindowPhase phase, byte* target)
    {
        var size = _shape.ElementBytes;
        for (var output = 0; output < _shape.Outputs; output++)
        {
            foreach (var tap in phase.PackedTaps)
            {
                var source = _weights + ((nint)tap * _shape.Channels * _shape.OutputPixel) + (output * size);
                PanelPacking.Copy(source, _shape.OutputPixel, target, size, size, _shape.Channels);
                target += _shape.InputPixel;
            }
            var rest = (PackedDepth(phase) - phase.Depth) * size;
            NativeMemory.Clear(target, (nuint)rest);
            target += rest;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compute(in Group group, byte* scratch)
    {
        var phase = _phases[group.Phase];
        var depths = Depths(phase);
        var depth = PackedDepth(phase);
        var firstRow = group.Strips.Start(group.First);
        var packed = _workspace + _packedAt[group.Phase];
        var target = _direct ? _outputs + (firstRow * _strideC) : scratch + _stripBytes;
        Tile tile;
        tile.Mask = null;
        tile.StrideC = _strideC;
        for (var part = 0; part < depths.Parts; part++)
        {
            var k = depths.Start(part) * _depthStep;
            tile.Depth = depths.Length(part) * _depthStep;
            tile.Accumulate = part > 0 ? 1 : 0;
            tile.StrideA = StripStride((int)tile.Depth);
            tile.StrideB = _byDots ? (nint)depth * _shape.ElementBytes : _packedStride;
            for (var strip = group.First; strip < group.End; strip++)
            {
                var row = group.Strips.Start(strip);
                var rows = group.Strips.Length(strip);
                PackStrip(phase, row, rows, k, (int)tile.Depth, scratch, tile.StrideA);
                tile.A = scratch;
                tile.B = packed + (k * (_byDots ? _shape.ElementBytes : _packedStride));
                tile.C = target + ((row - firstRow) * _strideC);
                for (var panel = 0; panel < _panels - 1; panel++)
                {
                    _full[rows]!(&tile);
                    tile.B += _packedStride * depth;
                    tile.C += _packedStride;
                }
                _last[rows]!(&tile);
            }
        }
        if (!_direct)
            phase.Unpack(target, _strideC, firstRow, group.Strips.Start(group.End) - firstRow, _outputs);
    }

    private void PackStrip(WindowPhase phase, int row, int rows, int k, int depth, byte* target, nint stride)
    {
        var end = Math.Min(k + depth, phase.Depth);
        phase.Pack(_inputs, row, rows, k, end, target, stride);
        var (filled, rest) = ((nint)(end - k) * _shape.ElementBytes, (nuint)((k + depth - end) * _shape.ElementBytes));
        for (var i = 0; rest > 0 && i < rows; i++)
            NativeMemory.Clear(target + (i * stride) + filled, rest);
    }

    // Strips of one phase that are computed together.
    private readonly record struct Group(int Phase, BalancedSplit Strips, int First, int End);
}
