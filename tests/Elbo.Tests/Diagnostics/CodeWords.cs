using System.Numerics;
using Elbo.Compute;
using Elbo.Images;

namespace Elbo.Tests.Diagnostics;

/// <summary>
/// Words of a simplex code with some bits flipped, as images of one row: 2ᵏ words of 2ᵏ − 1 bits, any two bits of which are independent of each other, so that no
/// correlation of two numbers tells of the code behind them.
/// </summary>
internal static class CodeWords
{
    public static ImageSet Of(int count, int k, double flips, ulong seed)
    {
        var (random, bits) = (new RandomNumbers(seed, 1), (1 << k) - 1);
        var pixels = new byte[count * bits];
        for (var i = 0; i < count; i++)
        {
            var word = random.NextBelow(1 << k);
            for (var j = 0; j < bits; j++)
                pixels[i * bits + j] = BitOperations.PopCount((uint)(word & (j + 1))) % 2 == 1 != random.NextUniform() < flips ? (byte)255 : (byte)0;
        }
        return new(1, bits, 1, pixels);
    }
}
