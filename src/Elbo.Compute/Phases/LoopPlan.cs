namespace Elbo.Compute.Phases;

/// <summary>
/// A loop: its body as kernels over a region of memory of its own, run step by step. Nothing that changes from step to step is copied
/// where it can be addressed instead: entries of sequences are read and stacks written in place, and a state is written where the next
/// step reads it.
/// </summary>
/// <param name="Node">The loop as the graph knows it.</param>
/// <param name="Scope">Its steps, as the kernels of its body know them.</param>
/// <param name="Body">The kernels of a step.</param>
/// <param name="Carries">States.</param>
/// <param name="Stacks">Values that are kept for every step.</param>
/// <param name="Entries">Entries of sequences that the body reads.</param>
/// <param name="Region">Memory for whatever lives within a step, and for states.</param>
/// <param name="Memory">What lives where in the region.</param>
internal sealed record LoopPlan(
    Level.Loop Node, LoopScope Scope, IReadOnlyList<KernelPlan> Body, IReadOnlyList<CarryPlan> Carries, IReadOnlyList<StackPlan> Stacks,
    IReadOnlyList<Tensor> Entries, Tensor Region, MemoryPlan Memory) : KernelPlan
{
    // A step writes whole cache lines, so it can write into a stack only where these do not belong to the next entry as well.
    private const int CacheLine = 64;

    public override string Name => "Scan";

    public override string Size => $"{Scope.Length} steps of {Body.Count} kernels";

    public override IReadOnlyList<Tensor> Members => [.. Node.Inside.Where(node => !View.IsView(node) && node.ConstantValue is null), Node.Node, .. Node.Results];

    public override IReadOnlyList<Tensor> Writes { get; } = [.. Node.Results, Region];

    public override IEnumerable<Tensor> Reads => Node.Reads;

    /// <summary>The number of the step, where the body reads it.</summary>
    public Tensor Index { get; private init; } = Scope.Index();

    public static LoopPlan Of(Level.Loop loop, bool isolate)
    {
        // The body may share nodes with that of another loop; what has a place in memory must be its own.
        var shared = (Operation.Loop)loop.Node.Operation;
        var scope = new LoopScope(shared.Scope.Length, shared.Scope.IsReversed);
        var (index, states) = (scope.Index(), new Dictionary<int, Tensor>());
        var own = new Substitution(node => node.ChangesWith(shared.Scope), (node, _) => node.Operation switch
        {
            Operation.StepIndex step when step.Scope == shared.Scope => index,
            Operation.Carry carry when carry.Scope == shared.Scope => StateOf(carry.Number),
            _ => null,
        });
        Tensor StateOf(int number) => states.TryGetValue(number, out var state) ? state : states[number] = scope.Carry(number, loop.Node.Inputs[number]);

        Tensor[] roots = [.. loop.Roots.Select(own.Of)];
        var body = Fuse.Run(roots, [], isolate, scope);
        var computed = body.SelectMany(kernel => kernel.Writes).ToHashSet();
        var stacks = loop.Results.Where(result => result.Operation is Operation.Stack)
            .ToDictionary(result => own.Of(((Operation.Stack)result.Operation).Value), result => result);
        var lasts = loop.Results.Where(result => result.Operation is Operation.Last).ToDictionary(result => ((Operation.Last)result.Operation).Number);

        var claimed = new HashSet<Tensor>();
        var carries = loop.Carries.Select(number => Carry(loop.Node.Inputs[number], StateOf(number), own.Of(shared.Next[number]), lasts.GetValueOrDefault(number), stacks, computed, claimed)).ToList();
        var kept = stacks.Where(pair => !carries.Exists(carry => carry.Track == pair.Value))
            .Select(pair => new StackPlan(pair.Value, pair.Key, CanWriteInPlace(pair.Key, computed) && IsWholeLines(pair.Key) && claimed.Add(pair.Key))).ToList();

        Tensor[] permanent = [index, .. carries.SelectMany(carry => carry.Buffers), .. roots.Where(computed.Contains), .. isolate ? computed : []];
        var elsewhere = body.SelectMany(kernel => kernel.Reads).Where(read => read.ConstantValue is null).Select(read => View.Of(read).Base).Where(read => !computed.Contains(read) && read != index)
            .Concat(claimed).ToHashSet();
        var memory = MemoryPlan.Of(body, permanent.Where(tensor => !elsewhere.Contains(tensor)), elsewhere);
        var moved = carries.Where(carry => !carry.IsWrittenInPlace).Select(carry => carry.Next).Concat(kept.Where(stack => !stack.IsWrittenInPlace).Select(stack => stack.Value));
        var entries = elsewhere.Union(moved).Where(read => read.Operation is Operation.Entry && Loops.ScopeOf(read) == scope);
        var region = Tensor.Input("region", [(int)Math.Max(1, (memory.Bytes + 3) / 4)], DType.Int32);
        return new LoopPlan(loop, scope, body, carries, kept, [.. entries], region, memory) { Index = index };
    }

    private static CarryPlan Carry(Tensor initial, Tensor state, Tensor next, Tensor? last, Dictionary<Tensor, Tensor> stacks, HashSet<Tensor> computed, HashSet<Tensor> claimed)
    {
        var isWrittenInPlace = CanWriteInPlace(next, computed) && claimed.Add(next);
        var (track, keepsNext) = (default(Tensor), false);
        // A state that is stacked anyway is handed on in its stack.
        if (IsWholeLines(state) && isWrittenInPlace && stacks.TryGetValue(next, out track))
            keepsNext = true;
        else if (IsWholeLines(state))
            stacks.TryGetValue(state, out track);
        return new CarryPlan(initial, state, next, isWrittenInPlace, track, keepsNext, last ?? Buffer("last", state), Buffer("other", state), last is not null);
    }

    private static Tensor Buffer(string name, Tensor like) => Tensor.Input(name, like.Shape, like.Type);

    // Draws come in whole blocks, for which only the region has room.
    private static bool CanWriteInPlace(Tensor value, HashSet<Tensor> computed) => computed.Contains(value) && value.Operation is not Operation.Random;

    private static bool IsWholeLines(Tensor value) => (long)value.Shape.Elements * value.Type.Size() % CacheLine == 0;
}

/// <summary>Where a state of a loop is, before a step and after it.</summary>
/// <param name="Initial">Its value before the first step.</param>
/// <param name="State">What the body reads.</param>
/// <param name="Next">What it becomes.</param>
/// <param name="IsWrittenInPlace">Whether the kernel that computes it writes it to where the next step reads it; otherwise it is moved there.</param>
/// <param name="Track">The stack in which it is handed on, if one holds it anyway.</param>
/// <param name="TrackKeepsNext">Whether that is a stack of states after their step, not before it.</param>
/// <param name="Last">Where it is after the last step.</param>
/// <param name="Other">Second memory, to alternate between when there is no track.</param>
/// <param name="IsRead">Whether somebody reads it after the last step.</param>
internal sealed record CarryPlan(Tensor Initial, Tensor State, Tensor Next, bool IsWrittenInPlace, Tensor? Track, bool TrackKeepsNext, Tensor Last, Tensor Other, bool IsRead)
{
    /// <summary>What of it lives in the region of the loop.</summary>
    public IEnumerable<Tensor> Buffers => [.. IsRead ? [] : (Tensor[])[Last], Other];
}

/// <summary>A value that is kept for every step.</summary>
/// <param name="Stack">Where all of them go.</param>
/// <param name="Value">What the body computes.</param>
/// <param name="IsWrittenInPlace">Whether the kernel that computes it writes it there; otherwise it is moved.</param>
internal sealed record StackPlan(Tensor Stack, Tensor Value, bool IsWrittenInPlace);
