using Elbo.Compute.Emission;
using Elbo.Compute.Kernels;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Execution;

/// <summary>Makes the kernel that runs others block of rows by block of rows. Blocks and parts are fixed by the shapes, so that bits do not depend on threads.</summary>
internal sealed class RowBlocksFactory
{
    // A block is to stay in the second-level cache, beside what the next one brings; fewer bytes than half a first-level cache
    // are not worth the calls.
    private const long LargestBlockBytes = 192 << 10;
    private const long SmallestBlockBytes = 16 << 10;

    // So that a few workers get nearly equal shares.
    private const int EnoughBlocks = 8;

    // So many rows are whole vectors of every type: a vector at the end of a block never reaches into the next.
    private const int RowGranule = 16;

    // What the blocks are shared out in, each part with sums of its own.
    private const int MostParts = 32;

    private readonly RowBlocksPlan _plan;
    private readonly VectorWidth _width;
    private readonly SlotTable _slots;
    private readonly KernelCache _matrixKernels;
    private readonly LoopCache _loops;
    private readonly int _threads;
    private readonly RowBlockMemory _memory;
    private readonly int _blockRows;
    private readonly int _parts;

    public RowBlocksFactory(RowBlocksPlan plan, VectorWidth width, SlotTable slots, KernelCache matrixKernels, LoopCache loops, int threads)
    {
        (_plan, _width, _slots, _matrixKernels, _loops, _threads) = (plan, width, slots, matrixKernels, loops, threads);
        _blockRows = RowsOfABlock(plan);
        _parts = Math.Min(MostParts, (plan.Rows + _blockRows - 1) / _blockRows);
        _memory = new RowBlockMemory(_parts);
    }

    public Kernel Make()
    {
        var whole = _plan.Block(_blockRows);
        var block = Steps(whole);
        var rest = _plan.Rows % _blockRows;
        var last = rest == 0 ? [] : Steps(_plan.Block(rest));
        Kernel[] totals = [.. whole.Sums.Keys.Select(Total)];
        var scratch = _slots.Scratch(0, _memory.Bytes(_threads));
        return new RowBlocksKernel(_memory.Layout(scratch), (_plan.Rows, _blockRows, _parts), block, last, totals);
    }

    // Blocks that leave no rest need no code for it: the largest such block within reach, otherwise the largest.
    private static int RowsOfABlock(RowBlocksPlan plan)
    {
        var rowBytes = plan.Block(RowGranule).Touched().GroupBy(t => t.Tensor, t => t.RowBytes).Sum(g => g.Max());
        var bytes = Math.Clamp(rowBytes * plan.Rows / EnoughBlocks, SmallestBlockBytes, LargestBlockBytes);
        var most = Math.Max(RowGranule, (int)(bytes / rowBytes) / RowGranule * RowGranule);
        for (var rows = most; rows > most / 2; rows -= RowGranule)
        {
            if (plan.Rows % rows == 0)
                return rows;
        }
        return Math.Min(most, plan.Rows);
    }

    private Kernel[] Steps(RowBlock block) => [.. block.Kernels.SelectMany(k => Steps(block, k.Plan, k.Strides))];

    private IEnumerable<Kernel> Steps(RowBlock block, KernelPlan plan, IReadOnlyDictionary<Tensor, int> strides)
    {
        int PlaceOf(Tensor tensor) => Place(block, tensor, strides);
        if (plan is PrimitivePlan { Node: { Operation: Operation.MatrixProduct product } node })
        {
            yield return Product(block, node, product, t => View.Of(t) is var view ? _memory.Inside(PlaceOf(view.Base), (long)view.Offset * t.Type.Size()) : 0);
            yield break;
        }
        var loop = (FusedPlan)plan;
        yield return Loop(loop, PlaceOf);
        foreach (var sum in loop.Reductions.Where(r => block.Sums.ContainsKey(block.OriginOf(r))))
            yield return AddTo(block.OriginOf(sum), sum);
    }

    // Where a block finds a tensor: its own memory, a piece of a larger one that moves on from block to block, or one they all read.
    private int Place(RowBlock block, Tensor tensor, IReadOnlyDictionary<Tensor, int> strides)
    {
        var origin = block.OriginOf(tensor);
        if (block.Sums.ContainsKey(origin))
            return _memory.OfBlock(origin, MemoryPlan.BytesOf(tensor));
        if (!block.Values.TryGetValue(origin, out var value))
            return _memory.Outside(_slots.Of(tensor), (long)strides[tensor] * tensor.Type.Size());
        return _plan.Writes.Contains(origin)
            ? _memory.Outside(_slots.Of(origin), (long)origin.Shape.Elements / _plan.Rows * origin.Type.Size())
            : _memory.OfBlock(origin, MemoryPlan.BytesOf(value.InBlock));
    }

    private FusedKernel Loop(FusedPlan plan, Func<Tensor, int> placeOf)
    {
        var nest = LoopNest.Of(plan);
        var carried = nest.Carried.OfType<ElementStream>().ToDictionary(c => c.Tensor, c => _memory.OfBlock(c.Tensor, MemoryPlan.BytesOf(c.Tensor)));
        var body = _loops.Get(plan, nest, nest.Elements == 1 ? VectorWidth.Scalar : _width, 0, t => carried.TryGetValue(t, out var place) ? place : placeOf(t));
        return new FusedKernel("Loop", body, FusedKernelEmitter.UnitsOf(nest, 0), 0);
    }

    private FusedKernel AddTo(Tensor origin, Tensor ofBlock)
    {
        var sumSoFar = Tensor.Input("sum", ofBlock.Shape, ofBlock.Type);
        var next = sumSoFar + ofBlock;
        var (sum, added) = (_memory.OfPart(origin), _memory.OfBlock(origin, MemoryPlan.BytesOf(ofBlock)));
        return Loop(new FusedPlan(next.Shape, next.Type.Size(), [next], [next], []), t => ReferenceEquals(t, ofBlock) ? added : sum);
    }

    private RowBlockProduct Product(RowBlock block, Tensor node, Operation.MatrixProduct product, Func<Tensor, int> placeOf)
    {
        var (a, b, isSum) = (node.Inputs[0], node.Inputs[1], block.Sums.ContainsKey(block.OriginOf(node)));
        var shape = new MatrixProductShape(node.Type == DType.Float64, 1, node.Shape[-2], node.Shape[-1],
            product.TransposeLeft ? a.Shape[-2] : a.Shape[-1], product.TransposeLeft, product.TransposeRight, Accumulate: isSum);
        var plan = MatrixProductPlan.Create(shape, _width, _matrixKernels);
        return new RowBlockProduct(plan, placeOf(a), placeOf(b), isSum ? _memory.OfPart(block.OriginOf(node)) : placeOf(node), _memory.Workspace(plan.WorkspaceBytes(1)));
    }

    // The sums of all parts, added in their order.
    private FusedKernel Total(Tensor origin)
    {
        var sums = _memory.OfAllParts(origin);
        var total = new Tensor(new Operation.Reduce(Reduction.Sum, [0]), [sums], [1, origin.Shape.Elements], origin.Type);
        var (from, to) = (_memory.OfPart(origin), _memory.Outside(_slots.Of(origin), 0));
        return Loop(new FusedPlan(sums.Shape, origin.Type.Size(), [], [], [total]), t => ReferenceEquals(t, total) ? to : from);
    }
}
