using Elbo.Compute.Kernels;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Execution;

/// <summary>
/// Gives out entries of the table of addresses that the kernels of a block look into. Each part of the blocks has sums of its
/// own; each worker has memory for values that live no longer than a block.
/// </summary>
internal sealed class RowBlockMemory(int parts)
{
    private readonly List<RowBlockAddress> _addresses = [];
    private readonly Dictionary<RowBlockAddress, int> _entries = [];
    private readonly Dictionary<Tensor, int> _sums = [];
    private readonly Dictionary<Tensor, long> _ofBlock = [];
    private long _workerBytes;
    private long _sumBytes;

    /// <summary>Memory of the function, which moves on by so many bytes with every row.</summary>
    public int Outside(int slot, long rowBytes) => Entry(new(RowBlockPlace.Slot, slot, 0, rowBytes));

    /// <summary>A place within an entry.</summary>
    public int Inside(int entry, long bytes) => Entry(_addresses[entry] with { Offset = _addresses[entry].Offset + bytes });

    /// <summary>A value that exists for one block at a time.</summary>
    public int OfBlock(Tensor value, long bytes)
    {
        // The largest block comes first; a shorter one finds room enough.
        if (!_ofBlock.TryGetValue(value, out var offset))
        {
            offset = _ofBlock[value] = _workerBytes;
            _workerBytes += NativeBuffer.RoundUp(bytes);
        }
        return Entry(new(RowBlockPlace.Worker, 0, offset, 0));
    }

    /// <summary>A sum over the rows of a part, which those of the other parts follow.</summary>
    public int OfPart(Tensor sum)
    {
        if (!_sums.TryGetValue(sum, out var entry))
        {
            // Single numbers lie side by side, to be read as vectors; of others a vector may be written over the end.
            var stride = sum.Shape.Elements == 1 ? sum.Type.Size() : MemoryPlan.BytesOf(sum);
            entry = _sums[sum] = Entry(new(RowBlockPlace.Sum, 0, _sumBytes, stride));
            _sumBytes += NativeBuffer.RoundUp(parts * stride);
        }
        return entry;
    }

    /// <summary>The sums over the rows of each part, one row each.</summary>
    public Tensor OfAllParts(Tensor sum)
    {
        var stride = _addresses[_sums[sum]].StepBytes / sum.Type.Size();
        return Tensor.Input("sums", [parts, (int)stride], sum.Type).Slice(1, 0, sum.Shape.Elements);
    }

    /// <summary>Memory that one kernel works in.</summary>
    public int Workspace(long bytes)
    {
        var entry = Entry(new(RowBlockPlace.Worker, 0, _workerBytes, 0));
        _workerBytes += NativeBuffer.RoundUp(bytes);
        return entry;
    }

    /// <summary>Bytes for all sums and workers.</summary>
    public long Bytes(int workers) => _sumBytes + workers * _workerBytes;

    /// <summary>The finished table.</summary>
    public RowBlockLayout Layout(int scratch) =>
        new([.. _addresses], [.. _sums.Select(s => (s.Value, _addresses[s.Value].StepBytes))], scratch, _sumBytes, _workerBytes);

    private int Entry(RowBlockAddress address)
    {
        if (!_entries.TryGetValue(address, out var entry))
        {
            entry = _entries[address] = _addresses.Count;
            _addresses.Add(address);
        }
        return entry;
    }
}
