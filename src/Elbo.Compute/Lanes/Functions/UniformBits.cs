namespace Elbo.Compute.Lanes.Functions;

/// <summary>Uniform floats from random words. No result is 0.</summary>
internal static class UniformBits
{
    /// <summary>
    /// (n + ½)·2⁻²³ from the upper 23 bits of a 32-bit word: equally spaced, exact, symmetrical about ½, within
    /// [2⁻²⁴, 1 − 2⁻²⁴]. (With one bit more the centre of the last cell would round to 1.) 4-byte lanes.
    /// </summary>
    public static Lane ToUnitInterval(LaneProgram p, Lane word)
    {
        Require(p, single: true);

        // The bits become the fraction of a float in [1, 2); the difference to a bit less than 1 is exact.
        return p.BitsToFloat((word >>> 9) | p.ConstantInt(0x3F800000)) - (1 - Math.ScaleB(1, -24));
    }

    /// <summary>
    /// (n + ½)·2⁻⁵² from two 32-bit words, of which the lower bits of the second are dropped: equally spaced, exact,
    /// symmetrical about ½, within [2⁻⁵³, 1 − 2⁻⁵³]. 8-byte lanes, words below 2³².
    /// </summary>
    public static Lane ToUnitInterval(LaneProgram p, Lane high, Lane low)
    {
        Require(p, single: false);
        var fraction = (high << 20) | (low >>> 12);
        return p.BitsToFloat(fraction | p.ConstantInt(0x3FF0000000000000)) - (1 - Math.ScaleB(1, -53));
    }

    /// <summary>
    /// (n + ½)·2⁻³¹ from the upper 31 bits of a 32-bit word, rounded, within [2⁻³², 1]: finer near 0 than
    /// <see cref="ToUnitInterval(LaneProgram, Lane)"/>, for the logarithm of a radius, whose normals then reach 6.66
    /// standard deviations. 4-byte lanes.
    /// </summary>
    public static Lane ToRadiusInterval(LaneProgram p, Lane word)
    {
        Require(p, single: true);
        return p.Fma(p.ToFloat(word >>> 1), Math.ScaleB(1, -31), p.Constant(Math.ScaleB(1, -32)));
    }

    private static void Require(LaneProgram p, bool single)
    {
        if (p.IsSingle != single)
        {
            throw new InvalidOperationException($"Needs lanes of {(single ? 4 : 8)} bytes, not {p.LaneBytes}.");
        }
    }
}
