using Elbo.Compute.Phases;

namespace Elbo.Compute;

/// <summary>
/// The derivative of a loop is a loop the other way. It carries the adjoints of the states, and sums of the adjoints of what every step
/// reads from around the loop; of the steps it needs to know, it reads stacks that the loop itself leaves.
/// </summary>
internal static class LoopGradient
{
    /// <summary>Contributions to the adjoints of what a loop reads.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="adjoints">Of some of the nodes that read it.</param>
    /// <param name="needed">The nodes around it that need an adjoint.</param>
    public static List<(Tensor Target, Tensor Contribution)> Of(Level.Loop loop, IReadOnlyDictionary<Tensor, Tensor> adjoints, IReadOnlySet<Tensor> needed)
    {
        var forward = (Operation.Loop)loop.Node.Operation;
        var scope = new LoopScope(forward.Scope.Length, !forward.Scope.IsReversed, forward.Scope.Recomputes);
        var (index, initial, next) = (scope.Index(), new List<Tensor>(), new List<Tensor>());
        Tensor Carried(Tensor start)
        {
            initial.Add(start);
            return scope.Carry(initial.Count - 1, start);
        }

        var active = Active(loop, needed, out var states);
        var pass = new ReversePass(new Level(loop.Roots, forward.Scope), active, forward.Scope);
        foreach (var (number, _) in states)
        {
            var last = adjoints.FirstOrDefault(pair => pair.Key.Operation is Operation.Last read && read.Number == number).Value;
            pass.Add(forward.Next[number], Carried(last ?? Zeros(loop.Node.Inputs[number])));
        }
        foreach (var (result, adjoint) in adjoints)
        {
            if (result.Operation is Operation.Stack stack)
                pass.Add(stack.Value, Loops.Entry(adjoint, index));
        }
        pass.Run();

        var memory = new StepMemory(loop, scope, index, [.. pass.Outside.Select(o => o.Contribution), .. pass.Entries.Select(e => e.Adjoint), .. states.Select(s => pass.AdjointOf(s.State)).OfType<Tensor>()]);
        next.AddRange(states.Select(state => pass.AdjointOf(state.State) is { } adjoint ? memory.Of(adjoint) : Zeros(state.State)));
        var sums = new List<Tensor>();
        foreach (var (target, term) in Terms(pass.Outside))
        {
            sums.Add(target);
            next.Add(Carried(Zeros(target)) + memory.Of(term));
        }
        var backward = scope.Loop([.. initial], next);
        return
        [
            .. states.Select((state, k) => (loop.Node.Inputs[state.Number], Loops.Last(backward, k))),
            .. sums.Select((target, k) => (target, Loops.Last(backward, states.Count + k))),
            .. pass.Entries.Select(entry => (entry.Sequence, Loops.Stack(backward, memory.Of(entry.Adjoint)))),
        ];
    }

    // Sums over steps of matrix products are kept apart: each may become one product after the loop.
    private static List<(Tensor Target, Tensor Term)> Terms(List<(Tensor Target, Tensor Contribution)> contributions)
    {
        var terms = contributions.Where(c => c.Contribution.Operation is Operation.MatrixProduct).ToList();
        foreach (var group in contributions.Where(c => c.Contribution.Operation is not Operation.MatrixProduct).GroupBy(c => c.Target, c => c.Contribution))
            terms.Add((group.Key, group.Aggregate((sum, term) => sum + term)));
        return terms;
    }

    // The nodes of the body that depend on what needs an adjoint, at this step or through states at one before.
    private static HashSet<Tensor> Active(Level.Loop loop, IReadOnlySet<Tensor> needed, out List<(int Number, Tensor State)> states)
    {
        var forward = (Operation.Loop)loop.Node.Operation;
        var order = TopologicalOrder.Of(loop.Roots, node => node.Dependencies, node => !node.Scopes.All(loop.Node.Scopes.Contains));
        var found = loop.Carries.Where(number => needed.Contains(loop.Node.Inputs[number])).ToHashSet();
        HashSet<Tensor> active;
        int count;
        do
        {
            count = found.Count;
            active = [.. needed];
            foreach (var node in order)
            {
                if (node.Operation is Operation.Carry carry && carry.Scope == forward.Scope ? found.Contains(carry.Number) : node.Dependencies.Any(active.Contains))
                    active.Add(node);
            }
            found.UnionWith(loop.Carries.Where(number => forward.Next[number].Type.IsFloat() && active.Contains(forward.Next[number])));
        }
        while (found.Count > count);
        var own = order.Where(node => node.Operation is Operation.Carry carry && carry.Scope == forward.Scope).ToDictionary(node => ((Operation.Carry)node.Operation).Number);
        states = [.. found.Where(number => forward.Next[number].Type.IsFloat()).Order().Select(number => (number, own.GetValueOrDefault(number) ?? forward.Scope.Carry(number, loop.Node.Inputs[number])))];
        return active;
    }

    private static Tensor Zeros(Tensor like) => Tensor.Full(like.Shape, 0, like.Type);
}
