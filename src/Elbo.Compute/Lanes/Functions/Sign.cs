namespace Elbo.Compute.Lanes.Functions;

/// <summary>Signs as bits, so that zeros have them too.</summary>
internal static class Sign
{
    /// <summary>The sign bit alone.</summary>
    public static Lane Bit(LaneProgram p, Lane x) => p.BitsToInt(x) & p.ConstantInt(p.IsSingle ? int.MinValue : long.MinValue);

    /// <summary>A non-negative value with the sign of another.</summary>
    public static Lane Copy(LaneProgram p, Lane magnitude, Lane sign) => p.BitsToFloat(p.BitsToInt(magnitude) | Bit(p, sign));

    /// <summary>A value negated where the sign bit is set in an integer that has no other bits.</summary>
    public static Lane Flip(LaneProgram p, Lane value, Lane signBit) => p.BitsToFloat(p.BitsToInt(value) ^ signBit);
}
