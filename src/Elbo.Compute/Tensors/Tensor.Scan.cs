namespace Elbo.Compute;

// Loops: a body traced once, run step by step.
public sealed partial class Tensor
{
    /// <summary>
    /// A loop over the entries of a sequence that carries one value from step to step:
    /// <code>var (last, outputs) = Tensor.Scan(initial, xs, (h, x) => { var next = Tanh(x.MatMul(w) + h.MatMul(u) + b); return (next, next); });</code>
    /// </summary>
    /// <param name="initial">The state before the first step.</param>
    /// <param name="sequence">What is walked, entry by entry along its first axis.</param>
    /// <param name="body">Called once, with symbols: the state and an entry to the next state, of the same shape and type, and an output. Any other tensor may be used in it.</param>
    /// <param name="options">Direction, and memory of the gradient.</param>
    /// <returns>The state after the last step, and the outputs of all steps along a new first axis, in the order of the sequence.</returns>
    /// <exception cref="ShapeException">The state does not keep its shape and type, or the sequence has no axis.</exception>
    public static (Tensor Last, Tensor Outputs) Scan(Tensor initial, Tensor sequence, Func<Tensor, Tensor, (Tensor Next, Tensor Output)> body, ScanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(sequence);
        ArgumentNullException.ThrowIfNull(body);
        if (sequence.Rank == 0)
            throw new ShapeException($"Scan walks the first axis of a sequence; {sequence} has none.");
        var result = Scan(sequence.Shape[0], [initial], step =>
        {
            var (next, output) = body(step.State[0], step.Of(sequence));
            return ([next], [output]);
        }, options);
        return (result.Last[0], result.Outputs[0]);
    }

    /// <summary>
    /// A loop of a given number of steps that carries any number of values, walks any number of sequences and has any number of
    /// outputs. The body is traced once, so the time to compile does not grow with the number of steps, and is differentiated like
    /// everything else. What in it depends neither on the state nor on the step is computed once, before the loop.
    /// </summary>
    /// <param name="length">The number of steps, at least 1.</param>
    /// <param name="initial">The states before the first step.</param>
    /// <param name="body">Called once, with symbols: to the next states, each of the shape and type of its initial value, and the outputs of a step.</param>
    /// <param name="options">Direction, and memory of the gradient.</param>
    /// <exception cref="ShapeException">A state does not keep its shape and type; there are more or fewer of them than before.</exception>
    public static ScanResult Scan(int length, IReadOnlyList<Tensor> initial, Func<ScanStep, (IReadOnlyList<Tensor> Next, IReadOnlyList<Tensor> Outputs)> body, ScanOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(body);
        var scope = new LoopScope(length, options?.Reverse ?? false, options?.Recompute ?? false);
        var (next, outputs) = body(new ScanStep(scope, [.. initial.Select((state, i) => scope.Carry(i, state))]));
        if (next.Count != initial.Count)
            throw new ShapeException($"Scan: {initial.Count} states go into a step and {next.Count} come out of it.");
        for (var i = 0; i < next.Count; i++)
        {
            if (next[i].Shape != initial[i].Shape || next[i].Type != initial[i].Type)
                throw new ShapeException($"Scan: state {i}{(initial[i].Label is { } label ? $" '{label}'" : "")} begins as {initial[i].Type}{initial[i].Shape}, and a step makes it {next[i].Type}{next[i].Shape}; it must keep its shape and type.");
        }
        var loop = scope.Loop([.. initial], next);
        return new([.. initial.Select((_, i) => Loops.Last(loop, i))], [.. outputs.Select(output => Loops.Stack(loop, output))]);
    }
}

/// <summary>How a <see cref="Tensor.Scan(Tensor, Tensor, Func{Tensor, Tensor, ValueTuple{Tensor, Tensor}}, ScanOptions)"/> runs.</summary>
public sealed record ScanOptions
{
    /// <summary>From the last entry of the sequences to the first. Outputs keep the order of the sequences.</summary>
    public bool Reverse { get; init; }

    /// <summary>
    /// The gradient remembers the states of every step alone and computes the rest of the step again, instead of remembering the
    /// results of products, functions and reductions it needs: less memory, more time.
    /// </summary>
    public bool Recompute { get; init; }
}

/// <summary>What a scan leaves behind.</summary>
/// <param name="Last">The states after the last step.</param>
/// <param name="Outputs">The outputs of all steps along a new first axis, in the order of the sequences.</param>
public sealed record ScanResult(IReadOnlyList<Tensor> Last, IReadOnlyList<Tensor> Outputs);

/// <summary>A step of a scan, as its body sees it.</summary>
public sealed class ScanStep
{
    private readonly LoopScope _scope;

    internal ScanStep(LoopScope scope, IReadOnlyList<Tensor> state)
    {
        (_scope, State) = (scope, state);
        Index = scope.Index();
    }

    /// <summary>The states at the start of the step.</summary>
    public IReadOnlyList<Tensor> State { get; }

    /// <summary>
    /// The number of the step: the place of its entries in the sequences, a scalar: Int32[]. In a scan that is reversed it falls.
    /// Draws in a body are the same at every step unless their source is told it: see <see cref="RandomSource.At"/>.
    /// </summary>
    public Tensor Index { get; }

    /// <summary>The entry of a sequence, along its first axis, that belongs to this step.</summary>
    /// <exception cref="ShapeException">The sequence is not as long as the scan, or is itself of this step.</exception>
    public Tensor Of(Tensor sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (sequence.Rank == 0 || sequence.Shape[0] != _scope.Length)
            throw new ShapeException($"Scan: a sequence of {_scope.Length} steps has a first axis of that size; {sequence} has not.");
        if (sequence.ChangesWith(_scope))
            throw new ShapeException($"Scan: {sequence} changes from step to step, so it cannot be a sequence that the steps walk.");
        return Loops.Entry(sequence, Index);
    }
}
