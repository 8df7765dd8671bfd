using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>A convolution of images that keeps their size, or divides it by a stride.</summary>
internal sealed class ImageLayer(string name, int taps, int inputs, int outputs, double gain, RandomNumbers random, int stride = 1)
{
    private readonly Variable _weights = FanInWeights.Draw($"{name}.weight", [taps, taps, inputs, outputs], taps * taps * inputs, gain, random);
    private readonly Variable _bias = FanInWeights.Bias($"{name}.bias", outputs);

    public IEnumerable<Variable> Variables => [_weights, _bias];

    public Variable Bias => _bias;

    /// <summary>[images, height, width, outputs] for [images, height, width, inputs].</summary>
    public Tensor Apply(Tensor x)
    {
        if (taps > 1 || stride > 1)
            return x.Convolve(_weights, stride, Padding.Same) + _bias;
        // One tap is a product, pixel by pixel.
        var pixels = x.Shape.Elements / inputs;
        return (x.Reshape([pixels, inputs]).MatMul(_weights.Value.Reshape([inputs, outputs])) + _bias).Reshape(x.Shape.With(3, outputs));
    }
}
