namespace Elbo.Compute.Phases;

/// <summary>One named equality used from left to right: given a node, an equal one that is better, or null where the rule does not apply.</summary>
internal sealed record RewriteRule(string Name, Func<Tensor, Tensor?> Apply);

/// <summary>A named table of rules, applied to every node, inputs first, until none applies.</summary>
internal sealed class RewritePhase(string name, params RewriteRule[] rules)
{
    // A rule that undoes another would go on for ever; no honest chain of rewrites at one node is this long.
    private const int LongestChain = 100;

    public string Name { get; } = name;

    public IReadOnlyList<RewriteRule> Rules { get; } = rules;

    public Tensor[] Run(Tensor[] roots)
    {
        var table = new NodeTable();
        var rewritten = new Dictionary<Tensor, Tensor>();
        foreach (var node in TopologicalOrder.Of(roots))
            Rewrite(node, table, rewritten);
        return [.. roots.Select(root => rewritten[root])];
    }

    // A rule's result is made of rewritten nodes and new ones; the new ones are rewritten in their turn.
    private void Rewrite(Tensor root, NodeTable table, Dictionary<Tensor, Tensor> rewritten, int chain = 0)
    {
        if (chain > LongestChain)
            throw new InvalidOperationException($"Phase {Name} does not come to rest at {root}.");
        var node = table.Intern(root.Rebuilt(part => rewritten[part]));
        if (rewritten.TryGetValue(node, out var known))
        {
            rewritten[root] = known;
            return;
        }
        foreach (var rule in Rules)
        {
            if (rule.Apply(node) is not { } better)
                continue;
            // A name goes on to what takes the place of its bearer, unless that is somebody else already.
            if (node.Label is { } label && better.Label is null && !rewritten.ContainsKey(better))
                better = better.Named(label);
            foreach (var part in TopologicalOrderOfNew(better, rewritten))
                Rewrite(part, table, rewritten, chain + 1);
            rewritten[root] = rewritten[node] = rewritten[better];
            return;
        }
        rewritten[root] = rewritten[node] = node;
    }

    private static List<Tensor> TopologicalOrderOfNew(Tensor root, Dictionary<Tensor, Tensor> rewritten)
    {
        var order = new List<Tensor>();
        Visit(root);
        return order;

        // What a rule adds is a few nodes deep; below lies what is rewritten already.
        void Visit(Tensor node)
        {
            if (rewritten.ContainsKey(node) || order.Contains(node))
                return;
            foreach (var input in node.Inputs)
                Visit(input);
            foreach (var part in node.Operation.Body)
                Visit(part);
            order.Add(node);
        }
    }
}
