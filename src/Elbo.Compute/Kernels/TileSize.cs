namespace Elbo.Compute.Kernels;

/// <summary>The part of C that a micro-kernel holds in registers.</summary>
/// <param name="Rows">Rows of C.</param>
/// <param name="Vectors">Vectors in each row.</param>
internal readonly record struct TileSize(int Rows, int Vectors)
{
    private const int MostRows = 16;
    private const int MostVectors = 8;

    /// <summary>
    /// The tile that covers a product of <paramref name="m"/> rows and <paramref name="vectors"/> vectors a row in the least
    /// time by a model of the core, counted in the time of one multiply-add.
    /// </summary>
    public static TileSize Choose(int m, int vectors, VectorWidth width)
    {
        var best = new TileSize(1, 1);
        var leastTime = long.MaxValue;
        for (var rows = 1; rows <= Math.Min(m, MostRows); rows++)
        {
            for (var across = 1; across <= Math.Min(vectors, MostVectors); across++)
            {
                var tile = new TileSize(rows, across);
                var time = tile.Fits(width) ? tile.Time(m, vectors) : long.MaxValue;
                if (time >= leastTime)
                    continue;
                best = tile;
                leastTime = time;
            }
        }

        return best;
    }

    // The sums, a row of B and one element of A, with a register to spare for the compiler where there are many.
    private bool Fits(VectorWidth width) => (Rows * Vectors) + Vectors + 1 <= (width == VectorWidth.Bits512 ? 30 : 15);

    private long Time(int m, int vectors)
    {
        var strips = BalancedSplit.ByLength(m, Rows);
        var (full, rest) = Math.DivRem(vectors, Vectors);
        var time = full * Step(strips.Longest, Vectors);
        return strips.Parts * (rest > 0 ? time + Step(strips.Longest, rest) : time);
    }

    // One k, in quarters of a multiply-add: loads come a little slower than multiply-adds, and fewer than 8 sums leave the
    // pipelines waiting for results. Each vector of B is a cache line that often comes from the second level, where A's
    // elements are at hand.
    private static long Step(int rows, int vectors) => Math.Max(Math.Max(4 * rows * vectors, 5 * (rows + vectors)), 32) + (4 * vectors);
}
