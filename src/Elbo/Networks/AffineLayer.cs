using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>An affine map of rows.</summary>
internal sealed class AffineLayer(string name, int inputs, int outputs, double gain, RandomNumbers random)
{
    private readonly Variable _weights = FanInWeights.Draw($"{name}.weight", [inputs, outputs], inputs, gain, random);
    private readonly Variable _bias = FanInWeights.Bias($"{name}.bias", outputs);

    public IEnumerable<Variable> Variables => [_weights, _bias];

    /// <summary>[rows, outputs] for [rows, inputs].</summary>
    public Tensor Apply(Tensor x) => x.MatMul(_weights) + _bias;
}
