using System.Reflection.Emit;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Writes the micro-kernel of the matrix product: a tile of C stays in registers while rows of B go by as vectors and
/// elements of A are broadcast to meet them (Goto and van de Geijn 2008, with the roles of A and B as row-major order
/// wants). Each element of C is one chain of multiply-adds in order of k, so tile sizes and blocking never change a bit.
/// </summary>
internal sealed class TileKernelEmitter
{
    // Rows that share one pointer: offsets 0, s and 2s fit the processor's addressing, so 12 rows need four pointers.
    private const int RowsPerPointer = 3;

    private readonly MicroKernelKey _key;
    private readonly KernelWriter _writer;
    private readonly LocalBuilder[,] _sums;
    private readonly LocalBuilder? _mask;

    private TileKernelEmitter(MicroKernelKey key)
    {
        _key = key;
        _writer = new KernelWriter($"tile {key.Rows}x{key.Columns} {key.Width}", key.IsDouble, key.Width);
        _sums = new LocalBuilder[key.Rows, key.Columns];
        for (var i = 0; i < key.Rows; i++)
            for (var j = 0; j < key.Columns; j++)
                _sums[i, j] = _writer.Register();
        if (key.Masked)
            _mask = _writer.Mask();
    }

    /// <summary>Generates the kernel for a key.</summary>
    public static MicroKernel Emit(MicroKernelKey key)
    {
        var emitter = new TileKernelEmitter(key);
        emitter.StartSums();
        emitter.EmitProducts();
        emitter.StoreSums();
        return emitter._writer.Finish();
    }

    private void StartSums()
    {
        _writer.If(
            nameof(Tile.Accumulate),
            () => ForEachOfC((i, j) =>
            {
                _writer.LoadRegister(MaskOf(j));
                _writer.Il.Emit(OpCodes.Stloc, _sums[i, j]);
            }),
            () =>
            {
                foreach (var sum in _sums)
                    _writer.SetZero(sum);
            });
    }

    private void StoreSums() => ForEachOfC((i, j) => _writer.StoreRegister(_sums[i, j], MaskOf(j)));

    private void ForEachOfC(Action<int, int> withAddressPushed)
    {
        var row = _writer.Argument(nameof(Tile.C));
        var stride = _writer.Argument(nameof(Tile.StrideC));
        for (var i = 0; i < _key.Rows; i++)
        {
            for (var j = 0; j < _key.Columns; j++)
            {
                _writer.PushAddress(row, j * _writer.Lanes.RegisterBytes);
                withAddressPushed(i, j);
            }

            if (i + 1 < _key.Rows)
                _writer.Advance(row, stride);
        }
    }

    private void EmitProducts()
    {
        var a = _writer.Argument(nameof(Tile.A));
        var strideA = _writer.Argument(nameof(Tile.StrideA));
        var b = _writer.Argument(nameof(Tile.B));
        var strideB = _writer.Argument(nameof(Tile.StrideB));
        var depth = _writer.Argument(nameof(Tile.Depth));
        var (pushA, advanceA) = _key.Layout == TileLayout.RowsOfA ? WalkRows(a, strideA) : WalkColumns(a, strideA);
        var rowOfB = new LocalBuilder[_key.Columns];
        for (var j = 0; j < rowOfB.Length; j++)
            rowOfB[j] = _writer.Register();
        var element = _writer.Register();
        _writer.While(depth, 1, () =>
        {
            for (var j = 0; j < _key.Columns; j++)
            {
                _writer.PushAddress(b, j * _writer.Lanes.RegisterBytes);
                _writer.LoadRegister(MaskOf(j));
                _writer.Il.Emit(OpCodes.Stloc, rowOfB[j]);
            }

            for (var i = 0; i < _key.Rows; i++)
            {
                pushA(i);
                _writer.LoadBroadcast();
                _writer.Il.Emit(OpCodes.Stloc, element);
                for (var j = 0; j < _key.Columns; j++)
                    _writer.MultiplyAdd(element, rowOfB[j], _sums[i, j]);
            }

            advanceA();
            _writer.Advance(b, strideB);
            _writer.Advance(depth, -1);
        });
    }

    private (Action<int> Push, Action Advance) WalkColumns(LocalBuilder a, LocalBuilder stride) =>
        (i => _writer.PushAddress(a, i * _writer.Lanes.LaneBytes), () => _writer.Advance(a, stride));

    private (Action<int> Push, Action Advance) WalkRows(LocalBuilder a, LocalBuilder stride)
    {
        var pointers = new List<LocalBuilder> { a };
        for (var i = RowsPerPointer; i < _key.Rows; i += RowsPerPointer)
            pointers.Add(_writer.Offset(a, stride, i));
        var twice = _writer.Offset(stride, stride, 1);
        return (Push, () => pointers.ForEach(p => _writer.Advance(p, _writer.Lanes.LaneBytes)));

        void Push(int i)
        {
            _writer.Il.Emit(OpCodes.Ldloc, pointers[i / RowsPerPointer]);
            if (i % RowsPerPointer == 0)
                return;
            _writer.Il.Emit(OpCodes.Ldloc, i % RowsPerPointer == 1 ? stride : twice);
            _writer.Il.Emit(OpCodes.Add);
        }
    }

    private LocalBuilder? MaskOf(int column) => column == _key.Columns - 1 ? _mask : null;
}
