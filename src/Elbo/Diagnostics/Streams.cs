namespace Elbo.Diagnostics;

/// <summary>Streams of random numbers, so that no two instruments of a seed share their draws.</summary>
internal static class Streams
{
    // Above those of a fit of any model.
    private const ulong First = 0x4449_0000_0000_0000;

    public const ulong AggregateSplit = First + 1;
    public const ulong KernelTest = First + 2;
    public const ulong ClassifierTest = First + 3;
    public const ulong Relabelling = First + 4;
    public const ulong Subset = First + 5;
    public const ulong Binarisation = First + 6;

    /// <summary>Of scores against known factors: this one and the next few.</summary>
    public const ulong FactorScores = First + 16;
}
