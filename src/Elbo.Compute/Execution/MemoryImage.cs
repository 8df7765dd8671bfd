using Elbo.Compute.Kernels;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Execution;

/// <summary>The memory of a compiled function: one arena, the variables it works on, and a table of addresses by slot.</summary>
internal sealed unsafe class MemoryImage : IDisposable
{
    private readonly NativeBuffer _arena;
    private readonly NativeBuffer _scratch;
    private readonly NativeBuffer _slots;
    private readonly Dictionary<Tensor, int> _slotOf;
    private readonly IReadOnlyDictionary<Tensor, Tensor> _outputs;
    private readonly Dictionary<Operation, Tensor> _inputs = [];

    public MemoryImage(MemoryPlan plan, SlotTable table, IEnumerable<Tensor> leaves, IReadOnlyDictionary<Tensor, Tensor> outputs)
    {
        _slotOf = table.Slots;
        _outputs = outputs;
        // Behind the arena lies more room than any vector reaches over the end of a view.
        _arena = new NativeBuffer(plan.Bytes + 256);
        _scratch = new NativeBuffer(table.ScratchBytes);
        _slots = new NativeBuffer(Math.Max(1, table.Count) * (long)sizeof(nint));
        foreach (var (tensor, slot) in table.Slots)
        {
            if (table.IsMoving(tensor))
                continue;
            Slots[slot] = table.VariableOf(tensor) is { } variable ? (nint)variable.Pointer : (nint)_arena.Pointer + (nint)plan.OffsetOf(tensor);
        }
        foreach (var place in table.InsideSlots)
        {
            if (place.Owner is null)
                Slots[place.Slot] = (nint)_scratch.Pointer + (nint)place.Offset;
            else if (!table.IsMoving(place.Owner))
                Slots[place.Slot] = (nint)AddressOf(place.Owner) + (nint)place.Offset;
        }
        foreach (var leaf in leaves)
        {
            if (leaf.Operation is Operation.Literal literal)
                Write(leaf, literal);
            else if (leaf.Operation is Operation.Input)
                _inputs[leaf.Operation] = leaf;
        }
    }

    public nint* Slots => (nint*)_slots.Pointer;

    public void* AddressOf(Tensor owner) => (void*)Slots[_slotOf[owner]];

    public bool Reads(Tensor input) => _inputs.ContainsKey(input.Operation);

    public Span<T> InputSpan<T>(Tensor input) where T : unmanaged
    {
        // By operation: an input named after it was made is another node with the same one.
        if (!_inputs.TryGetValue(input.Operation, out var owner))
            throw new ArgumentException($"{input} is not an input that this function reads. It reads {string.Join("; ", _inputs.Values)}.");
        return Span<T>(owner);
    }

    public Span<T> OutputSpan<T>(Tensor output) where T : unmanaged =>
        _outputs.TryGetValue(output, out var owner) ? Span<T>(owner) : throw new ArgumentException($"{output} is not an output of this function.");

    public void Dispose()
    {
        _arena.Dispose();
        _scratch.Dispose();
        _slots.Dispose();
    }

    private Span<T> Span<T>(Tensor owner) where T : unmanaged
    {
        var stored = owner.Type == DType.Bool ? DType.Int32 : owner.Type;
        if (DTypes.Of<T>() != stored)
            throw new ArgumentException($"{owner} holds {owner.Type} elements; a span of {typeof(T).Name} was asked for.");
        return new Span<T>(AddressOf(owner), owner.Shape.Elements);
    }

    private void Write(Tensor leaf, Operation.Literal literal)
    {
        for (var i = 0; i < literal.Elements.Length; i++)
        {
            switch (leaf.Type)
            {
                case DType.Float32:
                    ((float*)AddressOf(leaf))[i] = (float)literal.Elements[i];
                    break;
                case DType.Float64:
                    ((double*)AddressOf(leaf))[i] = literal.Elements[i];
                    break;
                default:
                    ((int*)AddressOf(leaf))[i] = (int)literal.Elements[i];
                    break;
            }
        }
    }
}

/// <summary>A slot that points some bytes into the memory of an owner; without one, into scratch memory.</summary>
internal sealed record SlotPlace(int Slot, Tensor? Owner, long Offset);

/// <summary>Numbers for places in memory, given out while kernels are made, on any thread.</summary>
internal sealed class SlotTable(IReadOnlyDictionary<Tensor, Variable> variables)
{
    private readonly Lock _gate = new();
    private readonly List<SlotPlace> _inside = [];
    private readonly HashSet<Tensor> _moving = [];

    public Dictionary<Tensor, int> Slots { get; } = new();

    public int Count { get; private set; }

    /// <summary>Scratch memory is only used within one kernel, so all kernels share it.</summary>
    public long ScratchBytes { get; private set; }

    /// <summary>Slots that point into the memory of an owner, or into scratch memory.</summary>
    public IReadOnlyList<SlotPlace> InsideSlots => _inside;

    /// <summary>Whether a loop gives this tensor its address, at every step.</summary>
    public bool IsMoving(Tensor tensor) => _moving.Contains(tensor);

    public Variable? VariableOf(Tensor tensor) => variables.GetValueOrDefault(tensor);

    public int Of(Tensor owner)
    {
        lock (_gate)
            return Slots.TryGetValue(owner, out var slot) ? slot : Slots[owner] = Count++;
    }

    /// <summary>A slot for a place within an owner's memory.</summary>
    public int At(Tensor owner, long bytes)
    {
        lock (_gate)
        {
            var slot = Of(owner);
            if (bytes == 0)
                return slot;
            _inside.Add(new(Count, owner, bytes));
            return Count++;
        }
    }

    /// <summary>A slot whose address a loop sets at every step.</summary>
    public int Moving()
    {
        lock (_gate)
            return Count++;
    }

    /// <summary>The slot of a tensor whose address a loop sets at every step.</summary>
    public int Moving(Tensor owner)
    {
        lock (_gate)
        {
            _moving.Add(owner);
            return Of(owner);
        }
    }

    /// <summary>The slots given out so far that point inside an owner.</summary>
    public IReadOnlyList<(int Slot, long Offset)> Inside(Tensor owner)
    {
        lock (_gate)
            return [.. _inside.Where(place => place.Owner == owner).Select(place => (place.Slot, place.Offset))];
    }

    /// <summary>A slot of scratch memory, behind <paramref name="offset"/> bytes of it that the same kernel uses already.</summary>
    public int Scratch(long offset, long bytes)
    {
        lock (_gate)
        {
            ScratchBytes = Math.Max(ScratchBytes, offset + NativeBuffer.RoundUp(bytes));
            _inside.Add(new(Count, null, offset));
            return Count++;
        }
    }
}
