using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>
/// From numbers to images, pixel by pixel in a row: at every place of a grid of half the image's height and width the same layers see the numbers and where the place is
/// (Watters, Matthey, Burgess and Lerchner, 2019), and a transposed convolution doubles what they say.
/// </summary>
internal sealed class BroadcastDecoder : INetwork
{
    private readonly BroadcastArchitecture _architecture;
    private readonly RowShape _rows;
    private readonly (int Height, int Width) _grid;
    private readonly AffineLayer _ofNumbers;
    private readonly Variable _ofPlaces;
    private readonly AffineLayer[] _layers;
    private readonly TransposedConvolution _last;

    public BroadcastDecoder(BroadcastArchitecture architecture, RowShape rows, int inputs, int channels, RandomNumbers random, double outputScale)
    {
        (_architecture, _rows) = (architecture, rows);
        _grid = ConvolutionalArchitecture.After(rows, 1);
        int[] units = [.. architecture.Units];
        // To begin with, the code and the place weigh about alike in what is summed: numbers are about standard, and places lie within −1 and 1.
        _ofNumbers = new AffineLayer("decoder.numbers", inputs, units[0], 1, random);
        _ofPlaces = FanInWeights.Draw("decoder.places", [2, units[0]], 2, 2, random);
        _layers = [.. Enumerable.Range(1, units.Length - 1).Select(i => new AffineLayer($"decoder.{i}", units[i - 1], units[i], Math.Sqrt(2), random))];
        _last = new TransposedConvolution("decoder.last", [4, 4], units[^1], channels, random, stride: 2, padding: Padding.Same);
        foreach (ref var weight in _last.Variables.First().AsSpan<float>())
            weight *= (float)outputScale;
    }

    public IEnumerable<Variable> Variables => [.. _ofNumbers.Variables, _ofPlaces, .. _layers.SelectMany(l => l.Variables), .. _last.Variables];

    /// <summary>One for each channel of a pixel.</summary>
    public Variable OutputBias => _last.Variables.Last();

    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var (rows, places, units) = (x.Shape[0], _grid.Height * _grid.Width, _architecture.Units);
        // An affine map of numbers and place together is a sum of two, of which each is taken once: for a row, and for a place.
        x = _ofNumbers.Apply(x).Reshape([rows, 1, units[0]]) + Places().MatMul(_ofPlaces).Reshape([1, places, units[0]]);
        x = x.Reshape([rows * places, units[0]]);
        foreach (var layer in _layers)
            x = layer.Apply(_architecture.Activation.Apply(x));
        x = _last.Apply(_architecture.Activation.Apply(x).Reshape([rows, _grid.Height, _grid.Width, units[^1]])).Slice(1, 0, _rows.Height).Slice(2, 0, _rows.Width);
        return x.Reshape([rows, _rows.Height * _rows.Width * x.Shape[3]]);
    }

    // Down and across, each from −1 to 1.
    private Tensor Places() => Tensor.FromArray(
        [.. Enumerable.Range(0, _grid.Height * _grid.Width).SelectMany(p => new[] { Along(p / _grid.Width, _grid.Height), Along(p % _grid.Width, _grid.Width) })], [_grid.Height * _grid.Width, 2]);

    private static double Along(int place, int places) => (2 * place + 1.0) / places - 1;
}
