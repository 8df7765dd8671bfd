namespace Elbo.Compute.Phases;

/// <summary>Work that a loop does step by step, done for all steps at once before or after it: one large matrix product for many small ones.</summary>
internal static class HoistFromLoops
{
    public static RewritePhase Phase { get; } = new("hoist from loops",
        new("stack of entries = the sequence", n => n.Operation is Operation.Stack { Value: { Operation: Operation.Entry } entry } && Loops.ScopeOf(entry) == Loops.ScopeOf(n) ? entry.Inputs[0] : null),
        new("stack of what does not change = a repetition", StackOfInvariant),
        new("entry of a repetition = what is repeated", EntryOfRepetition),
        new("a state that stays", n => n.Operation is Operation.Last last && IsCarry(NextOf(n, last), n, last.Number) ? n.Inputs[0].Inputs[last.Number] : null),
        new("reshape of an entry = entry of a reshape", EntryOfReshape),
        new("product of an entry = entry of a product", ProductOfEntry),
        new("sum of products over steps = product over steps", SumOfProducts));

    private static Tensor NextOf(Tensor node, Operation.Last last) => ((Operation.Loop)node.Inputs[0].Operation).Next[last.Number];

    private static bool IsCarry(Tensor node, Tensor result, int number) =>
        node.Operation is Operation.Carry carry && carry.Scope == Loops.ScopeOf(result) && carry.Number == number;

    private static Tensor? StackOfInvariant(Tensor node) =>
        node.Operation is Operation.Stack { Value: var value } && !value.ChangesWith(Loops.ScopeOf(node))
            ? value.Reshape(Shape.Create([1, .. value.Shape])).BroadcastTo(node.Shape)
            : null;

    private static Tensor? EntryOfRepetition(Tensor node)
    {
        if (node.Operation is not Operation.Entry)
            return null;
        var sequence = node.Inputs[0];
        if (sequence.ConstantValue is { } constant)
            return node.FullLike(constant);
        return sequence.Operation is Operation.Broadcast && sequence.Inputs[0].Shape[0] == 1
            ? sequence.Inputs[0].Reshape(Shape.Create(sequence.Inputs[0].Shape.AsSpan()[1..])).BroadcastTo(node.Shape)
            : null;
    }

    private static Tensor? EntryOfReshape(Tensor node) =>
        node.Operation is Operation.Reshape && node.Inputs[0] is { Operation: Operation.Entry } entry
            ? Loops.Entry(entry.Inputs[0].Reshape(Shape.Create([entry.Inputs[0].Shape[0], .. node.Shape])), entry.Inputs[1])
            : null;

    // xₜ·W, for W the same at every step: the rows of all steps as one matrix.
    private static Tensor? ProductOfEntry(Tensor node)
    {
        if (node.Operation is not Operation.MatrixProduct { TransposeLeft: false } product || node.Rank != 2 || node.Inputs[0] is not { Operation: Operation.Entry } entry
            || node.Inputs[1].ChangesWith(Loops.ScopeOf(entry)))
        {
            return null;
        }
        return Loops.Entry(entry.Inputs[0].MatMul(node.Inputs[1], false, product.TransposeRight), entry.Inputs[1]);
    }

    // Σₜ aₜᵀ·bₜ, a state to which every step adds: as it is in derivatives by weights. The rows of all steps as one matrix again.
    private static Tensor? SumOfProducts(Tensor node)
    {
        if (node.Operation is not Operation.Last last || !NextOf(node, last).Is(Binary.Add, out var state, out var product))
            return null;
        if (!IsCarry(state, node, last.Number))
            (state, product) = (product, state);
        var (loop, scope) = (node.Inputs[0], Loops.ScopeOf(node));
        if (!IsCarry(state, node, last.Number) || product.Rank != 2 || product.Operation is not Operation.MatrixProduct { TransposeLeft: true, TransposeRight: false }
            || !product.Inputs[0].ChangesWith(scope) || !product.Inputs[1].ChangesWith(scope) || Depends(product, state))
        {
            return null;
        }
        var sum = Rows(loop, product.Inputs[0]).MatMul(Rows(loop, product.Inputs[1]), transposeLeft: true);
        return loop.Inputs[last.Number].IsConstant(0) ? sum : loop.Inputs[last.Number] + sum;
    }

    private static Tensor Rows(Tensor loop, Tensor matrix) => Loops.Stack(loop, matrix).Reshape([Loops.ScopeOf(loop).Length * matrix.Shape[0], matrix.Shape[1]]);

    private static bool Depends(Tensor node, Tensor on) => TopologicalOrder.Of([node], n => n.Dependencies, n => !n.Scopes.IsEmpty).Contains(on);
}
