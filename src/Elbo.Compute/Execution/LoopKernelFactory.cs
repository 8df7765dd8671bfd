using Elbo.Compute.Kernels;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Execution;

/// <summary>Makes the kernel of a loop out of those of its body.</summary>
internal sealed class LoopKernelFactory(KernelFactory factory, SlotTable slots, int threads)
{
    public LoopKernel Make(LoopPlan plan)
    {
        var kernels = new Kernel[plan.Body.Count];
        SharedWork.Run(kernels.Length, threads, k => kernels[k] = factory.Make(plan.Body[k]));

        // What is not written where it is kept is moved there when the step has done everything else.
        var moves = new List<Kernel>();
        MovingSlot[] Target(Tensor value, bool isWrittenInPlace)
        {
            if (isWrittenInPlace)
                return Followers(value);
            var target = slots.Moving();
            moves.Add(new MoveKernel(Dense(value), target, BytesOf(value)));
            return [new(target, 0)];
        }

        var entries = new List<EntryPlace>();
        foreach (var entry in plan.Entries)
        {
            var sequence = View.Of(entry.Inputs[0]);
            entries.Add(new(Dense(entry.Inputs[0]), (long)sequence.Strides[0] * entry.Type.Size(), Followers(entry)));
        }
        entries.AddRange(plan.Stacks.Select(stack => new EntryPlace(slots.Of(stack.Stack), BytesOf(stack.Value), Target(stack.Value, stack.IsWrittenInPlace))));
        var states = plan.Carries.Select(carry => new StatePlace(Dense(carry.Initial), slots.Of(carry.Last), slots.Of(carry.Other), carry.Track is null ? -1 : slots.Of(carry.Track),
            carry.TrackKeepsNext, carry.IsRead, BytesOf(carry.State), Followers(carry.State), Target(carry.Next, carry.IsWrittenInPlace))).ToArray();
        return new LoopKernel(plan.Scope.Length, plan.Scope.IsReversed, slots.Of(plan.Index), [.. entries], states, [.. kernels, .. moves]);
    }

    private int Dense(Tensor tensor)
    {
        var view = View.Of(tensor);
        return slots.At(view.Base, (long)view.Offset * tensor.Type.Size());
    }

    // The slot of a tensor that moves from step to step, and those that point inside it.
    private MovingSlot[] Followers(Tensor tensor) => [new(slots.Moving(tensor), 0), .. slots.Inside(tensor).Select(inside => new MovingSlot(inside.Slot, inside.Offset))];

    private static long BytesOf(Tensor tensor) => (long)tensor.Shape.Elements * tensor.Type.Size();
}
