using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Tests.Networks;

/// <summary>A decoder that is the same at every place.</summary>
public class BroadcastTests
{
    private const int Height = 5, Width = 6, Latent = 3, Channels = 2;

    [Fact]
    public void Every_pixel_is_what_the_layers_say_of_code_and_places_around_it()
    {
        int[] units = [4, 3];
        var decoder = Decoder(units);
        var weights = LayerValues.Fill(decoder.Variables);
        var codes = LayerValues.Random(7, 2 * Latent);
        var input = Tensor.Input("z", [2, Latent]);
        // The grid has half the size, rounded up.
        int high = 3, wide = 3;
        var expected = new double[2 * Height * Width * Channels];
        for (var row = 0; row < 2; row++)
        {
            for (var place = 0; place < high * wide; place++)
            {
                var (down, across) = (place / wide, place % wide);
                double[] at = [((2 * down) + 1.0) / high - 1, ((2 * across) + 1.0) / wide - 1];
                var first = Enumerable.Range(0, 4).Select(u => weights[1][u] + Sum(Latent, i => codes[(row * Latent) + i] * weights[0][(i * 4) + u]) + Sum(2, i => at[i] * weights[2][(i * 4) + u])).ToArray();
                var second = Enumerable.Range(0, 3).Select(u => weights[4][u] + Sum(4, i => Math.Max(0, first[i]) * weights[3][(i * 3) + u])).ToArray();
                // Four taps of stride two reach from one pixel before the place's own two to one behind them.
                for (var i = 0; i < 4; i++)
                {
                    for (var j = 0; j < 4; j++)
                    {
                        var (y, x) = ((2 * down) - 1 + i, (2 * across) - 1 + j);
                        if (y is < 0 or >= Height || x is < 0 or >= Width)
                            continue;
                        for (var c = 0; c < Channels; c++)
                            expected[(((((row * Height) + y) * Width) + x) * Channels) + c] += Sum(3, u => Math.Max(0, second[u]) * weights[5][(((((i * 4) + j) * Channels) + c) * 3) + u]);
                    }
                }
            }
        }
        for (var i = 0; i < expected.Length; i++)
            expected[i] += weights[6][i % Channels];
        LayerValues.AreNear(expected, LayerValues.Of(decoder.Apply(input), (input, codes)));
    }

    [Fact]
    public void A_step_of_the_code_that_weighs_as_a_step_of_place_does_moves_the_image()
    {
        const int side = 16;
        var decoder = Architecture.SpatialBroadcast([2], 4, [6, 5]).Decoder(new(side, side, 1), 1, side * side, new RandomNumbers(3, 1), 1);
        var variables = decoder.Variables.ToArray();
        // What the code weighs is minus what the place across weighs.
        var (numbers, places) = (variables[0], variables[2]);
        Assert.Equal(("decoder.numbers.weight", "decoder.places"), (numbers.Name, places.Name));
        for (var u = 0; u < 6; u++)
            numbers.AsSpan<float>()[u] = -places.AsSpan<float>()[6 + u];
        var input = Tensor.Input("z", [2, 1]);
        // Places of the grid, of half the size, are 1/4 apart, and stand for two pixels each.
        var images = LayerValues.Of(decoder.Apply(input), (input, [0, 0.25f]));
        for (var y = 0; y < side; y++)
        {
            for (var x = 4; x < side - 2; x++)
                Assert.Equal(images[(y * side) + x - 2], images[(side * side) + (y * side) + x], 1e-4);
        }
        Assert.True(images.Take(side * side).Max() - images.Take(side * side).Min() > 0.01);
    }

    private static INetwork Decoder(int[] units) =>
        Architecture.SpatialBroadcast([2], 4, units).Decoder(new(Height, Width, Channels), Latent, Height * Width * Channels, new RandomNumbers(1, 1), 1);

    private static double Sum(int count, Func<int, double> term) => Enumerable.Range(0, count).Sum(term);
}
