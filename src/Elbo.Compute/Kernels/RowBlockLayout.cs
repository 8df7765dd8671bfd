namespace Elbo.Compute.Kernels;

/// <summary>What an entry in the address table of a block is measured from.</summary>
internal enum RowBlockPlace
{
    /// <summary>A slot of the function.</summary>
    Slot,

    /// <summary>Memory of the worker that runs the block.</summary>
    Worker,

    /// <summary>The sums of the part that the block belongs to.</summary>
    Sum,
}

/// <summary>An entry in the address table of a block.</summary>
/// <param name="Place">What the offset is measured from.</param>
/// <param name="Slot">The slot, if it is one.</param>
/// <param name="Offset">Bytes from there.</param>
/// <param name="StepBytes">By how many bytes the address moves on: with every row in a slot, with every part in memory of parts.</param>
internal readonly record struct RowBlockAddress(RowBlockPlace Place, int Slot, long Offset, long StepBytes);

/// <summary>Where the kernels of a block find their operands.</summary>
/// <param name="Addresses">The table, to be filled in for each block.</param>
/// <param name="Sums">The entries of sums, and their bytes: zeroed before the first block of a part.</param>
/// <param name="Scratch">The slot of scratch memory: first the sums of all parts, then memory of all workers.</param>
/// <param name="SumBytes">Memory of all sums.</param>
/// <param name="WorkerBytes">Memory of a worker.</param>
internal sealed record RowBlockLayout(RowBlockAddress[] Addresses, (int Entry, long Bytes)[] Sums, int Scratch, long SumBytes, long WorkerBytes);
