namespace Elbo.Compute.Phases;

/// <summary>
/// Kernels restricted to a block of rows, as kernels over smaller tensors. Values made by them become values of so many rows;
/// what they read of others becomes a slice, whose place in memory moves from block to block.
/// </summary>
internal sealed class RowBlock(int rows)
{
    /// <summary>The axis of a product that sums over the rows.</summary>
    public const int Summed = -1;

    private readonly Dictionary<Tensor, Tensor> _origins = [];
    private readonly List<(KernelPlan Plan, IReadOnlyDictionary<Tensor, int> Strides)> _kernels = [];

    /// <summary>The rows of a block.</summary>
    public int Rows => rows;

    /// <summary>
    /// The kernels of a block, in order; each with how many elements it is from row to row of what it reads but no kernel makes,
    /// 0 for what every block reads whole.
    /// </summary>
    public IReadOnlyList<(KernelPlan Plan, IReadOnlyDictionary<Tensor, int> Strides)> Kernels => _kernels;

    /// <summary>The values with rows that the kernels make: each with what stands for it in a block, and the axis of its rows.</summary>
    public Dictionary<Tensor, (Tensor InBlock, int Axis)> Values { get; } = [];

    /// <summary>The sums over all rows that the kernels make, each with the sum over a block.</summary>
    public Dictionary<Tensor, Tensor> Sums { get; } = [];

    /// <summary>The tensor of the whole graph that a tensor of the block is a part of.</summary>
    public Tensor OriginOf(Tensor inBlock) => _origins.GetValueOrDefault(inBlock, inBlock);

    /// <summary>What each kernel reads and writes row by row: the tensor of the whole graph, and bytes of a row.</summary>
    public IEnumerable<(Tensor Tensor, long RowBytes)> Touched()
    {
        foreach (var (plan, strides) in _kernels)
        {
            foreach (var (tensor, stride) in strides.Where(s => s.Value > 0))
                yield return (tensor, (long)stride * tensor.Type.Size());
            foreach (var tensor in plan.Reads.Where(r => r.ConstantValue is null).Select(r => View.Of(r).Base).Concat(plan.Writes).Distinct())
            {
                if (Values.ContainsKey(OriginOf(tensor)))
                    yield return (OriginOf(tensor), (long)tensor.Shape.Elements / rows * tensor.Type.Size());
            }
        }
    }

    /// <summary>Adds a kernel after those it reads from; false, and nothing changes, if it cannot be run by blocks along that axis.</summary>
    public bool TryAdd(KernelPlan plan, int axis)
    {
        var reads = new Reads(this);
        return plan switch
        {
            FusedPlan loop => TryAdd(loop, axis, reads),
            PrimitivePlan { Node.Operation: Operation.MatrixProduct product } primitive => TryAdd(primitive.Node, product, axis, reads),
            _ => false,
        };
    }

    private bool TryAdd(FusedPlan loop, int axis, Reads reads)
    {
        var domain = loop.Domain.With(axis, rows);
        var isSum = loop.Reductions.Any(r => ((Operation.Reduce)r.Operation).Axes.Contains(axis));
        if (isSum && loop.Reductions.Any(r => r.Operation is not Operation.Reduce { Function: Reduction.Sum }))
            return false;
        var own = new Dictionary<Tensor, Tensor>();
        foreach (var read in loop.Reads)
        {
            if (reads.Rows(read, axis) is not { } part)
                return false;
            own[read] = part;
        }
        Tensor InBlock(Tensor input) => own.TryGetValue(input, out var part) ? part : Tensor.Full(domain, input.ConstantValue!.Value, input.Type);
        foreach (var node in loop.Nodes)
            own[node] = new Tensor(node.Operation, [.. node.Inputs.ToArray().Select(InBlock)], domain, node.Type, node.Label);
        foreach (var reduction in loop.Reductions)
            own[reduction] = new Tensor(reduction.Operation, [InBlock(reduction.Inputs[0])], isSum ? reduction.Shape : reduction.Shape.With(axis, rows), reduction.Type);

        _kernels.Add((new FusedPlan(domain, loop.LaneBytes, [.. loop.Nodes.Select(n => own[n])], [.. loop.Stores.Select(n => own[n])], [.. loop.Reductions.Select(n => own[n])]), reads.Strides));
        foreach (var written in loop.Writes)
            Made(written, own[written], isSum && loop.Reductions.Contains(written) ? Summed : axis);
        return true;
    }

    private bool TryAdd(Tensor node, Operation.MatrixProduct product, int axis, Reads reads)
    {
        var (left, right, rank) = (node.Inputs[0], node.Inputs[1], node.Rank);
        if (node.Shape.Take(rank - 2).Any(size => size > 1))
            return false;
        var (rowsOfLeft, rowsOfRight) = (product.TransposeLeft ? rank - 1 : rank - 2, product.TransposeRight ? rank - 1 : rank - 2);
        var (columnsOfLeft, columnsOfRight) = (2 * rank - 3 - rowsOfLeft, 2 * rank - 3 - rowsOfRight);
        var a = axis == Summed ? reads.Rows(left, columnsOfLeft) : axis == rank - 2 ? reads.Rows(left, rowsOfLeft) : reads.Whole(left);
        var b = axis == Summed ? reads.Rows(right, rowsOfRight) : axis == rank - 2 ? reads.Whole(right) : reads.Rows(right, columnsOfRight);
        if (a is null || b is null || !View.IsDense(a) || !View.IsDense(b))
            return false;
        var inBlock = new Tensor(product, [a, b], axis == Summed ? node.Shape : node.Shape.With(axis, rows), node.Type, node.Label);
        _kernels.Add((new PrimitivePlan(inBlock), reads.Strides));
        Made(node, inBlock, axis);
        return true;
    }

    private void Made(Tensor original, Tensor inBlock, int axis)
    {
        _origins[inBlock] = original;
        if (axis == Summed)
            Sums[original] = inBlock;
        else
            Values[original] = (inBlock, axis);
    }

    /// <summary>What one kernel reads.</summary>
    private sealed class Reads(RowBlock block)
    {
        /// <summary>How far what is not made here moves, in elements, from row to row.</summary>
        public Dictionary<Tensor, int> Strides { get; } = [];

        /// <summary>The rows of a block, which lie along an axis; null if they are not the rows the others walk.</summary>
        public Tensor? Rows(Tensor tensor, int axis)
        {
            var view = View.Of(tensor);
            if (block.Values.ContainsKey(view.Base))
                return OfValue(tensor, axis);
            return IsOutside(view.Base) && Moves(view.Base, view.Strides[axis]) ? tensor.Slice(axis, 0, block.Rows) : null;
        }

        /// <summary>A tensor that every block reads whole; null if it has rows.</summary>
        public Tensor? Whole(Tensor tensor) => View.Of(tensor).Base is var owner && IsOutside(owner) && Moves(owner, 0) ? tensor : null;

        private bool IsOutside(Tensor owner) => !block.Values.ContainsKey(owner) && !block.Sums.ContainsKey(owner);

        // A kernel has one address for each owner of memory, so it must move by one distance from block to block.
        private bool Moves(Tensor owner, int stride)
        {
            if (Strides.TryGetValue(owner, out var known))
                return known == stride;
            Strides[owner] = stride;
            return true;
        }

        // The same views of fewer rows: the rows have to stay an axis of their own all the way.
        private Tensor? OfValue(Tensor tensor, int axis)
        {
            if (block.Values.TryGetValue(tensor, out var value))
                return value.Axis == axis ? value.InBlock : null;
            var source = tensor.Inputs[0];
            var shape = tensor.Shape.With(axis, block.Rows);
            switch (tensor.Operation)
            {
                case Operation.Broadcast:
                    return source.Shape[axis] == tensor.Shape[axis] ? OfValue(source, axis)?.BroadcastTo(shape) : null;
                case Operation.Transpose transpose:
                    return OfValue(source, transpose.Axes[axis])?.Transpose(transpose.Axes.AsSpan());
                case Operation.Slice slice:
                    return source.Shape[axis] == tensor.Shape[axis] ? OfValue(source, axis)?.Slice(slice.Start.AsSpan(), shape) : null;
                case Operation.Reshape:
                    var outside = tensor.Shape.Take(axis).Aggregate(1, (a, b) => a * b);
                    for (int from = 0, before = 1; from < source.Rank && before <= outside; before *= source.Shape[from], from++)
                    {
                        if (before == outside && source.Shape[from] == tensor.Shape[axis])
                            return OfValue(source, from) is { } part && View.IsDense(part) ? part.Reshape(shape) : null;
                    }
                    return null;
                default:
                    return null;
            }
        }
    }
}
