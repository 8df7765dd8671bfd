namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as
/// 1, 2, 3"): four random words are a pure function of four counter words and two key words.
/// </summary>
internal static class Philox4x32
{
    private const int Rounds = 10;

    /// <summary>
    /// Four random 32-bit words. In programs of 8-byte lanes words are lanes below 2³², on input as on output.
    /// </summary>
    public static Lane[] Bits(LaneProgram p, Lane c0, Lane c1, Lane c2, Lane c3, Lane k0, Lane k1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            if (round > 0)
            {
                (k0, k1) = (Bump(p, k0, 0x9E3779B9), Bump(p, k1, 0xBB67AE85));
            }

            var (high0, low0) = Multiply(p, c0, 0xD2511F53);
            var (high1, low1) = Multiply(p, c2, 0xCD9E8D57);
            (c0, c1, c2, c3) = (high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0);
        }

        return [c0, c1, c2, c3];
    }

    private static Lane Bump(LaneProgram p, Lane key, long weyl)
    {
        var sum = key + p.ConstantInt(weyl);
        return p.IsSingle ? sum : sum & p.ConstantInt(0xFFFFFFFF);
    }

    private static (Lane High, Lane Low) Multiply(LaneProgram p, Lane word, long factor)
    {
        var multiplier = p.ConstantInt(factor);
        if (p.IsSingle)
        {
            return (p.MulHighU32(word, multiplier), word * multiplier);
        }

        var product = p.MulWideU32(word, multiplier);
        return (product >>> 32, product & p.ConstantInt(0xFFFFFFFF));
    }
}
