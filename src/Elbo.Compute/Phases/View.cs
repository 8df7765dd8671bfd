namespace Elbo.Compute.Phases;

/// <summary>
/// How the elements of a tensor lie in the memory of another: broadcasts, slices, transposes and reshapes move no data, they only
/// address it differently. Offsets and strides are in elements.
/// </summary>
internal sealed record View(Tensor Base, int Offset, int[] Strides)
{
    /// <summary>Follows broadcasts, slices, transposes and reshapes down to the tensor that owns memory.</summary>
    public static View Of(Tensor tensor)
    {
        switch (tensor.Operation)
        {
            case Operation.Broadcast:
                var source = Of(tensor.Inputs[0]);
                var strides = (int[])source.Strides.Clone();
                for (var axis = 0; axis < strides.Length; axis++)
                {
                    if (tensor.Inputs[0].Shape[axis] == 1)
                        strides[axis] = 0;
                }
                return source with { Strides = strides };
            case Operation.Slice slice:
                var whole = Of(tensor.Inputs[0]);
                var offset = whole.Offset;
                for (var axis = 0; axis < slice.Start.Length; axis++)
                    offset += slice.Start[axis] * whole.Strides[axis];
                return whole with { Offset = offset };
            case Operation.Transpose transpose:
                var before = Of(tensor.Inputs[0]);
                var permuted = new int[transpose.Axes.Length];
                for (var axis = 0; axis < permuted.Length; axis++)
                    permuted[axis] = before.Strides[transpose.Axes[axis]];
                return before with { Strides = permuted };
            case Operation.Reshape:
                // Sound because Lower puts a copy under every reshape of something that is not dense.
                return Of(tensor.Inputs[0]) with { Strides = tensor.Shape.Strides() };
            default:
                return new(tensor, 0, tensor.Shape.Strides());
        }
    }

    /// <summary>Whether the elements follow one another in row-major order.</summary>
    public static bool IsDense(Tensor tensor)
    {
        if (tensor.ConstantValue is not null)
            return false;
        if (!IsView(tensor))
            return true;
        var strides = Of(tensor).Strides;
        var dense = tensor.Shape.Strides();
        for (var axis = 0; axis < strides.Length; axis++)
        {
            if (tensor.Shape[axis] > 1 && strides[axis] != dense[axis])
                return false;
        }
        return true;
    }

    /// <summary>Whether a vector loop over the innermost axis can read the elements: neighbours there, or one repeated.</summary>
    public static bool IsVectorReadable(Tensor tensor)
    {
        if (!IsView(tensor) || tensor.ConstantValue is not null)
            return true;
        var innermost = tensor.Rank - 1;
        while (innermost >= 0 && tensor.Shape[innermost] == 1)
            innermost--;
        return innermost < 0 || Of(tensor).Strides[innermost] is 0 or 1;
    }

    /// <summary>Whether a tensor only addresses memory that another owns.</summary>
    public static bool IsView(Tensor tensor) => tensor.Operation is Operation.Broadcast or Operation.Slice or Operation.Transpose or Operation.Reshape;
}
