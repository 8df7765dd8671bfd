using System.Runtime.CompilerServices;

namespace Elbo.Compute.Phases;

/// <summary>Hash-consing: equal operations on equal inputs become one node, so common subexpressions are computed once.</summary>
internal sealed class NodeTable
{
    private readonly Dictionary<Tensor, Tensor> _nodes = new(new ByStructure());
    private readonly Dictionary<Tensor, Tensor> _interned = new();

    /// <summary>The one node equal to this one, whose inputs are interned already.</summary>
    public Tensor Intern(Tensor node) => _interned.TryGetValue(node, out var known) ? known : _interned[node] = Unique(node);

    private Tensor Unique(Tensor node)
    {
        var unique = node.Rebuilt(part => _interned[part]);
        if (_nodes.TryGetValue(unique, out var existing))
            return existing;
        _nodes[unique] = unique;
        _interned[unique] = unique;
        return unique;
    }

    // What a node computes, whatever it is called.
    private sealed class ByStructure : IEqualityComparer<Tensor>
    {
        public bool Equals(Tensor? left, Tensor? right)
        {
            if (left is null || right is null || left.Type != right.Type || left.Shape != right.Shape || left.Inputs.Length != right.Inputs.Length || !left.Operation.Equals(right.Operation))
                return ReferenceEquals(left, right);
            for (var k = 0; k < left.Inputs.Length; k++)
            {
                if (!ReferenceEquals(left.Inputs[k], right.Inputs[k]))
                    return false;
            }
            return true;
        }

        public int GetHashCode(Tensor node)
        {
            var hash = (((node.Operation.GetHashCode() * 31) + node.Shape.GetHashCode()) * 31) + (int)node.Type;
            foreach (var input in node.Inputs)
                hash = (hash * 31) + RuntimeHelpers.GetHashCode(input);
            return hash;
        }
    }
}
