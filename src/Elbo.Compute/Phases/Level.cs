using System.Collections.Immutable;

namespace Elbo.Compute.Phases;

/// <summary>
/// What is computed at one level: outside all loops, or in the body of one of them. A loop at this level is a single node of it, that
/// reads all that its body reads from here; the body is a level of its own.
/// </summary>
internal sealed class Level
{
    private readonly Dictionary<Tensor, List<Tensor>> _results = [];
    private readonly Dictionary<Tensor, Loop> _loops = [];

    /// <summary>What is computed outside of loops, or in the body of one.</summary>
    /// <param name="roots">What is asked for.</param>
    /// <param name="scope">The loop whose body it is; null outside all loops.</param>
    public Level(Tensor[] roots, LoopScope? scope) : this(roots, node => scope is null ? node.Scopes.IsEmpty : node.ChangesWith(scope))
    {
    }

    /// <summary>What is computed in the steps of some loops, one in the other, and around them.</summary>
    public Level(Tensor[] roots, ImmutableArray<LoopScope> scopes) : this(roots, node => node.Scopes.All(scopes.Contains))
    {
    }

    private Level(Tensor[] roots, Func<Tensor, bool> isHere)
    {
        foreach (var node in TopologicalOrder.Of(roots))
        {
            if (node.Operation is Operation.Last or Operation.Stack)
                (_results.TryGetValue(node.Inputs[0], out var list) ? list : _results[node.Inputs[0]] = []).Add(node);
        }
        Order = TopologicalOrder.Of(roots, ReadsOf, isHere);
    }

    /// <summary>The nodes of this level, each after those it reads.</summary>
    public List<Tensor> Order { get; }

    /// <summary>What a node reads of this level and of those around it.</summary>
    public Tensor[] ReadsOf(Tensor node) => node.Operation switch
    {
        Operation.Loop => LoopOf(node).Reads,
        Operation.Last or Operation.Stack => node.Inputs.ToArray(),
        _ => node.Dependencies,
    };

    /// <summary>What is left of a loop when only what somebody reads of it is computed.</summary>
    public Loop LoopOf(Tensor loop) => _loops.TryGetValue(loop, out var known) ? known : _loops[loop] = new Loop(loop, _results[loop]);

    /// <summary>A loop as far as it is needed.</summary>
    internal sealed class Loop
    {
        public Loop(Tensor node, IReadOnlyList<Tensor> results)
        {
            (Node, Results) = (node, results);
            var operation = (Operation.Loop)node.Operation;
            var roots = results.Select(result => result.Operation is Operation.Stack stack ? stack.Value : operation.Next[((Operation.Last)result.Operation).Number]).ToList();
            var carries = new SortedSet<int>(results.Select(result => result.Operation).OfType<Operation.Last>().Select(last => last.Number));
            // A state that is read keeps alive what it becomes, which may read further states.
            bool IsInside(Tensor body) => !body.Scopes.All(node.Scopes.Contains);
            List<Tensor> inside;
            int found;
            do
            {
                found = carries.Count;
                inside = TopologicalOrder.Of([.. roots], body => body.Dependencies, IsInside);
                carries.UnionWith(inside.Select(body => body.Operation).OfType<Operation.Carry>().Where(carry => carry.Scope == operation.Scope).Select(carry => carry.Number));
                roots.AddRange(carries.Select(number => operation.Next[number]).Except(roots).ToList());
            }
            while (carries.Count > found);
            Carries = [.. carries];
            Roots = [.. roots];
            Inside = inside;
            Reads = [.. new HashSet<Tensor>([.. carries.Select(number => node.Inputs[number]), .. roots.Concat(inside.SelectMany(body => body.Dependencies)).Where(body => !IsInside(body))])];
        }

        public Tensor Node { get; }

        /// <summary>The nodes that read it: states after the last step, and stacks.</summary>
        public IReadOnlyList<Tensor> Results { get; }

        /// <summary>The numbers of the states that matter.</summary>
        public int[] Carries { get; }

        /// <summary>What the body computes for them.</summary>
        public Tensor[] Roots { get; }

        /// <summary>The nodes of the body, and of the bodies of loops within it, each after what it is computed of.</summary>
        public IReadOnlyList<Tensor> Inside { get; }

        /// <summary>What is there before the loop: initial states, and all that the body, and loops within it, take from around it.</summary>
        public Tensor[] Reads { get; }
    }
}
