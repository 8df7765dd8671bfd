using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Networks;

/// <summary>The state of an <see cref="Lstm"/>: [rows, units] each.</summary>
/// <param name="Hidden">What it puts out.</param>
/// <param name="Cell">What it remembers.</param>
public sealed record LstmState(Tensor Hidden, Tensor Cell);

/// <summary>
/// A layer with long short-term memory (Hochreiter and Schmidhuber, 1997; with forget gates: Gers, Schmidhuber and Cummins, 2000):
/// i, f, o = σ(xWᵢ + hUᵢ + bᵢ, …), g = tanh(xW + hU + b), c′ = f·c + i·g, h′ = o·tanh c′.
/// </summary>
public sealed class Lstm
{
    private readonly RecurrentWeights _weights;
    private readonly int _units;

    /// <summary>
    /// A layer with weights of inputs drawn uniformly within √(6/(inputs + units)) (Glorot and Bengio, 2010), orthogonal weights of the
    /// state (Saxe, McClelland and Ganguli, 2014), and biases of 0, those of the forget gates 1, so that it remembers at first
    /// (Józefowicz, Zaremba and Sutskever, 2015).
    /// </summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="inputs">The size of an entry of the sequence.</param>
    /// <param name="units">The size of its state.</param>
    /// <param name="random">Where weights come from.</param>
    public Lstm(string name, int inputs, int units, RandomNumbers random)
    {
        _weights = new RecurrentWeights(name, inputs, units, gates: 4, random);
        _units = units;
        _weights.Bias.AsSpan<float>().Slice(units, units).Fill(1);
    }

    /// <summary>Weights of inputs and of the state and biases; gates side by side in the order i, f, g, o.</summary>
    public IEnumerable<Variable> Variables => [_weights.FromInput, _weights.FromState, _weights.Bias];

    /// <summary>The layer over a whole sequence.</summary>
    /// <param name="sequence">[steps, rows, inputs].</param>
    /// <param name="initial">The state before the first step; zeros by default.</param>
    /// <param name="options">Direction, and memory of the gradient.</param>
    /// <returns>What it puts out at every step, [steps, rows, units], and the state after the last.</returns>
    /// <exception cref="ShapeException">The sequence or the state is of another shape.</exception>
    public (Tensor Outputs, LstmState Last) Apply(Tensor sequence, LstmState? initial = null, ScanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        var fromInputs = _weights.GatesOf(sequence);
        initial ??= new(Tensor.Full([sequence.Shape[1], _units], 0), Tensor.Full([sequence.Shape[1], _units], 0));
        var result = Tensor.Scan(sequence.Shape[0], [initial.Hidden.Named("hidden"), initial.Cell.Named("cell")], step =>
        {
            var (hidden, cell) = Step(step.Of(fromInputs), new(step.State[0], step.State[1]));
            return ([hidden, cell], [hidden]);
        }, options);
        return (result.Outputs[0], new(result.Last[0], result.Last[1]));
    }

    private LstmState Step(Tensor fromInput, LstmState state)
    {
        var fromState = state.Hidden.MatMul(_weights.FromState);
        Tensor Gate(int gate) => fromInput.Slice(1, gate * _units, _units) + fromState.Slice(1, gate * _units, _units);
        var cell = Sigmoid(Gate(1)) * state.Cell + Sigmoid(Gate(0)) * Tanh(Gate(2));
        return new(Sigmoid(Gate(3)) * Tanh(cell), cell);
    }
}
