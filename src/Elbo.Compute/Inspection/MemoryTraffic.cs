using Elbo.Compute.Phases;

namespace Elbo.Compute.Inspection;

/// <summary>The bytes that a kernel must move at least: every element that it reads or writes once, however often it is repeated; by a loop, at every step.</summary>
internal static class MemoryTraffic
{
    public static double Of(KernelPlan plan) => plan is LoopPlan loop ? loop.Scope.Length * loop.Body.Sum(Of) : Read(plan) + plan.Writes.Sum(BytesOf);

    // Two views of one value cannot read more than all of it.
    private static double Read(KernelPlan plan) => plan.Reads.Where(r => r.ConstantValue is null)
        .GroupBy(r => View.Of(r).Base)
        .Sum(views => Math.Min(BytesOf(views.Key), views.Distinct().Sum(view => Read(plan, view))));

    private static double Read(KernelPlan plan, Tensor view)
    {
        // Of a table only the rows that are picked.
        if (plan is PrimitivePlan { Node: { Operation: Operation.Gather } gather } && ReferenceEquals(gather.Inputs[0], view))
            return BytesOf(gather);
        var strides = View.Of(view).Strides;
        var elements = 1.0;
        for (var axis = 0; axis < strides.Length; axis++)
            elements *= strides[axis] == 0 ? 1 : view.Shape[axis];
        return elements * view.Type.Size();
    }

    private static double BytesOf(Tensor tensor) => (double)tensor.Shape.Elements * tensor.Type.Size();
}
