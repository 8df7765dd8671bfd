using Elbo.Compute.Kernels;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Execution;

/// <summary>
/// From graph to function, in named phases: stabilise, simplify, lower (each a table of rewrite rules over hash-consed nodes),
/// fuse, plan memory, emit.
/// </summary>
internal sealed class Compiler(VectorWidth width, WorkerTeam team, KernelCache matrixKernels, CompileOptions options)
{
    // What rewriting starts from is canonical: equal nodes are one node.
    private static readonly RewritePhase Canonicalise = new("canonicalise");

    public static IReadOnlyList<RewritePhase> RewritePhases { get; } = [Canonicalise, Stabilise.Phase, Simplify.Phase];

    public CompiledFunction Compile(Tensor[] outputs, IReadOnlyList<Update> updates)
    {
        Tensor[] asked = [.. outputs, .. updates.Select(u => u.Value)];
        string[] names = [.. outputs.Select((_, i) => $"output {i}"), .. updates.Select(u => $"update {u.Variable.Name}")];
        var roots = Rewrite(asked, names);
        var outputRoots = roots[..outputs.Length];
        var updateRoots = roots[outputs.Length..];

        var kernels = Fuse.Run(roots, updateRoots, isolate: options.FindNonFinite || !options.Optimise.HasFlag(Optimisations.Fuse));
        options.OnPhase?.Invoke(new GraphSnapshot("fuse", roots, names, kernels));
        var order = TopologicalOrder.Of(roots);
        Tensor[] leaves = [.. order.Where(n => n.Operation is Operation.Literal), .. Inputs(order, asked)];
        var variables = order.Where(n => n.Operation is Operation.State).ToDictionary(n => n, n => ((Operation.State)n.Operation).Variable);
        var moves = PlaceUpdates(kernels, updates, updateRoots, outputRoots, variables);

        foreach (var (_, variable) in moves)
            variables[variable.Value] = variable;
        var inVariables = new HashSet<Tensor>(variables.Keys);
        // Whoever looks for the first bad value wants to see what it was made of: nothing is written over.
        Tensor[] permanent = [.. leaves, .. outputRoots, .. moves.Select(m => m.Value), .. options.FindNonFinite ? kernels.SelectMany(k => k.Writes) : []];
        var memory = MemoryPlan.Of(kernels, permanent.Where(t => !inVariables.Contains(t)), inVariables);
        var slots = new SlotTable(variables);
        var factory = new KernelFactory(width, slots, matrixKernels, team.Threads);
        // Machine code is written on all cores: kernels know nothing of each other, and which slot has which number does not matter.
        var compiled = new Kernel[kernels.Count + moves.Count];
        Parallel.For(0, kernels.Count, new ParallelOptions { MaxDegreeOfParallelism = team.Threads }, k => compiled[k] = factory.Make(kernels[k]));
        for (var m = 0; m < moves.Count; m++)
            compiled[kernels.Count + m] = factory.Move(moves[m].Value, moves[m].Variable);
        foreach (var owner in (IEnumerable<Tensor>)[.. leaves, .. outputRoots, .. variables.Keys])
            slots.Of(owner);

        var outputOf = new Dictionary<Tensor, Tensor>();
        for (var i = 0; i < outputs.Length; i++)
            outputOf[outputs[i]] = outputRoots[i];
        var image = new MemoryImage(memory, slots, leaves, outputOf);
        var info = new FunctionInfo(kernels, roots, moves, memory.Bytes, memory.LargestLiveSet);
        var check = options.FindNonFinite
            ? new NonFiniteCheck(kernels, [.. order.Where(n => n.Operation is Operation.Input or Operation.State)])
            : null;
        return new CompiledFunction(compiled, image, team, info, check);
    }

    // Also those that rewriting got rid of: whoever mentions an input may write it.
    private static IEnumerable<Tensor> Inputs(IEnumerable<Tensor> rewritten, Tensor[] asked) =>
        rewritten.Concat(TopologicalOrder.Of(asked)).Where(n => n.Operation is Operation.Input).DistinctBy(n => n.Operation);

    private Tensor[] Rewrite(Tensor[] roots, string[] names)
    {
        options.OnPhase?.Invoke(new GraphSnapshot("as written", roots, names));
        foreach (var phase in RewritePhases)
        {
            if (phase == Simplify.Phase && !options.Optimise.HasFlag(Optimisations.Simplify))
                continue;
            roots = phase.Run(roots);
            Finish(roots, names, phase.Name);
        }
        roots = Lower.Phase.Run([.. roots.Select(Lower.OwnMemory)]);
        Finish(roots, names, Lower.Phase.Name);
        return roots;
    }

    private void Finish(Tensor[] roots, string[] names, string phase)
    {
        if (options.Verify)
            Verifier.Check(roots, phase);
        options.OnPhase?.Invoke(new GraphSnapshot(phase, roots, names));
    }

    // A new value is written straight into its variable where nobody needs the old one any more; otherwise it is moved there at the end.
    // Draws are written in whole blocks, for which only the arena has room. A run that may stop at a bad value leaves all state alone.
    private List<(Tensor Value, Variable Variable)> PlaceUpdates(
        List<KernelPlan> kernels, IReadOnlyList<Update> updates, Tensor[] values, Tensor[] outputs, Dictionary<Tensor, Variable> variables)
    {
        var moves = new List<(Tensor, Variable)>();
        var states = variables.ToDictionary(pair => pair.Value, pair => pair.Key);
        for (var u = 0; u < updates.Count; u++)
        {
            var (variable, value) = (updates[u].Variable, values[u]);
            var writer = kernels.FindIndex(k => k.Writes.Contains(value));
            var isFree = !options.FindNonFinite && writer >= 0 && value.Operation is not Operation.Random && !outputs.Contains(value) && !variables.ContainsKey(value)
                && (!states.TryGetValue(variable, out var state) || IsLastReader(kernels, writer, state, value));
            if (isFree)
                variables[value] = variable;
            else
                moves.Add((value, variable));
        }
        return moves;
    }

    private static bool IsLastReader(List<KernelPlan> kernels, int writer, Tensor state, Tensor value)
    {
        for (var k = writer + 1; k < kernels.Count; k++)
        {
            if (kernels[k].Reads.Any(r => r.ConstantValue is null && ReferenceEquals(View.Of(r).Base, state)))
                return false;
        }
        var reads = kernels[writer].Reads.Where(r => r.ConstantValue is null && ReferenceEquals(View.Of(r).Base, state)).ToList();
        return reads.Count == 0
            || (kernels[writer] is FusedPlan fused && fused.Stores.Contains(value) && reads.TrueForAll(r => View.IsDense(r) && r.Shape == fused.Domain));
    }
}
