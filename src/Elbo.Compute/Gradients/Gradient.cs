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
        var pass = new ReversePass(new Level([scalar], scalar.Scopes), Dependents(TopologicalOrder.Of(scalar), sources));
        pass.Add(scalar, Tensor.Full(scalar.Shape, 1, scalar.Type));
        pass.Run();

        var gradients = new Tensor[sources.Length];
        for (var i = 0; i < gradients.Length; i++)
            gradients[i] = pass.AdjointOf(sources[i]) ?? Tensor.Full(sources[i].Shape, 0, sources[i].Type);
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

    private static HashSet<Tensor> Dependents(List<Tensor> order, ReadOnlySpan<Tensor> sources)
    {
        var dependents = new HashSet<Tensor>();
        foreach (var source in sources)
            dependents.Add(source);
        foreach (var node in order)
        {
            if (Array.Exists(node.Dependencies, dependents.Contains))
                dependents.Add(node);
        }
        return dependents;
    }
}
