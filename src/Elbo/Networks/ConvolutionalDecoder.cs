using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>From numbers to images, pixel by pixel in a row: two affine layers to a small image, then transposed convolutions that double it.</summary>
internal sealed class ConvolutionalDecoder : INetwork
{
    private readonly ConvolutionalArchitecture _architecture;
    private readonly RowShape _rows;
    private readonly Mlp _head;
    private readonly TransposedConvolution[] _convolutions;

    public ConvolutionalDecoder(ConvolutionalArchitecture architecture, RowShape rows, int inputs, int channels, RandomNumbers random, double outputScale)
    {
        (_architecture, _rows) = (architecture, rows);
        int[] all = [.. architecture.Channels.Reverse(), channels];
        var (height, width) = ConvolutionalArchitecture.After(rows, all.Length - 1);
        _head = new Mlp("decoder.head", [inputs, architecture.Hidden, height * width * all[0]], architecture.Activation, random);
        _convolutions = [.. Enumerable.Range(0, all.Length - 1).Select(i => new TransposedConvolution($"decoder.{i}", [4, 4], all[i], all[i + 1], random, stride: 2, padding: Padding.Same))];
        foreach (ref var weight in _convolutions[^1].Variables.First().AsSpan<float>())
            weight *= (float)outputScale;
    }

    public IEnumerable<Variable> Variables => [.. _head.Variables, .. _convolutions.SelectMany(c => c.Variables)];

    /// <summary>One for each channel of a pixel.</summary>
    public Variable OutputBias => _convolutions[^1].Variables.Last();

    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var (rows, channels) = (x.Shape[0], _architecture.Channels[^1]);
        var (height, width) = ConvolutionalArchitecture.After(_rows, _convolutions.Length);
        x = _head.Apply(x).Reshape([rows, height, width, channels]);
        for (var i = 0; i < _convolutions.Length; i++)
        {
            // What a halving rounded up, a doubling makes too large.
            var (high, wide) = ConvolutionalArchitecture.After(_rows, _convolutions.Length - 1 - i);
            x = _convolutions[i].Apply(_architecture.Activation.Apply(x)).Slice(1, 0, high).Slice(2, 0, wide);
        }
        return x.Reshape([rows, _rows.Height * _rows.Width * x.Shape[3]]);
    }
}
