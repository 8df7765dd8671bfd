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
        var pending = new Stack<(Tensor Node, Tensor[] Dependencies, int Next)>();
        foreach (var root in roots)
        {
            if (IsNew(root))
                pending.Push((root, dependencies(root), 0));
            while (pending.TryPop(out var visit))
            {
                var (node, on, next) = visit;
                while (next < on.Length && !IsNew(on[next]))
                    next++;
                if (next == on.Length)
                {
                    order.Add(node);
                    continue;
                }
                pending.Push((node, on, next + 1));
                pending.Push((on[next], dependencies(on[next]), 0));
            }
        }
        return order;

        bool IsNew(Tensor node) => (isWithin is null || isWithin(node)) && seen.Add(node);
    }
}
