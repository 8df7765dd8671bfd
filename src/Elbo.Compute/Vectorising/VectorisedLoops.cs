namespace Elbo.Compute;

/// <summary>
/// Loops computed for many values at once: one loop whose states carry the axes. A state has every axis on which any state of its
/// loop depends, at the first step or by what a later one makes of it.
/// </summary>
internal sealed class VectorisedLoops(Func<IEnumerable<VectorAxis>, VectorAxis[]> sorted)
{
    private readonly Dictionary<LoopScope, VectorAxis[]> _axes = [];
    private readonly Dictionary<LoopScope, LoopScope> _scopes = [];

    /// <summary>Finds the axes of the states of every loop among these nodes, which come in topological order.</summary>
    public void Follow(IReadOnlyList<Tensor> order, Func<Tensor, IEnumerable<VectorAxis>> direct)
    {
        Tensor[] loops = [.. order.Where(node => node.Operation is Operation.Loop)];
        if (loops.Length == 0)
            return;
        bool changed;
        do
        {
            changed = false;
            var found = new Dictionary<Tensor, HashSet<VectorAxis>>();
            foreach (var node in order)
            {
                var axes = found[node] = [.. direct(node), .. node.Dependencies.SelectMany(d => found[d])];
                if (node.Operation is Operation.Carry carry && _axes.TryGetValue(carry.Scope, out var carried))
                    axes.UnionWith(carried);
            }
            foreach (var loop in loops)
            {
                var scope = ((Operation.Loop)loop.Operation).Scope;
                var axes = sorted(found[loop]);
                changed |= axes.Length > (_axes.TryGetValue(scope, out var before) ? before.Length : 0);
                _axes[scope] = axes;
            }
        }
        while (changed);
    }

    /// <summary>A node of a loop, or what reads one, with its axes; null for any other node, and for loops without axes.</summary>
    public Lifted? Lift(Tensor node, Lifted[] inputs, Func<Tensor, VectorAxis[], Tensor> along)
    {
        switch (node.Operation)
        {
            case Operation.StepIndex index when AxesOf(index.Scope).Length > 0:
                return new(ScopeOf(index.Scope).Index(), []);
            case Operation.Carry carry when AxesOf(carry.Scope) is { Length: > 0 } axes:
                return new(new(new Operation.Carry(ScopeOf(carry.Scope), carry.Number), [], Vectorisation.Join(axes, node.Shape), node.Type, node.Label), axes);
            case Operation.Entry when AxesOf(Loops.ScopeOf(node)).Length > 0:
                var sequence = inputs[0];
                return new(Loops.Entry(Move(sequence.Value, sequence.Axes.Length, 0), inputs[1].Value), sequence.Axes);
            case Operation.Loop loop when AxesOf(loop.Scope) is { Length: > 0 } axes:
                return new(ScopeOf(loop.Scope).Loop([.. node.Inputs.ToArray().Select(i => along(i, axes))], loop.Next.Select(n => along(n, axes))), []);
            case Operation.Last last when AxesOf(Loops.ScopeOf(node)) is { Length: > 0 } axes:
                return new(Loops.Last(inputs[0].Value, last.Number), axes);
            case Operation.Stack stack when AxesOf(Loops.ScopeOf(node)) is { Length: > 0 } axes:
                return new(Move(Loops.Stack(inputs[0].Value, along(stack.Value, axes)), 0, axes.Length), axes);
            default:
                return null;
        }
    }

    private VectorAxis[] AxesOf(LoopScope scope) => _axes.GetValueOrDefault(scope, []);

    private LoopScope ScopeOf(LoopScope scope) =>
        _scopes.TryGetValue(scope, out var known) ? known : _scopes[scope] = new(scope.Length, scope.IsReversed, scope.Recomputes);

    // One axis taken out and put back at another place.
    private static Tensor Move(Tensor x, int from, int to)
    {
        var order = Enumerable.Range(0, x.Rank).ToList();
        order.RemoveAt(from);
        order.Insert(to, from);
        return x.Transpose([.. order]);
    }
}
