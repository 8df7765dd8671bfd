namespace Elbo.Compute;

/// <summary>Copies of a graph with some of its nodes replaced.</summary>
/// <param name="isWithin">Which nodes depend on replaced ones; the others stay as they are.</param>
/// <param name="replace">What takes the place of a node, given what took the places of those before it; null for the same operation on replaced inputs.</param>
internal sealed class Substitution(Func<Tensor, bool> isWithin, Func<Tensor, Substitution, Tensor?> replace)
{
    private readonly Dictionary<Tensor, Tensor> _replaced = [];

    /// <summary>The copy of a node.</summary>
    public Tensor Of(Tensor root)
    {
        if (!isWithin(root))
            return root;
        if (_replaced.TryGetValue(root, out var known))
            return known;
        foreach (var node in TopologicalOrder.Of([root], node => node.Dependencies, node => isWithin(node) && !_replaced.ContainsKey(node)))
            _replaced[node] = replace(node, this) ?? node.Rebuilt(Of);
        return _replaced[root];
    }
}
