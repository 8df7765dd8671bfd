namespace Elbo.Compute.Kernels;

/// <summary>
/// A length cut into parts that differ by one at most: of 13 rows at most 12 at a time, 7 and 6 keep the arithmetic units
/// busy where 12 and 1 would not. The longer parts come first.
/// </summary>
internal readonly record struct BalancedSplit(int Total, int Parts)
{
    /// <summary>The fewest parts that are no longer than <paramref name="longest"/>; at least one, perhaps empty.</summary>
    public static BalancedSplit ByLength(int total, int longest) => new(total, Math.Max(1, (int)(((long)total + longest - 1) / longest)));

    /// <summary>The length of the first and longest part.</summary>
    public int Longest => Length(0);

    /// <summary>The length of the last and shortest part.</summary>
    public int Shortest => Total / Parts;

    /// <summary>Where a part begins.</summary>
    public int Start(int part) => (part * (Total / Parts)) + Math.Min(part, Total % Parts);

    /// <summary>How long a part is.</summary>
    public int Length(int part) => (Total / Parts) + (part < Total % Parts ? 1 : 0);
}
