using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>From images, pixel by pixel in a row, to numbers: convolutions that halve the image, then two affine layers.</summary>
internal sealed class ConvolutionalEncoder : INetwork
{
    private readonly ConvolutionalArchitecture _architecture;
    private readonly RowShape _rows;
    private readonly int _channels;
    private readonly Convolution[] _convolutions;
    private readonly Mlp _head;

    public ConvolutionalEncoder(ConvolutionalArchitecture architecture, RowShape rows, int channels, int outputs, RandomNumbers random, string name = "encoder")
    {
        (_architecture, _rows, _channels) = (architecture, rows, channels);
        int[] all = [channels, .. architecture.Channels];
        _convolutions = [.. Enumerable.Range(0, all.Length - 1).Select(i => new Convolution($"{name}.{i}", [4, 4], all[i], all[i + 1], random, stride: 2, padding: Padding.Same))];
        var (height, width) = ConvolutionalArchitecture.After(rows, _convolutions.Length);
        _head = new Mlp($"{name}.head", [height * width * all[^1], architecture.Hidden, outputs], architecture.Activation, random);
    }

    public IEnumerable<Variable> Variables => [.. _convolutions.SelectMany(c => c.Variables), .. _head.Variables];

    public Variable OutputBias => _head.OutputBias;

    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = x.Reshape([x.Shape[0], _rows.Height, _rows.Width, _channels]);
        foreach (var convolution in _convolutions)
            x = _architecture.Activation.Apply(convolution.Apply(x));
        return _head.Apply(x.Reshape([x.Shape[0], x.Shape[1] * x.Shape[2] * x.Shape[3]]));
    }
}
