namespace Elbo.Compute.Phases;

/// <summary>Makes explicit what kernels need: indices as data, and dense memory where a kernel walks it by itself.</summary>
internal static class Lower
{
    public static RewritePhase Phase { get; } = new("lower",
        new("indices are data", IotaAsLiteral),
        new("kernels and reshapes read dense memory", CopyWhereNotDense));

    /// <summary>What is asked for gets memory of its own.</summary>
    public static Tensor OwnMemory(Tensor root) =>
        View.IsView(root) || root.Inputs.Length == 0 ? Copy(root) : root;

    private static Tensor? IotaAsLiteral(Tensor node)
    {
        if (node.Operation is not Operation.Iota iota)
            return null;
        var size = node.Shape[iota.Axis];
        var line = Tensor.FromArray([.. Enumerable.Range(0, size).Select(i => (double)i)], [size], node.Type);
        var sizes = new int[node.Rank];
        Array.Fill(sizes, 1);
        sizes[iota.Axis] = size;
        return line.Reshape(Shape.Create(sizes)).BroadcastTo(node.Shape);
    }

    private static Tensor? CopyWhereNotDense(Tensor node)
    {
        if (node.Operation.IsElementwise || node.Operation is Operation.Broadcast or Operation.Slice or Operation.Reduce)
            return null;
        var inputs = node.Inputs.ToArray();
        var changed = false;
        for (var k = 0; k < inputs.Length; k++)
        {
            if (View.IsDense(inputs[k]) || (node.Operation is Operation.Reshape && inputs[k].ConstantValue is not null))
                continue;
            inputs[k] = Copy(inputs[k]);
            changed = true;
        }
        return changed ? node.WithInputs(inputs) : null;
    }

    private static Tensor Copy(Tensor x) => Tensor.Map(Unary.Copy, x);
}
