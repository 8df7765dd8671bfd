using Elbo.Compute.Phases;

namespace Elbo.Compute;

/// <summary>
/// Adjoints of the nodes of one level, outside of loops or in the body of one, in the reverse of their order. A loop is one step of it,
/// taken when all that is read of the loop has its adjoint.
/// </summary>
/// <param name="level">The nodes.</param>
/// <param name="needed">Those that depend on what derivatives are asked for; no others get an adjoint.</param>
/// <param name="scope">The loop whose body it is; null for everything that a scalar depends on.</param>
internal sealed class ReversePass(Level level, IReadOnlySet<Tensor> needed, LoopScope? scope = null)
{
    private readonly Dictionary<Tensor, Tensor> _adjoints = [];

    /// <summary>Contributions to what the body reads from around the loop, at one step.</summary>
    public List<(Tensor Target, Tensor Contribution)> Outside { get; } = [];

    /// <summary>Adjoints of the entries of sequences, by sequence.</summary>
    public List<(Tensor Sequence, Tensor Adjoint)> Entries { get; } = [];

    /// <summary>What is known of the adjoint of a node; null if nothing is.</summary>
    public Tensor? AdjointOf(Tensor node) => _adjoints.GetValueOrDefault(node);

    /// <summary>Adds to the adjoint of a node.</summary>
    public void Add(Tensor node, Tensor contribution)
    {
        if (!needed.Contains(node))
            return;
        if (scope is not null && !node.ChangesWith(scope))
            Outside.Add((node, contribution));
        else
            _adjoints[node] = _adjoints.TryGetValue(node, out var sum) ? sum + contribution : contribution;
    }

    /// <summary>Propagates all adjoints down to where they end.</summary>
    public void Run()
    {
        for (var i = level.Order.Count - 1; i >= 0; i--)
        {
            var node = level.Order[i];
            if (!needed.Contains(node))
                continue;
            if (node.Operation is Operation.Loop)
                PropagateLoop(level.LoopOf(node));
            else if (_adjoints.TryGetValue(node, out var adjoint))
                Propagate(node, adjoint);
        }
    }

    private void Propagate(Tensor node, Tensor adjoint)
    {
        if (node.Operation is Operation.Last or Operation.Stack)
            return; // waits for its loop
        if (scope is not null && node.Operation is Operation.Entry && Loops.ScopeOf(node) == scope)
        {
            Entries.Add((node.Inputs[0], adjoint));
            return;
        }
        for (var k = 0; k < node.Inputs.Length; k++)
        {
            if (needed.Contains(node.Inputs[k]) && GradientRules.Of(node, k, adjoint) is { } contribution)
                Add(node.Inputs[k], contribution);
        }
    }

    private void PropagateLoop(Level.Loop loop)
    {
        var adjoints = loop.Results.Where(_adjoints.ContainsKey).ToDictionary(result => result, result => _adjoints[result]);
        if (adjoints.Count == 0)
            return;
        foreach (var (target, contribution) in LoopGradient.Of(loop, adjoints, needed))
            Add(target, contribution);
    }
}
