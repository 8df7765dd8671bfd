using static Elbo.Compute.Operation;

namespace Elbo.Compute;

/// <summary>
/// Follows names of axes through a graph. Axes of different names never meet in one elementwise operation, even where their
/// sizes happen to be equal; what has no name fits everything.
/// </summary>
public sealed class AxisNames
{
    private readonly Dictionary<Tensor, string?[]> _names = [];

    /// <summary>Names the axes of a node; null for those without one.</summary>
    /// <exception cref="ArgumentException">There are not as many names as axes.</exception>
    public void Set(Tensor node, params ReadOnlySpan<string?> names)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (names.Length != node.Rank)
            throw new ArgumentException($"{names.Length} names were given for the {node.Rank} axes of {node}.", nameof(names));
        _names[node] = names.ToArray();
    }

    /// <summary>The names of the axes of a node, as they follow from those that were set; null where there is none.</summary>
    /// <exception cref="ShapeException">Axes of different names meet on the way.</exception>
    public IReadOnlyList<string?> Of(Tensor node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (_names.TryGetValue(node, out var known))
            return known;
        foreach (var part in TopologicalOrder.Of(node))
        {
            if (!_names.ContainsKey(part))
                _names[part] = Follow(part);
        }
        return _names[node];
    }

    private string?[] Follow(Tensor node)
    {
        var names = new string?[node.Rank];
        if (node.Inputs.IsEmpty)
            return names;
        var x = node.Inputs[0];
        var first = _names[x];
        switch (node.Operation)
        {
            case var operation when operation.IsElementwise:
                for (var k = 0; k < node.Inputs.Length; k++)
                    Merge(node, names, _names[node.Inputs[k]]);
                break;
            case Broadcast or Reduce or Slice or Pad or CumulativeSum or Materialise:
                for (var axis = 0; axis < names.Length; axis++)
                    names[axis] = x.Shape[axis] == node.Shape[axis] ? first[axis] : null;
                break;
            case Reshape:
                FollowReshape(x.Shape, first, node.Shape, names);
                break;
            case Transpose transpose:
                for (var axis = 0; axis < names.Length; axis++)
                    names[axis] = first[transpose.Axes[axis]];
                break;
            case Concatenate concatenate:
                for (var k = 0; k < node.Inputs.Length; k++)
                    Merge(node, names, _names[node.Inputs[k]]);
                names[concatenate.Axis] = null;
                break;
            case MatrixProduct product:
                var second = _names[node.Inputs[1]];
                var (rows, inner) = product.TransposeLeft ? (first[^1], first[^2]) : (first[^2], first[^1]);
                var (columns, otherInner) = product.TransposeRight ? (second[^2], second[^1]) : (second[^1], second[^2]);
                Merge(node, names.AsSpan(0, names.Length - 2), first.AsSpan(0, names.Length - 2));
                Merge(node, names.AsSpan(0, names.Length - 2), second.AsSpan(0, names.Length - 2));
                Merge(node, new string?[] { inner }, [otherInner]);
                (names[^2], names[^1]) = (rows, columns);
                break;
            case Gather:
                var indices = _names[node.Inputs[1]];
                indices.CopyTo(names, 0);
                first.AsSpan(1).CopyTo(names.AsSpan(indices.Length));
                break;
            default:
                break;
        }
        return names;
    }

    // Axes of size one may come and go; any other change of sizes makes new axes.
    private static void FollowReshape(Shape from, string?[] names, Shape to, string?[] result)
    {
        int[] source = [.. Enumerable.Range(0, from.Rank).Where(axis => from[axis] > 1)];
        int[] target = [.. Enumerable.Range(0, to.Rank).Where(axis => to[axis] > 1)];
        if (!source.Select(axis => from[axis]).SequenceEqual(target.Select(axis => to[axis])))
            return;
        for (var k = 0; k < source.Length; k++)
            result[target[k]] = names[source[k]];
    }

    private static void Merge(Tensor node, Span<string?> names, ReadOnlySpan<string?> others)
    {
        for (var axis = 0; axis < names.Length; axis++)
        {
            if (names[axis] is { } name && others[axis] is { } other && name != other)
                throw new ShapeException($"{node.Operation.Name} of {node.Shape} lays axis '{name}' on axis '{other}', which have one size by chance but are not the same thing.");
            names[axis] ??= others[axis];
        }
    }
}
