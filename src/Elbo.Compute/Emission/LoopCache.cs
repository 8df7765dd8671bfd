using System.Reflection.Emit;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Emission;

/// <summary>
/// The machine code of loops by their structure: kernels of equal structure, in one function or in several, share it. Owned by whoever
/// compiles; there is no global one. Bounded: what came first is forgotten first, and written again when it is asked for again.
/// </summary>
internal sealed class LoopCache
{
    private const int Capacity = 2048;

    private readonly Lock _gate = new();
    private readonly Dictionary<LoopStructure, Entry> _entries = [];
    private readonly Queue<LoopStructure> _order = [];
    private int _written;

    /// <summary>How many bodies have been written so far.</summary>
    public int Written => Volatile.Read(ref _written);

    /// <summary>A loop nest that finds its memory at the slots of its tensors' owners.</summary>
    public FusedBody Get(FusedPlan plan, LoopNest nest, VectorWidth width, int split, Func<Tensor, int> slotOf) =>
        LoopCode.Bind(Method(LoopStructure.Of(plan, nest, width, split), () => FusedKernelEmitter.Write(plan, nest, width, split)), FusedKernelEmitter.Slots(nest, slotOf));

    /// <summary>The code of a structure, from the one who writes it if nobody has before, that looks for its memory at the given slots.</summary>
    public FusedBody Get(LoopStructure structure, Func<DynamicMethod> write, nint[] slots) => LoopCode.Bind(Method(structure, write), slots);

    // Only the threads that want the same structure wait for each other.
    private DynamicMethod Method(LoopStructure structure, Func<DynamicMethod> write)
    {
        var entry = EntryOf(structure);
        lock (entry.Gate)
        {
            if (entry.Method is null)
            {
                entry.Method = write();
                Interlocked.Increment(ref _written);
            }
            return entry.Method;
        }
    }

    private Entry EntryOf(LoopStructure structure)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(structure, out var known))
                return known;
            if (_order.Count == Capacity)
                _entries.Remove(_order.Dequeue());
            _order.Enqueue(structure);
            return _entries[structure] = new Entry();
        }
    }

    private sealed class Entry
    {
        public Lock Gate { get; } = new();

        public DynamicMethod? Method { get; set; }
    }
}
