using System.Numerics;
using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

/// <summary>Fills memory with zero bytes.</summary>
internal sealed unsafe class ClearKernel(int slot, long bytes) : Kernel("Clear")
{
    public override void Run(nint* slots, WorkerTeam team) => NativeMemory.Clear((void*)slots[slot], (nuint)bytes);
}

/// <summary>Copies memory to memory of the same layout.</summary>
internal sealed unsafe class MoveKernel(int from, int to, long bytes) : Kernel("Move")
{
    public override void Run(nint* slots, WorkerTeam team) => Buffer.MemoryCopy((void*)slots[from], (void*)slots[to], bytes, bytes);
}

/// <summary>Several kernels one after another.</summary>
internal sealed unsafe class SequenceKernel(string name, params Kernel[] steps) : Kernel(name)
{
    public override void Run(nint* slots, WorkerTeam team)
    {
        foreach (var step in steps)
            step.Run(slots, team);
    }
}

/// <summary>Rows picked by index; an index outside is clamped, so memory beyond the source is never read.</summary>
internal sealed unsafe class GatherKernel(int source, int indices, int target, int count, int rows, long rowBytes) : Kernel("Gather")
{
    public override void Run(nint* slots, WorkerTeam team)
    {
        var from = (byte*)slots[source];
        var at = (int*)slots[indices];
        var to = (byte*)slots[target];
        for (var i = 0; i < count; i++)
            Buffer.MemoryCopy(from + Math.Clamp(at[i], 0, rows - 1) * rowBytes, to + i * rowBytes, rowBytes, rowBytes);
    }
}

/// <summary>Rows added to rows chosen by index, in the order of the indices, so that sums do not depend on threads.</summary>
internal sealed unsafe class ScatterAddKernel<T>(int indices, int updates, int target, int count, int rows, int rowLength) : Kernel("ScatterAdd")
    where T : unmanaged, INumber<T>
{
    public override void Run(nint* slots, WorkerTeam team)
    {
        var at = (int*)slots[indices];
        var from = (T*)slots[updates];
        var to = (T*)slots[target];
        NativeMemory.Clear(to, (nuint)((long)rows * rowLength * sizeof(T)));
        for (var i = 0; i < count; i++)
        {
            var row = to + (long)Math.Clamp(at[i], 0, rows - 1) * rowLength;
            var update = from + (long)i * rowLength;
            for (var j = 0; j < rowLength; j++)
                row[j] += update[j];
        }
    }
}

/// <summary>Running sums along the middle of [outer, length, inner] elements.</summary>
internal sealed unsafe class CumulativeSumKernel<T>(int source, int target, int outer, int length, int inner, bool reverse) : Kernel("CumulativeSum")
    where T : unmanaged, INumber<T>
{
    public override void Run(nint* slots, WorkerTeam team)
    {
        var plane = (long)length * inner;
        for (var o = 0; o < outer; o++)
        {
            var from = (T*)slots[source] + o * plane;
            var to = (T*)slots[target] + o * plane;
            var step = reverse ? -(long)inner : inner;
            var start = reverse ? plane - inner : 0;
            new ReadOnlySpan<T>(from + start, inner).CopyTo(new Span<T>(to + start, inner));
            for (var i = 1; i < length; i++)
            {
                var x = from + start + i * step;
                var sum = to + start + i * step;
                var before = sum - step;
                for (var j = 0; j < inner; j++)
                    sum[j] = before[j] + x[j];
            }
        }
    }
}
