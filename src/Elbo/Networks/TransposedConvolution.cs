using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>
/// A transposed convolution, with a bias for each output channel: what a decoder makes images larger with, as an encoder makes them
/// smaller with a strided <see cref="Convolution"/>.
/// </summary>
public sealed class TransposedConvolution
{
    private readonly Variable _weights;
    private readonly Variable _bias;
    private readonly int _stride;
    private readonly Padding _padding;

    /// <summary>
    /// A transposed convolution with weights drawn uniformly within √(6/(in + out)) (Glorot and Bengio, 2010), where so many inputs are
    /// on average summed to an output and so many outputs read an input, and biases of 0.
    /// </summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="taps">The kernel's size along each spatial axis. A multiple of the stride adds as many inputs to every output, which leaves no
    /// checkerboard (Odena, Dumoulin and Olah, 2016).</param>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="random">Where weights come from.</param>
    /// <param name="stride">How many times larger the output is.</param>
    /// <param name="padding">What is cut off the output; with <see cref="Padding.Same"/> it is exactly stride times as large.</param>
    public TransposedConvolution(string name, ReadOnlySpan<int> taps, int channels, int outputs, RandomNumbers random, int stride = 1, Padding padding = default)
    {
        var summed = GlorotWeights.Area(taps) * channels / Math.Pow(stride, taps.Length);
        var reached = (double)GlorotWeights.Area(taps) * outputs;
        (_weights, _bias) = (GlorotWeights.Draw($"{name}.weight", [.. taps, outputs, channels], summed + reached, random), new Variable($"{name}.bias", [outputs]));
        (_stride, _padding) = (stride, padding);
    }

    /// <summary>Weights, [taps along each axis, outputs, channels], and bias.</summary>
    public IEnumerable<Variable> Variables => [_weights, _bias];

    /// <summary>The layer's value: [batch, spatial axes, outputs] for [batch, spatial axes, channels].</summary>
    /// <exception cref="ShapeException">The input does not fit the kernel.</exception>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.ConvolveTransposed(_weights, _stride, _padding) + _bias;
    }
}
