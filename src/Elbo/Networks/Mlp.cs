using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>A fully connected network: affine layers with a nonlinearity between them, none after the last.</summary>
public sealed class Mlp
{
    private readonly (Variable Weights, Variable Bias)[] _layers;
    private readonly Activation _activation;

    /// <summary>A network with weights drawn uniformly within √(6/(inputs + outputs)) (Glorot and Bengio, 2010) and biases of 0.</summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="sizes">Inputs, hidden layers, outputs: at least two.</param>
    /// <param name="activation">Between the layers.</param>
    /// <param name="random">Where weights come from.</param>
    /// <param name="outputScale">Multiplies the initial weights of the last layer.</param>
    public Mlp(string name, ReadOnlySpan<int> sizes, Activation activation, RandomNumbers random, double outputScale = 1)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(sizes.Length, 2);
        _activation = activation;
        _layers = new (Variable, Variable)[sizes.Length - 1];
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var weights = new Variable($"{name}.{layer}.weight", [sizes[layer], sizes[layer + 1]]);
            var scale = Math.Sqrt(6.0 / (sizes[layer] + sizes[layer + 1])) * (layer == _layers.Length - 1 ? outputScale : 1);
            foreach (ref var weight in weights.AsSpan<float>())
                weight = (float)(scale * (2 * random.NextUniform() - 1));
            _layers[layer] = (weights, new Variable($"{name}.{layer}.bias", [sizes[layer + 1]]));
        }
    }

    /// <summary>Weights and biases, layer by layer.</summary>
    public IEnumerable<Variable> Variables => _layers.SelectMany(l => new[] { l.Weights, l.Bias });

    /// <summary>The biases of the last layer.</summary>
    public Variable OutputBias => _layers[^1].Bias;

    /// <summary>The network's value: [rows, outputs] for [rows, inputs].</summary>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            if (layer > 0)
                x = _activation.Apply(x);
            x = x.MatMul(_layers[layer].Weights) + _layers[layer].Bias;
        }
        return x;
    }
}
