using Elbo.Compute;
using Elbo.Distributions;

namespace Elbo.Networks;

/// <summary>A fully connected network: affine layers with a nonlinearity between them, none after the last.</summary>
public sealed class Mlp : INetwork
{
    private readonly (Tensor Weights, Tensor Bias)[] _layers;
    private readonly Activation _activation;
    private readonly Variable[] _variables;

    /// <summary>A network with weights drawn uniformly within √(6/(inputs + outputs)) (Glorot and Bengio, 2010) and biases of 0.</summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="sizes">Inputs, hidden layers, outputs: at least two.</param>
    /// <param name="activation">Between the layers.</param>
    /// <param name="random">Where weights come from.</param>
    /// <param name="outputScale">Multiplies the initial weights of the last layer.</param>
    public Mlp(string name, ReadOnlySpan<int> sizes, Activation activation, RandomNumbers random, double outputScale = 1)
        : this(name, sizes, activation, random, new VariableWeights(DType.Float32), null, outputScale)
    {
    }

    /// <summary>A network with weights from elsewhere, such as parameters of a model.</summary>
    /// <param name="name">Leads the names of its weights.</param>
    /// <param name="sizes">Inputs, hidden layers, outputs: at least two.</param>
    /// <param name="activation">Between the layers.</param>
    /// <param name="random">Where the numbers that weights begin with come from, drawn as above.</param>
    /// <param name="weights">Where weights come from.</param>
    /// <param name="outputScale">Multiplies the initial weights of the last layer.</param>
    public Mlp(string name, ReadOnlySpan<int> sizes, Activation activation, RandomNumbers random, WeightSource weights, double outputScale = 1)
        : this(name, sizes, activation, random, null, weights, outputScale)
    {
    }

    private Mlp(string name, ReadOnlySpan<int> sizes, Activation activation, RandomNumbers random, VariableWeights? variables, WeightSource? weights, double outputScale)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(sizes.Length, 2);
        weights ??= (variables ?? throw new ArgumentNullException(nameof(weights))).Add;
        _activation = activation;
        _layers = new (Tensor, Tensor)[sizes.Length - 1];
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var (inputs, outputs) = (sizes[layer], sizes[layer + 1]);
            var scale = Math.Sqrt(6.0 / (inputs + outputs)) * (layer == _layers.Length - 1 ? outputScale : 1);
            var initial = new double[inputs * outputs];
            foreach (ref var weight in initial.AsSpan())
                weight = scale * (2 * random.NextUniform() - 1);
            _layers[layer] = (weights($"{name}.{layer}.weight", Value.Of(initial, [inputs, outputs])), weights($"{name}.{layer}.bias", new double[outputs]));
        }
        _variables = variables is null ? [] : [.. variables.All];
    }

    /// <summary>Weights and biases, layer by layer; none where they come from elsewhere.</summary>
    public IEnumerable<Variable> Variables => _variables;

    /// <summary>The biases of the last layer.</summary>
    /// <exception cref="InvalidOperationException">The weights come from elsewhere.</exception>
    public Variable OutputBias => _variables.Length > 0 ? _variables[^1] : throw new InvalidOperationException("The weights of this network are not variables of its own.");

    /// <summary>The network's value: [rows, outputs] for [rows, inputs].</summary>
    public Tensor Apply(Tensor x) => Through(x, weights => weights);

    /// <summary>The same value, whose gradient is that by <paramref name="x"/> alone: weights count as constants.</summary>
    internal Tensor ApplyHeld(Tensor x) => Through(x, TensorMath.StopGradient);

    private Tensor Through(Tensor x, Func<Tensor, Tensor> use)
    {
        ArgumentNullException.ThrowIfNull(x);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            if (layer > 0)
                x = _activation.Apply(x);
            x = x.MatMul(use(_layers[layer].Weights)) + use(_layers[layer].Bias);
        }
        return x;
    }
}
