namespace Elbo.Compute;

internal static class TopologicalOrder
{
    /// <summary>All nodes that the given ones depend on, and they themselves, each after its inputs. Deep graphs do not deepen the call stack.</summary>
    public static List<Tensor> Of(params ReadOnlySpan<Tensor> roots)
    {
        var order = new List<Tensor>();
        var seen = new HashSet<Tensor>();
        var pending = new Stack<(Tensor Node, int NextInput)>();
        foreach (var root in roots)
        {
            if (seen.Add(root))
                pending.Push((root, 0));
            while (pending.TryPop(out var visit))
            {
                var inputs = visit.Node.Inputs;
                var next = visit.NextInput;
                while (next < inputs.Length && !seen.Add(inputs[next]))
                    next++;
                if (next == inputs.Length)
                {
                    order.Add(visit.Node);
                    continue;
                }
                pending.Push((visit.Node, next + 1));
                pending.Push((inputs[next], 0));
            }
        }
        return order;
    }
}
