using Elbo.Compute.Phases;

namespace Elbo.Compute;

/// <summary>
/// Reverse-mode differentiation from graph to graph: the result is more graph, to be compiled with the rest or
/// differentiated again.
/// </summary>
public static class Gradient
{
    private static readonly RewritePhase Canonicalise = new("canonicalise");

    /// <summary>The derivatives of a scalar with respect to each of the given tensors.</summary>
    /// <param name="scalar">What to differentiate: one float element.</param>
    /// <param name="sources">Nodes of its graph, each of a float type. One that the scalar does not depend on gets zeros.</param>
    /// <returns>A tensor of the source's shape and type for each source.</returns>
    /// <exception cref="ShapeException">The first argument is not one float, or a source is not of floats.</exception>
    public static Tensor[] Of(Tensor scalar, params ReadOnlySpan<Tensor> sources)
    {
        ArgumentNullException.ThrowIfNull(scalar);
        if (scalar.Shape.Elements != 1 || !scalar.Type.IsFloat())
            throw new ShapeException($"Only one float can be differentiated; {scalar} was given. Sum it, or weigh it, first.");
        foreach (var source in sources)
        {
            if (!source.Type.IsFloat())
                throw new ShapeException($"Derivatives exist with respect to floats; {source} was given.");
        }

        var roots = Prepare([scalar, .. sources]);
        scalar = roots[0];
        sources = roots.AsSpan(1);
        var order = TopologicalOrder.Of(scalar);
        var needed = Dependents(order, sources);
        var adjoints = new Dictionary<Tensor, Tensor>() { [scalar] = Tensor.Full(scalar.Shape, 1, scalar.Type) };
        for (var i = order.Count - 1; i >= 0; i--)
        {
            if (adjoints.TryGetValue(order[i], out var adjoint) && needed.Contains(order[i]))
                Propagate(order[i], adjoint, needed, adjoints);
        }

        var gradients = new Tensor[sources.Length];
        for (var i = 0; i < gradients.Length; i++)
            gradients[i] = adjoints.TryGetValue(sources[i], out var found) ? found : Tensor.Full(sources[i].Shape, 0, sources[i].Type);
        return gradients;
    }

    // A node is known by what it computes, so that a name given to a source later does not part it from the graph. A formula that
    // overflows forwards does so backwards as well, ∞/∞, and must be replaced before its derivative is taken; not where a node inside
    // the graph is asked for, which replacing might remove.
    private static Tensor[] Prepare(Tensor[] roots)
    {
        var areLeaves = Array.TrueForAll(roots[1..], source => source.Inputs.IsEmpty);
        return (areLeaves ? Stabilise.Phase : Canonicalise).Run(roots);
    }

    private static void Propagate(Tensor node, Tensor adjoint, HashSet<Tensor> needed, Dictionary<Tensor, Tensor> adjoints)
    {
        var inputs = node.Inputs;
        for (var k = 0; k < inputs.Length; k++)
        {
            if (!needed.Contains(inputs[k]) || GradientRules.Of(node, k, adjoint) is not { } contribution)
                continue;
            adjoints[inputs[k]] = adjoints.TryGetValue(inputs[k], out var sum) ? sum + contribution : contribution;
        }
    }

    private static HashSet<Tensor> Dependents(List<Tensor> order, ReadOnlySpan<Tensor> sources)
    {
        var dependents = new HashSet<Tensor>();
        foreach (var source in sources)
            dependents.Add(source);
        foreach (var node in order)
        {
            foreach (var input in node.Inputs)
            {
                if (dependents.Contains(input))
                    dependents.Add(node);
            }
        }
        return dependents;
    }
}
