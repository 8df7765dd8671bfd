namespace Elbo.Compute.Kernels;

/// <summary>How a micro-kernel walks its operands.</summary>
internal enum TileLayout
{
    /// <summary>A's rows lie <see cref="Tile.StrideA"/> apart, B's rows <see cref="Tile.StrideB"/>: vectors run along B's rows.</summary>
    RowsOfA,

    /// <summary>A's columns are contiguous, as when transposed or packed, <see cref="Tile.StrideA"/> from one k to the next.</summary>
    ColumnsOfA,

    /// <summary>Rows of A against rows of transposed B, both contiguous in k: vectors run along k and are summed at the end.</summary>
    Dots,
}

/// <summary>What distinguishes one generated micro-kernel from another.</summary>
/// <param name="IsDouble">f64 rather than f32.</param>
/// <param name="Width">The registers it uses.</param>
/// <param name="Rows">Rows of C held in registers.</param>
/// <param name="Columns">Vectors a row of C holds, or single columns for <see cref="TileLayout.Dots"/>.</param>
/// <param name="Masked">The last vector of each row of C, or of each sum for <see cref="TileLayout.Dots"/>, is partial, as <see cref="Tile.Mask"/> says.</param>
/// <param name="Layout">How operands are walked.</param>
internal sealed record MicroKernelKey(bool IsDouble, VectorWidth Width, int Rows, int Columns, bool Masked, TileLayout Layout)
{
    /// <inheritdoc/>
    public bool Equals(MicroKernelKey? other) => other is not null && IsDouble == other.IsDouble && Width == other.Width
        && Rows == other.Rows && Columns == other.Columns && Masked == other.Masked && Layout == other.Layout;

    /// <inheritdoc/>
    public override int GetHashCode() => (((((Rows * 31) + Columns) * 31) + (int)Width) * 31) + (4 * (int)Layout) + (IsDouble ? 2 : 0) + (Masked ? 1 : 0);
}

/// <summary>The arguments of a micro-kernel; strides are in bytes.</summary>
internal unsafe struct Tile
{
    /// <summary>The first element of A that the tile reads.</summary>
    public byte* A;

    /// <summary>See <see cref="TileLayout"/>.</summary>
    public nint StrideA;

    /// <summary>The first element of B that the tile reads.</summary>
    public byte* B;

    /// <summary>See <see cref="TileLayout"/>.</summary>
    public nint StrideB;

    /// <summary>The tile's first element of C.</summary>
    public byte* C;

    /// <summary>From one row of C to the next.</summary>
    public nint StrideC;

    /// <summary>How many products are summed.</summary>
    public nint Depth;

    /// <summary>Not 0: the sums start from what C holds; 0: they start from zero.</summary>
    public nint Accumulate;

    /// <summary>A register of all-ones lanes where the last vector is inside C and zeros elsewhere; read by masked kernels only.</summary>
    public byte* Mask;
}

/// <summary>A generated kernel that computes one register tile of C.</summary>
internal unsafe delegate void MicroKernel(Tile* tile);

/// <summary>
/// Generated kernels shared by the plans of one compilation: kernels know nothing of a matrix's size, so a network's many
/// products need few. Owned by whoever compiles; there is no global one.
/// </summary>
internal sealed class KernelCache
{
    private readonly Dictionary<MicroKernelKey, Lazy<MicroKernel>> _kernels = [];

    /// <summary>The kernel for a key, generated on first use.</summary>
    public MicroKernel Get(MicroKernelKey key)
    {
        Lazy<MicroKernel>? kernel;
        lock (_kernels)
        {
            if (!_kernels.TryGetValue(key, out kernel))
                _kernels[key] = kernel = new(() => key.Layout == TileLayout.Dots ? DotKernelEmitter.Emit(key) : TileKernelEmitter.Emit(key));
        }
        return kernel.Value;
    }
}
