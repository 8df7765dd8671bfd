using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>A convolution over the spatial axes of images or sequences, with a bias for each output channel.</summary>
public sealed class Convolution
{
    private readonly Variable _weights;
    private readonly Variable _bias;
    private readonly int _stride;
    private readonly Padding _padding;
    private readonly int _dilation;

    /// <summary>
    /// A convolution with weights drawn uniformly within √(6/(in + out)) (Glorot and Bengio, 2010), where so many inputs are summed to
    /// an output and so many outputs on average read an input, and biases of 0.
    /// </summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="taps">The kernel's size along each spatial axis: one for sequences, two for images.</param>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="random">Where weights come from.</param>
    /// <param name="stride">Steps from one window to the next.</param>
    /// <param name="padding">Zeros around the input; <see cref="Padding.Same"/> keeps its size but for the stride.</param>
    /// <param name="dilation">Steps from one tap of the kernel to the next.</param>
    public Convolution(string name, ReadOnlySpan<int> taps, int channels, int outputs, RandomNumbers random, int stride = 1, Padding padding = default, int dilation = 1)
    {
        var summed = (double)GlorotWeights.Area(taps) * channels;
        var reached = GlorotWeights.Area(taps) * outputs / Math.Pow(stride, taps.Length);
        (_weights, _bias) = (GlorotWeights.Draw($"{name}.weight", [.. taps, channels, outputs], summed + reached, random), new Variable($"{name}.bias", [outputs]));
        (_stride, _padding, _dilation) = (stride, padding, dilation);
    }

    /// <summary>Weights, [taps along each axis, channels, outputs], and bias.</summary>
    public IEnumerable<Variable> Variables => [_weights, _bias];

    /// <summary>The layer's value: [batch, spatial axes, outputs] for [batch, spatial axes, channels].</summary>
    /// <exception cref="ShapeException">The input does not fit the kernel.</exception>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Convolve(_weights, _stride, _padding, _dilation) + _bias;
    }
}
