namespace Elbo.Compute.Kernels;

/// <summary>Where one product of a batch reads and writes.</summary>
internal unsafe struct ProductOperands
{
    /// <summary>A as stored.</summary>
    public byte* A;

    /// <summary>B as stored.</summary>
    public byte* B;

    /// <summary>The result.</summary>
    public byte* C;

    /// <summary>B in the order the kernels read it, if the method packs it.</summary>
    public byte* Packed;
}

/// <summary>
/// One way to compute a single product, in two phases of independent tasks. A phase's tasks may be divided among workers
/// in any way: no bit of C depends on it.
/// </summary>
internal abstract unsafe class ProductMethod
{
    /// <summary>Bytes for <see cref="ProductOperands.Packed"/>.</summary>
    public abstract long PackedBytes { get; }

    /// <summary>Bytes that each worker needs for itself.</summary>
    public abstract long ScratchBytes { get; }

    /// <summary>Tasks of the first phase, 0 if nothing is packed.</summary>
    public abstract int PackTasks { get; }

    /// <summary>Tasks of the second phase.</summary>
    public abstract int Tasks { get; }

    /// <summary>Does tasks of the first phase.</summary>
    public abstract void Pack(int first, int end, in ProductOperands operands);

    /// <summary>Does tasks of the second phase.</summary>
    public abstract void Compute(int first, int end, in ProductOperands operands, byte* scratch);
}
