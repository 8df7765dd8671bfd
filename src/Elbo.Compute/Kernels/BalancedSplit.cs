namespace Elbo.Compute.Kernels;

/// <summary>
/// A length cut into parts that differ by one at most: of 13 rows at most 12 at a time, 7 and 6 keep the arithmetic units
/// busy where 12 and 1 would not. The longer parts come first.
/// </summary>
internal readonly record struct BalancedSplit(int Total, int Parts)
{
    /// <summary>The fewest parts that are no longer than <paramref name="longest"/>; at least one, perhaps empty.</summary>
    public static BalancedSplit ByLength(int total, int longest) => new(total, Math.Max(1, (int)(((long)total + longest - 1) / longest)));

    // Divided once: small products ask often enough for a division to show.
    private readonly int _longer = Total % Parts;

    /// <summary>The length of the first and longest part.</summary>
    public int Longest => Length(0);

    /// <summary>The length of the last and shortest part.</summary>
    public int Shortest { get; } = Total / Parts;

    /// <summary>Where a part begins.</summary>
    public int Start(int part) => (part * Shortest) + Math.Min(part, _longer);

    /// <summary>How long a part is.</summary>
    public int Length(int part) => Shortest + (part < _longer ? 1 : 0);
}
