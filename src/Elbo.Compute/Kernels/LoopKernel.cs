namespace Elbo.Compute.Kernels;

/// <summary>A place that moves: a slot, which gets the moving address and some bytes.</summary>
internal readonly record struct MovingSlot(int Slot, long Offset);

/// <summary>Entries of a sequence or stack: the slots that follow it from step to step.</summary>
/// <param name="Base">The slot of the first entry.</param>
/// <param name="Stride">Bytes from one entry to the next.</param>
/// <param name="Followers">What points into the entry of the step.</param>
internal sealed record EntryPlace(int Base, long Stride, MovingSlot[] Followers);

/// <summary>A state, as slots: where it comes from, where it goes, and what points to it before and after a step.</summary>
/// <param name="Initial">Its value before the first step.</param>
/// <param name="Last">Where it goes by the last step.</param>
/// <param name="Other">Memory to alternate with that.</param>
/// <param name="Track">A stack in which it is handed on instead, −1 if there is none.</param>
/// <param name="TrackKeepsNext">Whether the stack holds states after their step, not before it.</param>
/// <param name="IsRead">Whether the last one is read after the loop.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Before">What points to it as the step finds it.</param>
/// <param name="After">What points to it as the step leaves it.</param>
internal sealed record StatePlace(int Initial, int Last, int Other, int Track, bool TrackKeepsNext, bool IsRead, long Bytes, MovingSlot[] Before, MovingSlot[] After);

/// <summary>
/// The kernels of a loop's body, run step by step. Between steps only addresses change: entries advance along their sequences, and a
/// state is read where the step before wrote it.
/// </summary>
internal sealed unsafe class LoopKernel(int steps, bool isReversed, int indexSlot, EntryPlace[] entries, StatePlace[] states, Kernel[] body) : Kernel("Loop")
{
    /// <summary>The number of steps.</summary>
    public int Steps => steps;

    /// <summary>The kernels of a step, in order.</summary>
    public IReadOnlyList<Kernel> Body => body;

    public override void Run(nint* slots, WorkerTeam team)
    {
        Begin(slots);
        for (var step = 0; step < steps; step++)
        {
            Enter(slots, step);
            foreach (var kernel in body)
                kernel.Run(slots, team);
        }
        End(slots);
    }

    /// <summary>Comes before the first step.</summary>
    public void Begin(nint* slots)
    {
        foreach (var state in states)
        {
            if (state.Track >= 0 && !state.TrackKeepsNext)
                Copy(slots[state.Initial], slots[state.Track] + Place(0) * (nint)state.Bytes, state.Bytes);
        }
    }

    /// <summary>Makes a step the present one.</summary>
    public void Enter(nint* slots, int step)
    {
        var place = Place(step);
        *(int*)slots[indexSlot] = place;
        foreach (var entry in entries)
            Point(slots, entry.Followers, slots[entry.Base] + place * (nint)entry.Stride);
        foreach (var state in states)
        {
            Point(slots, state.Before, step == 0 ? slots[state.Initial] : AddressAfter(slots, state, step - 1));
            Point(slots, state.After, AddressAfter(slots, state, step));
        }
    }

    /// <summary>Comes after the last step.</summary>
    public void End(nint* slots)
    {
        foreach (var state in states)
        {
            if (state.IsRead && state.TrackKeepsNext)
                Copy(AddressAfter(slots, state, steps - 1), slots[state.Last], state.Bytes);
        }
    }

    /// <summary>The number of a step along sequences.</summary>
    public int Place(int step) => isReversed ? steps - 1 - step : step;

    private nint AddressAfter(nint* slots, StatePlace state, int step)
    {
        if (state.TrackKeepsNext)
            return slots[state.Track] + Place(step) * (nint)state.Bytes;
        if (state.Track >= 0 && step < steps - 1)
            return slots[state.Track] + Place(step + 1) * (nint)state.Bytes;
        return slots[(steps - 1 - step) % 2 == 0 ? state.Last : state.Other];
    }

    private static void Point(nint* slots, MovingSlot[] followers, nint address)
    {
        foreach (var follower in followers)
            slots[follower.Slot] = address + (nint)follower.Offset;
    }

    private static void Copy(nint from, nint to, long bytes) => Buffer.MemoryCopy((void*)from, (void*)to, bytes, bytes);
}
