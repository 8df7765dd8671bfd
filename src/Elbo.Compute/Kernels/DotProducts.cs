using System.Runtime.CompilerServices;
using Elbo.Compute.Lanes;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Few rows in A or few columns in B: every element is the dot product of two contiguous rows. A narrow B that is not stored
/// transposed is transposed first, which is little next to what is read of A.
/// </summary>
internal sealed unsafe class DotProducts : ProductMethod
{
    private const int MostRows = 4;
    private static ReadOnlySpan<byte> OthersByRows => [0, 8, 6, 5, 4];

    // Rows this short are soon left again, and as many at once as for long ones would be read in too many places.
    private const int ShortRowBytes = 512;

    private readonly MatrixProductShape _shape;
    private readonly BalancedSplit _rows;
    private readonly BalancedSplit _columns;
    private readonly byte* _mask;
    private readonly MicroKernel[] _kernels;

    /// <summary>Chooses tiles for a shape that <see cref="Suits"/>.</summary>
    public DotProducts(in MatrixProductShape shape, VectorWidth width, KernelCache cache)
    {
        _shape = shape;
        var isShort = (long)shape.K * shape.ElementBytes <= ShortRowBytes;
        var few = isShort ? MostRows : OthersByRows[Math.Min(shape.M, shape.N)];
        _rows = BalancedSplit.ByLength(shape.M, shape.M <= shape.N ? shape.M : few);
        _columns = BalancedSplit.ByLength(shape.N, shape.M <= shape.N ? few : shape.N);
        var registerBytes = Math.Max((int)width, shape.ElementBytes);
        var bytesLeft = shape.K * shape.ElementBytes % registerBytes;
        var masked = bytesLeft > 0 && LaneInstructions.HasMasks(registerBytes);
        _mask = masked ? LaneMask.Of(bytesLeft) : null;
        var key = new MicroKernelKey(shape.IsDouble, width, 0, 0, masked, TileLayout.Dots);
        _kernels =
        [
            cache.Get(key with { Rows = _rows.Longest, Columns = _columns.Longest }),
            cache.Get(key with { Rows = _rows.Longest, Columns = _columns.Shortest }),
            cache.Get(key with { Rows = _rows.Shortest, Columns = _columns.Longest }),
            cache.Get(key with { Rows = _rows.Shortest, Columns = _columns.Shortest }),
        ];
    }

    /// <inheritdoc/>
    public override long PackedBytes => _shape.TransposeB ? 0 : PackedStride * _shape.N;

    /// <inheritdoc/>
    public override long ScratchBytes => 0;

    /// <inheritdoc/>
    public override int PackTasks => _shape.TransposeB ? 0 : 1;

    /// <inheritdoc/>
    public override int Tasks => _rows.Parts * _columns.Parts;

    private nint PackedStride => (nint)PanelPacking.RoundUp(_shape.K) * _shape.ElementBytes;

    /// <summary>
    /// Whether rows or columns are few, and the sums long enough to be vectors and contiguous in both operands, or cheaply made so.
    /// </summary>
    public static bool Suits(in MatrixProductShape shape, int lanes)
    {
        var few = shape.TransposeB ? Math.Min(shape.M, shape.N) <= MostRows : shape.N <= MostRows && shape.M > 2 * MostRows;
        return few && !shape.TransposeA && shape.K >= 2 * lanes;
    }

    /// <inheritdoc/>
    public override void Pack(int first, int end, in ProductOperands operands)
    {
        var stride = (nint)_shape.N * _shape.ElementBytes;
        PanelPacking.Transpose(operands.B, stride, operands.Packed, PackedStride, _shape.K, _shape.N, _shape.IsDouble);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compute(int first, int end, in ProductOperands operands, byte* scratch)
    {
        Tile tile;
        var b = _shape.TransposeB ? operands.B : operands.Packed;
        tile.StrideA = (nint)_shape.K * _shape.ElementBytes;
        tile.StrideB = _shape.TransposeB ? tile.StrideA : PackedStride;
        tile.StrideC = (nint)_shape.N * _shape.ElementBytes;
        tile.Depth = _shape.K;
        tile.Accumulate = _shape.Accumulate ? 1 : 0;
        tile.Mask = _mask;
        var (rowPart, columnPart) = Math.DivRem(first, _columns.Parts);
        for (var left = end - first; left > 0; rowPart++)
        {
            var row = _rows.Start(rowPart);
            var kernels = _rows.Length(rowPart) == _rows.Longest ? 0 : 2;
            tile.A = operands.A + (row * tile.StrideA);
            var rowOfC = operands.C + (row * tile.StrideC);
            for (; left > 0 && columnPart < _columns.Parts; columnPart++, left--)
            {
                var column = _columns.Start(columnPart);
                tile.B = b + (column * tile.StrideB);
                tile.C = rowOfC + ((nint)column * _shape.ElementBytes);
                _kernels[kernels + (_columns.Length(columnPart) == _columns.Longest ? 0 : 1)](&tile);
            }

            columnPart = 0;
        }
    }
}
