namespace Elbo.Compute.Lanes;

/// <summary>How elements lie in memory.</summary>
internal enum StorageType
{
    /// <summary>A <see cref="float"/>; in a program of 8-byte lanes widened on load and rounded on store.</summary>
    Float32,

    /// <summary>A <see cref="double"/>; only in programs of 8-byte lanes.</summary>
    Float64,

    /// <summary>An <see cref="int"/>; in a program of 8-byte lanes sign-extended on load and truncated on store.</summary>
    Int32,

    /// <summary>An <see cref="int"/> that is 0 or 1, in lanes a mask.</summary>
    Bool,
}

/// <summary>Facts about <see cref="StorageType"/>.</summary>
internal static class StorageTypes
{
    /// <summary>What a stored element is once loaded.</summary>
    public static LaneType LaneType(this StorageType storage) => storage switch
    {
        StorageType.Int32 => Lanes.LaneType.Int,
        StorageType.Bool => Lanes.LaneType.Mask,
        _ => Lanes.LaneType.Float,
    };

    /// <summary>The size of an element in memory.</summary>
    public static int Bytes(this StorageType storage) => storage == StorageType.Float64 ? 8 : 4;
}
