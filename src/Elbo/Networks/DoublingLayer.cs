using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>A transposed convolution that doubles images, with four taps along each side.</summary>
internal sealed class DoublingLayer(string name, int inputs, int outputs, double gain, RandomNumbers random)
{
    private const int Taps = 4;
    private const int Stride = 2;
    private readonly Variable _weights = FanInWeights.Draw($"{name}.weight", [Taps, Taps, outputs, inputs], Taps * Taps * inputs / (double)(Stride * Stride), gain, random);
    private readonly Variable _bias = FanInWeights.Bias($"{name}.bias", outputs);

    public IEnumerable<Variable> Variables => [_weights, _bias];

    /// <summary>Images of a size that is twice theirs, or one less.</summary>
    public Tensor Apply(Tensor x, int height, int width) => x.ConvolveTransposed(_weights, Stride, Padding.Same, size: [height, width]) + _bias;
}
