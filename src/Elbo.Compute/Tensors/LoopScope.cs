using System.Collections.Immutable;

namespace Elbo.Compute;

/// <summary>
/// The steps of one loop: what nodes of its body have in common. A node belongs to the body if it depends on the state of the loop
/// or on the number of the step; the graph is one, and where a node was written down does not matter.
/// </summary>
internal sealed class LoopScope(int length, bool isReversed = false, bool recomputes = false)
{
    /// <summary>The number of steps.</summary>
    public int Length { get; } = length;

    /// <summary>Whether the steps go from the last entry of the sequences to the first.</summary>
    public bool IsReversed { get; } = isReversed;

    /// <summary>Whether the gradient computes a step again instead of remembering what it needs of it.</summary>
    public bool Recomputes { get; } = recomputes;

    /// <summary>The number of the step, along sequences.</summary>
    public Tensor Index() => new(new Operation.StepIndex(this), [], Shape.Scalar, DType.Int32);

    /// <summary>A state at the start of a step.</summary>
    public Tensor Carry(int number, Tensor initial) => new(new Operation.Carry(this, number), [], initial.Shape, initial.Type, initial.Label);

    /// <summary>The loop of these steps.</summary>
    public Tensor Loop(Tensor[] initial, IEnumerable<Tensor> next) => new(new Operation.Loop(this, [.. next]), initial, Shape.Scalar, DType.Int32);

    /// <summary>The loops that a node of an operation on some inputs changes with.</summary>
    public static ImmutableArray<LoopScope> Of(Operation operation, ReadOnlySpan<Tensor> inputs)
    {
        ImmutableArray<LoopScope> scopes = operation switch
        {
            Operation.StepIndex index => [index.Scope],
            Operation.Carry carry => [carry.Scope],
            _ => [],
        };
        foreach (var input in inputs)
            scopes = Union(scopes, input.Scopes);
        var own = operation switch
        {
            Operation.Loop loop => loop.Scope,
            Operation.Stack => ((Operation.Loop)inputs[0].Operation).Scope,
            _ => null,
        };
        foreach (var node in operation.Body)
            scopes = Union(scopes, own is null ? node.Scopes : node.Scopes.Remove(own));
        return scopes;
    }

    private static ImmutableArray<LoopScope> Union(ImmutableArray<LoopScope> left, ImmutableArray<LoopScope> right)
    {
        if (left.IsEmpty)
            return right;
        foreach (var scope in right)
        {
            if (!left.Contains(scope))
                left = left.Add(scope);
        }
        return left;
    }
}

internal static class Loops
{
    /// <summary>Whether a node changes from step to step of a loop.</summary>
    public static bool ChangesWith(this Tensor node, LoopScope scope) => node.Scopes.Contains(scope);

    /// <summary>The scope of a loop, or of the loop that is read by this node.</summary>
    public static LoopScope ScopeOf(Tensor node) => node.Operation switch
    {
        Operation.Loop loop => loop.Scope,
        Operation.Last or Operation.Stack => ScopeOf(node.Inputs[0]),
        Operation.Entry => ((Operation.StepIndex)node.Inputs[1].Operation).Scope,
        _ => throw new InvalidOperationException($"{node} is not of a loop."),
    };

    /// <summary>The entry of a sequence at the step that a loop is at.</summary>
    public static Tensor Entry(Tensor sequence, Tensor index) =>
        new(new Operation.Entry(), [sequence, index], Shape.Create(sequence.Shape.AsSpan()[1..]), sequence.Type, sequence.Label);

    /// <summary>A state after the last step.</summary>
    public static Tensor Last(Tensor loop, int number) => new(new Operation.Last(number), [loop], loop.Inputs[number].Shape, loop.Inputs[number].Type);

    /// <summary>What a node of the body was at every step.</summary>
    public static Tensor Stack(Tensor loop, Tensor value) =>
        new(new Operation.Stack(value), [loop], Shape.Create([ScopeOf(loop).Length, .. value.Shape]), value.Type, value.Label);
}
