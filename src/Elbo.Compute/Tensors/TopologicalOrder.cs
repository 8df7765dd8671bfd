namespace Elbo.Compute;

internal static class TopologicalOrder
{
    /// <summary>
    /// All nodes that the given ones depend on, and they themselves, each after its inputs; nodes of a loop's body come before the
    /// loop and what is read of it. Deep graphs do not deepen the call stack.
    /// </summary>
    public static List<Tensor> Of(params ReadOnlySpan<Tensor> roots) => Of(roots, node => node.Dependencies);

    /// <summary>The same for other dependencies, going no further than nodes for which <paramref name="isWithin"/> holds.</summary>
    public static List<Tensor> Of(ReadOnlySpan<Tensor> roots, Func<Tensor, Tensor[]> dependencies, Func<Tensor, bool>? isWithin = null)
    {
        var order = new List<Tensor>();
        var seen = new HashSet<Tensor>();
        // The path down to the node at hand, and how far each on it has come.
        var (path, on, next) = (new List<Tensor>(), new List<Tensor[]>(), new List<int>());
        foreach (var root in roots)
        {
            if (IsNew(root))
                Enter(root);
            while (path.Count > 0)
            {
                var last = path.Count - 1;
                if (next[last] == on[last].Length)
                {
                    order.Add(path[last]);
                    path.RemoveAt(last);
                    on.RemoveAt(last);
                    next.RemoveAt(last);
                    continue;
                }
                var dependency = on[last][next[last]++];
                if (IsNew(dependency))
                    Enter(dependency);
            }
        }
        return order;

        void Enter(Tensor node)
        {
            path.Add(node);
            on.Add(dependencies(node));
            next.Add(0);
        }

        bool IsNew(Tensor node) => (isWithin is null || isWithin(node)) && seen.Add(node);
    }
}
