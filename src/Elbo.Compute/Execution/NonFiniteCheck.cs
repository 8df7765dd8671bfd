using Elbo.Compute.Kernels;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Execution;

/// <summary>Runs kernels one by one and looks at what each wrote.</summary>
internal sealed unsafe class NonFiniteCheck(IReadOnlyList<KernelPlan> plans, IReadOnlyList<Tensor> leaves)
{
    public void Run(Kernel[] kernels, MemoryImage memory, WorkerTeam team)
    {
        foreach (var leaf in leaves)
        {
            if (FirstNonFinite(memory, leaf) is { } found)
                throw new NonFiniteException($"{Describe(leaf)} holds {found.Value} at {Position(leaf.Shape, found.Index)} before the run: the data or parameters are not finite.");
        }
        Run(plans, kernels, memory, team, "");
    }

    // Behind the planned kernels are those that only move values.
    private static void Run(IReadOnlyList<KernelPlan> plans, IReadOnlyList<Kernel> kernels, MemoryImage memory, WorkerTeam team, string place)
    {
        for (var k = 0; k < kernels.Count; k++)
        {
            if (k < plans.Count && plans[k] is LoopPlan loop)
            {
                RunLoop(loop, (LoopKernel)kernels[k], memory, team, place);
                continue;
            }
            kernels[k].Run(memory.Slots, team);
            foreach (var tensor in k < plans.Count ? plans[k].Writes : [])
            {
                if (FirstNonFinite(memory, tensor) is { } found)
                    throw new NonFiniteException(Message(memory, tensor, found.Index, found.Value, place));
            }
        }
    }

    private static void RunLoop(LoopPlan plan, LoopKernel kernel, MemoryImage memory, WorkerTeam team, string place)
    {
        kernel.Begin(memory.Slots);
        for (var step = 0; step < kernel.Steps; step++)
        {
            kernel.Enter(memory.Slots, step);
            Run(plan.Body, kernel.Body, memory, team, $", at step {kernel.Place(step)} of {kernel.Steps} of a scan{place}");
        }
        kernel.End(memory.Slots);
    }

    private static string Message(MemoryImage memory, Tensor tensor, int index, double value, string place)
    {
        var inputs = string.Join(", ", tensor.Inputs.ToArray().Select(input => Describe(input) + ValueAt(memory, tensor, input, index)));
        return $"{Describe(tensor)} is the first to be not finite: {value} at {Position(tensor.Shape, index)}{place}, from {inputs}.";
    }

    // Elementwise, the input elements that made the value; otherwise the range of the input.
    private static string ValueAt(MemoryImage memory, Tensor tensor, Tensor input, int index)
    {
        if (input.ConstantValue is { } constant)
            return $" = {constant}";
        var view = View.Of(input);
        if (!tensor.Operation.IsElementwise || !input.Type.IsFloat())
            return "";
        var at = view.Offset;
        for (var axis = input.Rank - 1; axis >= 0; index /= input.Shape[axis], axis--)
            at += index % input.Shape[axis] * view.Strides[axis];
        return $" = {Read(memory, view.Base, at)}";
    }

    private static (int Index, double Value)? FirstNonFinite(MemoryImage memory, Tensor tensor)
    {
        for (var i = 0; tensor.Type.IsFloat() && i < tensor.Shape.Elements; i++)
        {
            if (Read(memory, tensor, i) is var value && !double.IsFinite(value))
                return (i, value);
        }
        return null;
    }

    private static double Read(MemoryImage memory, Tensor owner, int index) => owner.Type switch
    {
        DType.Float32 => ((float*)memory.AddressOf(owner))[index],
        DType.Float64 => ((double*)memory.AddressOf(owner))[index],
        _ => ((int*)memory.AddressOf(owner))[index],
    };

    private static string Describe(Tensor tensor) =>
        $"{tensor.Operation.Name}{(tensor.Label is { } label && label != tensor.Operation.Name ? $" '{label}'" : "")} {tensor.Shape}";

    private static string Position(Shape shape, int index)
    {
        var position = new int[shape.Rank];
        for (var axis = shape.Rank - 1; axis >= 0; index /= shape[axis], axis--)
            position[axis] = index % shape[axis];
        return $"[{string.Join(", ", position)}]";
    }
}
