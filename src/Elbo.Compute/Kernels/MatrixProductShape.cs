namespace Elbo.Compute.Kernels;

/// <summary>
/// Everything that decides how C = op(A)·op(B) (+ C) is computed. Matrices are row-major and dense: op(A) is M×K, op(B) is
/// K×N, C is M×N, each repeated <paramref name="Batch"/> times.
/// </summary>
/// <param name="IsDouble">f64 rather than f32.</param>
/// <param name="Batch">How many products.</param>
/// <param name="M">Rows of C.</param>
/// <param name="N">Columns of C.</param>
/// <param name="K">The length of the sums.</param>
/// <param name="TransposeA">A is stored K×M.</param>
/// <param name="TransposeB">B is stored N×K.</param>
/// <param name="BroadcastA">One A for the whole batch.</param>
/// <param name="BroadcastB">One B for the whole batch.</param>
/// <param name="Accumulate">Add to C instead of overwriting it.</param>
internal readonly record struct MatrixProductShape(
    bool IsDouble,
    int Batch,
    int M,
    int N,
    int K,
    bool TransposeA = false,
    bool TransposeB = false,
    bool BroadcastA = false,
    bool BroadcastB = false,
    bool Accumulate = false)
{
    /// <summary>The size of an element in bytes.</summary>
    public int ElementBytes => IsDouble ? 8 : 4;

    /// <summary>Elements between rows of A as stored.</summary>
    public int StrideA => TransposeA ? M : K;

    /// <summary>Elements between rows of B as stored.</summary>
    public int StrideB => TransposeB ? K : N;

    /// <summary>Bytes between the A of one product and of the next.</summary>
    public long BatchBytesA => BroadcastA ? 0 : (long)M * K * ElementBytes;

    /// <summary>Bytes between the B of one product and of the next.</summary>
    public long BatchBytesB => BroadcastB ? 0 : (long)K * N * ElementBytes;

    /// <summary>Bytes between the C of one product and of the next.</summary>
    public long BatchBytesC => (long)M * N * ElementBytes;

    /// <summary>
    /// The same sums in the form the kernels like: rows of a batch that share B become one tall matrix, and a product with a
    /// column is read as a product of a row with the operands exchanged, since a vector is stored alike both ways.
    /// </summary>
    public MatrixProductShape Normalise(out bool exchanged)
    {
        var shape = this;
        exchanged = false;
        if (shape is { Batch: > 1, BroadcastB: true, BroadcastA: false, TransposeA: false } && (long)Batch * M <= int.MaxValue)
            shape = shape with { Batch = 1, M = Batch * M };
        if (shape is { N: 1, M: > 1 })
        {
            exchanged = true;
            shape = shape with
            {
                M = 1,
                N = shape.M,
                TransposeA = false,
                TransposeB = !shape.TransposeA,
                BroadcastA = shape.BroadcastB,
                BroadcastB = shape.BroadcastA,
            };
        }

        return shape.M == 1 ? shape with { TransposeA = false } : shape;
    }
}
