using System.Collections.Immutable;

namespace Elbo.Compute;

// Operations that move elements, reduce them, or treat them as matrices.
public sealed partial class Tensor
{
    /// <summary>Elements converted to another type: truth values to 0 and 1, floats to integers by dropping the fraction, numbers to truth values by being other than 0.</summary>
    public Tensor Convert(DType type)
    {
        if (type == Type)
            return this;
        return type == DType.Bool ? !EqualTo(0.0) : new(new Operation.Convert(type), [this], Shape, type);
    }

    /// <summary>Repeats axes of size one, and new leading axes, to reach a shape.</summary>
    /// <exception cref="ShapeException">An axis is neither of size one nor of the size asked for.</exception>
    public Tensor BroadcastTo(Shape shape)
    {
        if (Shape == shape)
            return this;
        var fits = Rank <= shape.Rank;
        for (var axis = 1; fits && axis <= Rank; axis++)
            fits = Shape[-axis] == 1 || Shape[-axis] == shape[-axis];
        if (!fits)
            throw new ShapeException($"BroadcastTo: shape {Shape} cannot be repeated to {shape}: axes are aligned from the last, and only axes of size one repeat.");
        var leading = new int[shape.Rank];
        for (var axis = 0; axis < shape.Rank; axis++)
            leading[axis] = axis < shape.Rank - Rank ? 1 : Shape[axis - (shape.Rank - Rank)];
        var source = Reshape(Shape.Create(leading));
        return source.Shape == shape ? source : new(new Operation.Broadcast(), [source], shape, Type);
    }

    /// <summary>The same elements, in row-major order, under another shape.</summary>
    /// <exception cref="ShapeException">The number of elements differs.</exception>
    public Tensor Reshape(Shape shape)
    {
        if (shape == Shape)
            return this;
        if (shape.Elements != Shape.Elements)
            throw new ShapeException($"Reshape: shape {Shape} has {Shape.Elements} elements, and {shape} has {shape.Elements}.");
        return new(new Operation.Reshape(), [this], shape, Type);
    }

    /// <summary>Axes in another order: axis <c>i</c> of the result is axis <c>axes[i]</c> of this tensor. Without arguments the last two are swapped.</summary>
    /// <exception cref="ShapeException">The axes are not a permutation.</exception>
    public Tensor Transpose(params ReadOnlySpan<int> axes)
    {
        var order = AllAxes();
        if (axes.IsEmpty && Rank >= 2)
            (order[^1], order[^2]) = (order[^2], order[^1]);
        else if (!axes.IsEmpty)
            order = axes.ToArray();
        if (!IsPermutation(order))
            throw new ShapeException($"Transpose: [{string.Join(", ", order)}] is not an order of the {Rank} axes of shape {Shape}.");
        if (order.AsSpan().SequenceEqual(AllAxes()))
            return this;
        var sizes = new int[Rank];
        for (var axis = 0; axis < Rank; axis++)
            sizes[axis] = Shape[order[axis]];
        return new(new Operation.Transpose([.. order]), [this], Shape.Create(sizes), Type);
    }

    private int[] AllAxes() => AxesWhere(Rank, _ => true);

    internal static int[] AxesWhere(int rank, Predicate<int> isWanted)
    {
        var axes = new List<int>();
        for (var axis = 0; axis < rank; axis++)
        {
            if (isWanted(axis))
                axes.Add(axis);
        }
        return [.. axes];
    }

    private bool IsPermutation(int[] order)
    {
        var seen = new bool[Rank];
        foreach (var axis in order)
        {
            if (axis < 0 || axis >= Rank || seen[axis])
                return false;
            seen[axis] = true;
        }
        return order.Length == Rank;
    }

    /// <summary>A box of elements: <paramref name="size"/> of them from <paramref name="start"/> on, along each axis.</summary>
    /// <exception cref="ShapeException">The box leaves the tensor.</exception>
    public Tensor Slice(ReadOnlySpan<int> start, Shape size)
    {
        var fits = start.Length == Rank && size.Rank == Rank;
        for (var axis = 0; fits && axis < Rank; axis++)
            fits = start[axis] >= 0 && start[axis] + size[axis] <= Shape[axis];
        if (!fits)
            throw new ShapeException($"Slice: {size} elements from [{string.Join(", ", start.ToArray())}] do not lie within shape {Shape}.");
        return size == Shape ? this : new(new Operation.Slice([.. start]), [this], size, Type);
    }

    /// <summary>Elements <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> − 1 along one axis.</summary>
    public Tensor Slice(int axis, int start, int count)
    {
        axis = CheckAxis("Slice", Shape, axis);
        var from = new int[Rank];
        from[axis] = start;
        if (count < 1)
            throw new ShapeException($"Slice: {count} elements of axis {axis} of shape {Shape} were asked for; at least one is needed.");
        return Slice(from, Shape.With(axis, count));
    }

    /// <summary>Surrounds the tensor with zeros: <paramref name="before"/> and <paramref name="after"/> many along each axis.</summary>
    public Tensor Pad(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        if (before.Length != Rank || after.Length != Rank || IsAnyNegative(before) || IsAnyNegative(after))
            throw new ShapeException($"Pad: [{string.Join(", ", before.ToArray())}] before and [{string.Join(", ", after.ToArray())}] after are not paddings of shape {Shape}.");
        var sizes = new int[Rank];
        for (var axis = 0; axis < Rank; axis++)
            sizes[axis] = before[axis] + Shape[axis] + after[axis];
        var shape = Shape.Create(sizes);
        return shape == Shape ? this : new(new Operation.Pad([.. before]), [this], shape, Type);
    }

    private static bool IsAnyNegative(ReadOnlySpan<int> numbers)
    {
        foreach (var number in numbers)
        {
            if (number < 0)
                return true;
        }
        return false;
    }

    /// <summary>Tensors one after another along an axis.</summary>
    /// <exception cref="ShapeException">The other axes, or the element types, differ.</exception>
    public static Tensor Concatenate(int axis, params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty)
            throw new ShapeException("Concatenate: no tensors were given.");
        var first = parts[0];
        axis = CheckAxis("Concatenate", first.Shape, axis);
        var size = 0;
        foreach (var part in parts)
        {
            if (part.Type != first.Type || part.Rank != first.Rank || part.Shape.With(axis, 1) != first.Shape.With(axis, 1))
                throw new ShapeException($"Concatenate along axis {axis}: {part.Type}{part.Shape} does not continue {first.Type}{first.Shape}.");
            size += part.Shape[axis];
        }
        return parts.Length == 1 ? first : new(new Operation.Concatenate(axis), parts.ToArray(), first.Shape.With(axis, size), first.Type);
    }

    /// <summary>The sum over some axes (all of them if none is named).</summary>
    public Tensor Sum(params ReadOnlySpan<int> axes) => DropAxes(SumKeeping(axes), axes);

    /// <summary>The sum over some axes, which stay with size one.</summary>
    public Tensor SumKeeping(params ReadOnlySpan<int> axes) => Reduce(Reduction.Sum, axes);

    /// <summary>The mean over some axes (all of them if none is named).</summary>
    public Tensor Mean(params ReadOnlySpan<int> axes)
    {
        var sum = Sum(axes);
        return sum / ((double)Shape.Elements / sum.Shape.Elements);
    }

    /// <summary>The greatest element over some axes (all of them if none is named); NaN if one is NaN.</summary>
    public Tensor Max(params ReadOnlySpan<int> axes) => DropAxes(MaxKeeping(axes), axes);

    /// <summary>The greatest element over some axes, which stay with size one.</summary>
    public Tensor MaxKeeping(params ReadOnlySpan<int> axes) => Reduce(Reduction.Max, axes);

    /// <summary>ln Σ eˣ over some axes, which stay with size one.</summary>
    internal Tensor LogSumExpKeeping(params ReadOnlySpan<int> axes) => Reduce(Reduction.LogSumExp, axes);

    /// <summary>ln Σ eˣ over some axes (all of them if none is named).</summary>
    internal Tensor LogSumExp(params ReadOnlySpan<int> axes) => DropAxes(LogSumExpKeeping(axes), axes);

    private Tensor Reduce(Reduction function, ReadOnlySpan<int> axes)
    {
        if (!Type.IsFloat())
            throw new ShapeException($"{function} reduces floats; {Type}{Shape} was given. Convert it first, with Convert.");
        var reduced = NormalAxes(function.ToString(), axes);
        var shape = Shape;
        foreach (var axis in reduced)
            shape = shape.With(axis, 1);
        return shape == Shape ? this : new(new Operation.Reduce(function, reduced), [this], shape, Type);
    }

    private ImmutableArray<int> NormalAxes(string operation, ReadOnlySpan<int> axes)
    {
        if (axes.IsEmpty)
            return [.. AllAxes()];
        var named = new bool[Rank];
        foreach (var axis in axes)
        {
            ref var isNamed = ref named[CheckAxis(operation, Shape, axis)];
            if (isNamed)
                throw new ShapeException($"{operation}: axis {axis} of shape {Shape} is named twice.");
            isNamed = true;
        }
        return [.. AxesWhere(Rank, axis => named[axis])];
    }

    private static Tensor DropAxes(Tensor kept, ReadOnlySpan<int> axes)
    {
        if (axes.IsEmpty)
            return kept.Reshape(Shape.Scalar);
        var dropped = kept.NormalAxes("Reduce", axes);
        var rest = AxesWhere(kept.Rank, axis => dropped.IndexOf(axis) < 0);
        for (var k = 0; k < rest.Length; k++)
            rest[k] = kept.Shape[rest[k]];
        return kept.Reshape(Shape.Create(rest));
    }

    /// <summary>Running sums along an axis, from its start or, reversed, from its end; each includes its own element.</summary>
    public Tensor CumulativeSum(int axis, bool reverse = false)
    {
        if (!Type.IsFloat())
            throw new ShapeException($"CumulativeSum adds floats; {Type}{Shape} was given.");
        return new(new Operation.CumulativeSum(CheckAxis("CumulativeSum", Shape, axis), reverse), [this], Shape, Type);
    }

    /// <summary>
    /// The matrix product over the last two axes, after optional transposes of either side. Leading axes are batches: equal on
    /// both sides, or absent from the right, which is then used for every batch.
    /// </summary>
    /// <exception cref="ShapeException">The inner sizes or the batches differ, or a side has fewer than two axes.</exception>
    public Tensor MatMul(Tensor right, bool transposeLeft = false, bool transposeRight = false)
    {
        ArgumentNullException.ThrowIfNull(right);
        if (Rank < 2 || right.Rank < 2 || Type != right.Type || !Type.IsFloat())
            throw MatMulMistake(right, transposeLeft, transposeRight, "both sides must be floats of one type with at least two axes");
        if (Rank > 2 && right.Rank == 2 && !transposeLeft)
        {
            var rows = Reshape([Shape.Elements / Shape[-1], Shape[-1]]).MatMul(right, false, transposeRight);
            return rows.Reshape(Shape.With(Rank - 1, rows.Shape[1]));
        }
        // Transposed rows cannot be put one under another.
        if (Rank > 2 && right.Rank == 2)
            right = right.BroadcastTo(Shape.Create([.. Shape.AsSpan()[..^2], .. right.Shape]));
        var (m, k) = transposeLeft ? (Shape[-1], Shape[-2]) : (Shape[-2], Shape[-1]);
        var (k2, n) = transposeRight ? (right.Shape[-1], right.Shape[-2]) : (right.Shape[-2], right.Shape[-1]);
        if (k != k2)
            throw MatMulMistake(right, transposeLeft, transposeRight, $"the inner sizes {k} and {k2} differ");
        if (!Shape.AsSpan()[..^2].SequenceEqual(right.Shape.AsSpan()[..^2]))
            throw MatMulMistake(right, transposeLeft, transposeRight, "the leading axes differ");
        return new(new Operation.MatrixProduct(transposeLeft, transposeRight), [this, right], Shape.With(Rank - 2, m).With(Rank - 1, n), Type);
    }

    private ShapeException MatMulMistake(Tensor right, bool transposeLeft, bool transposeRight, string reason) =>
        new($"MatMul of {Type}{Shape}{(transposeLeft ? " transposed" : "")} and {right.Type}{right.Shape}{(transposeRight ? " transposed" : "")}: {reason}.");

    /// <summary>Entries of the first axis, picked by index: the result has the shape of <paramref name="indices"/> followed by the remaining axes of this tensor. Indices outside the axis are clamped to its ends.</summary>
    public Tensor Gather(Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Type != DType.Int32 || Rank < 1)
            throw new ShapeException($"Gather from {Type}{Shape}: indices must be Int32, not {indices.Type}{indices.Shape}, and the source needs an axis.");
        return new(new Operation.Gather(), [this, indices], Shape.Create([.. indices.Shape, .. Shape.AsSpan()[1..]]), Type);
    }

    /// <summary>A tensor of <paramref name="size"/> zero entries along a new first axis, to which the entries of this tensor are added at <paramref name="indices"/>; the transpose of <see cref="Gather"/>.</summary>
    public Tensor ScatterAdd(Tensor indices, int size)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Type != DType.Int32 || !Type.IsFloat() || Rank < indices.Rank || !Shape.AsSpan()[..indices.Rank].SequenceEqual(indices.Shape.AsSpan()))
            throw new ShapeException($"ScatterAdd of {Type}{Shape} at {indices.Type}{indices.Shape}: the indices must be Int32 with the leading axes of the floats they place.");
        return new(new Operation.ScatterAdd(), [indices, this], Shape.Create([size, .. Shape.AsSpan()[indices.Rank..]]), Type);
    }

    /// <summary>The lower Cholesky factor over the last two axes, reading the lower triangle. A matrix that is not positive definite gives NaN throughout.</summary>
    public Tensor Cholesky()
    {
        if (Rank < 2 || Shape[-1] != Shape[-2] || !Type.IsFloat())
            throw new ShapeException($"Cholesky needs square matrices of floats, not {Type}{Shape}.");
        return new(new Operation.Cholesky(), [this], Shape, Type);
    }

    /// <summary>X of L·X = B, or of Lᵀ·X = B, where this tensor is the lower-triangular L (its upper triangle is not read).</summary>
    public Tensor TriangularSolve(Tensor right, bool transpose = false)
    {
        ArgumentNullException.ThrowIfNull(right);
        if (Rank < 2 || right.Rank != Rank || Shape[-1] != Shape[-2] || right.Shape[-2] != Shape[-1] || Type != right.Type || !Type.IsFloat()
            || !Shape.AsSpan()[..^2].SequenceEqual(right.Shape.AsSpan()[..^2]))
        {
            throw new ShapeException($"TriangularSolve of {Type}{Shape} against {right.Type}{right.Shape}: a square matrix and a right side with as many rows are needed, with equal leading axes.");
        }
        return new(new Operation.TriangularSolve(transpose), [this, right], right.Shape, Type);
    }
}
