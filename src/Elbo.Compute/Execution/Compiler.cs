using Elbo.Compute.Emission;
using Elbo.Compute.Kernels;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Execution;

/// <summary>
/// From graph to function, in named phases: stabilise, simplify, hoist from loops, lower (each a table of rewrite rules over hash-consed nodes),
/// fuse, share passes over rows, plan memory, emit.
/// </summary>
internal sealed class Compiler(VectorWidth width, WorkerTeam team, KernelCache matrixKernels, LoopCache loops, CompileOptions options)
{
    // What rewriting starts from is canonical: equal nodes are one node.
    private static readonly RewritePhase Canonicalise = new("canonicalise");

    public static IReadOnlyList<RewritePhase> RewritePhases { get; } = [Canonicalise, Stabilise.Phase, Simplify.Phase, HoistFromLoops.Phase];

    public CompiledFunction Compile(Tensor[] outputs, IReadOnlyList<Update> updates)
    {
        Tensor[] asked = [.. outputs, .. updates.Select(u => u.Value)];
        string[] names = options.OnPhase is null ? [] : [.. outputs.Select((_, i) => $"output {i}"), .. updates.Select(u => $"update {u.Variable.Name}")];
        var roots = Rewrite(asked, names);
        var outputRoots = roots[..outputs.Length];
        var updateRoots = roots[outputs.Length..];

        var kernels = Fuse.Run(roots, updateRoots, isolate: options.FindNonFinite || !options.Optimise.HasFlag(Optimisations.Fuse));
        options.OnPhase?.Invoke(new GraphSnapshot("fuse", roots, names, kernels));
        if (!options.FindNonFinite && options.Optimise.HasFlag(Optimisations.RowBlocks) && RowBlocks.Run(kernels, roots) is { } shared)
        {
            kernels = shared;
            options.OnPhase?.Invoke(new GraphSnapshot("share rows", roots, names, kernels));
        }
        var order = TopologicalOrder.Of(roots);
        Tensor[] leaves = [.. order.Where(n => n.Operation is Operation.Literal), .. Inputs(order, asked)];
        var variables = new Dictionary<Tensor, Variable>();
        foreach (var node in order)
        {
            if (node.Operation is Operation.State state)
                variables[node] = state.Variable;
        }
        var moves = PlaceUpdates(kernels, updates, updateRoots, outputRoots, variables);

        foreach (var (_, variable) in moves)
            variables[variable.Value] = variable;
        var inVariables = new HashSet<Tensor>(variables.Keys);
        // Whoever looks for the first bad value wants to see what it was made of: nothing is written over.
        Tensor[] permanent = [.. leaves, .. outputRoots, .. moves.ConvertAll(m => m.Value), .. options.FindNonFinite ? kernels.SelectMany(k => k.Writes) : []];
        var memory = MemoryPlan.Of(kernels, permanent.Where(t => !inVariables.Contains(t)), inVariables);
        var slots = new SlotTable(variables);
        var factory = new KernelFactory(width, slots, matrixKernels, loops, team.Threads);
        // Machine code is written on all cores: kernels know nothing of each other, and which slot has which number does not matter.
        var compiled = new Kernel[kernels.Count + moves.Count];
        SharedWork.Run(kernels.Count, team.Threads, k => compiled[k] = factory.Make(kernels[k]));
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
            if ((phase == Simplify.Phase && !options.Optimise.HasFlag(Optimisations.Simplify))
                || (phase == HoistFromLoops.Phase && !options.Optimise.HasFlag(Optimisations.HoistFromLoops)))
            {
                continue;
            }
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
        var states = new Dictionary<Variable, Tensor>();
        foreach (var (state, variable) in variables)
            states[variable] = state;
        var (writers, lastReaders) = Uses(kernels);
        foreach (var output in outputs)
            writers.Remove(output);
        for (var u = 0; u < updates.Count; u++)
        {
            var (variable, value) = (updates[u].Variable, values[u]);
            var isFree = !options.FindNonFinite && writers.TryGetValue(value, out var writer) && value.Operation is not Operation.Random && !variables.ContainsKey(value)
                && (!states.TryGetValue(variable, out var state) || !lastReaders.TryGetValue(state, out var last) || last < writer
                    || (last == writer && ReadsBeforeWriting(kernels[writer], state, value)));
            if (isFree)
                variables[value] = variable;
            else
                moves.Add((value, variable));
        }
        return moves;
    }

    // The kernel that writes a value, and the last one that reads anything of what owns memory.
    private static (Dictionary<Tensor, int> Writers, Dictionary<Tensor, int> LastReaders) Uses(List<KernelPlan> kernels)
    {
        var (writers, lastReaders) = (new Dictionary<Tensor, int>(), new Dictionary<Tensor, int>());
        for (var k = 0; k < kernels.Count; k++)
        {
            foreach (var written in kernels[k].Writes)
                writers.TryAdd(written, k);
            foreach (var read in kernels[k].Reads)
            {
                if (read.ConstantValue is null)
                    lastReaders[View.Of(read).Base] = k;
            }
        }
        return (writers, lastReaders);
    }

    private static bool ReadsBeforeWriting(KernelPlan kernel, Tensor state, Tensor value) =>
        kernel is FusedPlan fused && fused.Stores.Contains(value)
        && fused.Reads.All(r => !ReferenceEquals(View.Of(r).Base, state) || (View.IsDense(r) && r.Shape == fused.Domain));
}
