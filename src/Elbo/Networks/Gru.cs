using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Networks;

/// <summary>
/// A gated recurrent layer (Cho et al., 2014), with the reset gate behind the product with the state, so that all gates of a step come
/// of one product: r, z = σ(xWᵣ + hUᵣ + bᵣ, …), n = tanh(xW + b + r·(hU + d)), h′ = n + z·(h − n).
/// </summary>
public sealed class Gru
{
    private readonly RecurrentWeights _weights;
    private readonly int _units;

    /// <summary>
    /// A layer with weights of inputs drawn uniformly within √(6/(inputs + units)) (Glorot and Bengio, 2010), orthogonal weights of the
    /// state (Saxe, McClelland and Ganguli, 2014), and biases of 0.
    /// </summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="inputs">The size of an entry of the sequence.</param>
    /// <param name="units">The size of its state.</param>
    /// <param name="random">Where weights come from.</param>
    public Gru(string name, int inputs, int units, RandomNumbers random)
    {
        _weights = new RecurrentWeights(name, inputs, units, gates: 3, random, hasStateBias: true);
        _units = units;
    }

    /// <summary>Weights of inputs and of the state, biases, and the bias d behind the reset gate; gates side by side in the order r, z, n.</summary>
    public IEnumerable<Variable> Variables => [_weights.FromInput, _weights.FromState, _weights.Bias, _weights.StateBias!];

    /// <summary>The layer over a whole sequence.</summary>
    /// <param name="sequence">[steps, rows, inputs].</param>
    /// <param name="initial">The state before the first step, [rows, units]; zeros by default.</param>
    /// <param name="options">Direction, and memory of the gradient.</param>
    /// <returns>What it puts out at every step, [steps, rows, units], and the state after the last, [rows, units].</returns>
    /// <exception cref="ShapeException">The sequence or the state is of another shape.</exception>
    public (Tensor Outputs, Tensor Last) Apply(Tensor sequence, Tensor? initial = null, ScanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        initial ??= Tensor.Full([sequence.Shape[1], _units], 0);
        var (last, outputs) = Tensor.Scan(initial.Named("hidden"), _weights.GatesOf(sequence), (hidden, fromInput) =>
        {
            var next = Step(fromInput, hidden);
            return (next, next);
        }, options);
        return (outputs, last);
    }

    private Tensor Step(Tensor fromInput, Tensor hidden)
    {
        var fromState = hidden.MatMul(_weights.FromState);
        Tensor Of(Tensor gates, int gate) => gates.Slice(1, gate * _units, _units);
        var reset = Sigmoid(Of(fromInput, 0) + Of(fromState, 0));
        var update = Sigmoid(Of(fromInput, 1) + Of(fromState, 1));
        var candidate = Tanh(Of(fromInput, 2) + reset * (Of(fromState, 2) + _weights.StateBias!));
        return candidate + update * (hidden - candidate);
    }
}
