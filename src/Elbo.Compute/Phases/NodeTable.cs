namespace Elbo.Compute.Phases;

/// <summary>Hash-consing: equal operations on equal inputs become one node, so common subexpressions are computed once.</summary>
internal sealed class NodeTable
{
    private readonly Dictionary<Key, Tensor> _nodes = [];
    private readonly Dictionary<Tensor, Tensor> _interned = new();

    /// <summary>The one node equal to this one, whose inputs are interned already.</summary>
    public Tensor Intern(Tensor node) => _interned.TryGetValue(node, out var known) ? known : _interned[node] = Unique(node);

    private Tensor Unique(Tensor node)
    {
        var unique = node.Rebuilt(part => _interned[part]);
        var key = new Key(unique);
        if (_nodes.TryGetValue(key, out var existing))
            return existing;
        _nodes[key] = unique;
        _interned[unique] = unique;
        return unique;
    }

    // What a node computes, whatever it is called.
    private readonly record struct Key(Tensor Node)
    {
        public bool Equals(Key other)
        {
            var (left, right) = (Node, other.Node);
            return left.Type == right.Type && left.Shape == right.Shape && left.Operation.Equals(right.Operation) && left.Inputs.SequenceEqual(right.Inputs);
        }

        public override int GetHashCode()
        {
            var hash = HashCode.Combine(Node.Operation, Node.Shape, Node.Type);
            foreach (var input in Node.Inputs)
                hash = HashCode.Combine(hash, System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(input));
            return hash;
        }
    }
}
