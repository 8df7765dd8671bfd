using Elbo.Compute;
using Elbo.Images;

namespace Elbo.Tests.Autoencoders;

/// <summary>Images of 6 x 6 pixels with a bright bar across or down, at a place of its own, in noise.</summary>
internal static class SmallImages
{
    public const int Side = 6;

    public static ImageSet Of(int count, bool isBinary = true, ulong seed = 1)
    {
        var random = new RandomNumbers(seed, 1);
        var pixels = new byte[count * Side * Side];
        for (var image = 0; image < count; image++)
        {
            var (across, place) = (random.NextUniform() < 0.5, random.NextBelow(Side));
            for (var i = 0; i < Side * Side; i++)
            {
                var shade = (across ? i / Side : i % Side) == place ? 0.9 : 0.1;
                pixels[image * Side * Side + i] = (byte)(isBinary ? (random.NextUniform() < shade ? 255 : 0) : 255 * Math.Clamp(shade + 0.05 * random.NextNormal(), 0, 1));
            }
        }
        return new(Side, Side, 1, pixels);
    }
}
