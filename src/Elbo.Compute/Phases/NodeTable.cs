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
        var inputs = new Tensor[node.Inputs.Length];
        var changed = false;
        for (var k = 0; k < inputs.Length; k++)
        {
            inputs[k] = _interned[node.Inputs[k]];
            changed |= !ReferenceEquals(inputs[k], node.Inputs[k]);
        }
        var key = new Key(node.Operation, inputs, node.Shape, node.Type);
        if (_nodes.TryGetValue(key, out var existing))
            return existing;
        var unique = changed ? node.WithInputs(inputs) : node;
        _nodes[key] = unique;
        _interned[unique] = unique;
        return unique;
    }

    private readonly record struct Key(Operation Operation, Tensor[] Inputs, Shape Shape, DType Type)
    {
        public bool Equals(Key other)
        {
            if (Type != other.Type || Inputs.Length != other.Inputs.Length || Shape != other.Shape || !Operation.Equals(other.Operation))
                return false;
            for (var k = 0; k < Inputs.Length; k++)
            {
                if (!ReferenceEquals(Inputs[k], other.Inputs[k]))
                    return false;
            }
            return true;
        }

        public override int GetHashCode()
        {
            var hash = HashCode.Combine(Operation, Shape, Type);
            foreach (var input in Inputs)
                hash = HashCode.Combine(hash, System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(input));
            return hash;
        }
    }
}
