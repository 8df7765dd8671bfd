namespace Elbo.Compute.Phases;

/// <summary>What one kernel computes.</summary>
internal abstract record KernelPlan
{
    /// <summary>What kind of kernel it is, in dumps and profiles.</summary>
    public abstract string Name { get; }

    /// <summary>What it goes over, in dumps and profiles.</summary>
    public abstract string Size { get; }

    /// <summary>All that it computes, stored or not, each after what it is computed of.</summary>
    public abstract IReadOnlyList<Tensor> Members { get; }

    /// <summary>The tensors it writes to memory.</summary>
    public abstract IReadOnlyList<Tensor> Writes { get; }

    /// <summary>The tensors it reads, as views or owners of memory.</summary>
    public abstract IEnumerable<Tensor> Reads { get; }
}

/// <summary>One primitive with a kernel of its own: matrix products, gathers, factorisations, draws, copies of layout.</summary>
internal sealed record PrimitivePlan(Tensor Node) : KernelPlan
{
    public override string Name => Node.Operation.Name;

    public override string Size =>
        $"{string.Join(" x ", Node.Inputs.ToArray().Select(i => i.Shape))} -> {Node.Shape}";

    public override IReadOnlyList<Tensor> Members => [Node];

    public override IReadOnlyList<Tensor> Writes { get; } = new[] { Node };

    public override IEnumerable<Tensor> Reads => Node.Inputs.ToArray();
}

/// <summary>
/// One loop nest over a domain: elementwise nodes of that shape, each computed in registers, of which some are stored, and
/// reductions of them over one set of axes.
/// </summary>
internal sealed record FusedPlan(Shape Domain, int LaneBytes, IReadOnlyList<Tensor> Nodes, IReadOnlyList<Tensor> Stores, IReadOnlyList<Tensor> Reductions) : KernelPlan
{
    private readonly HashSet<Tensor> _own = new(Nodes);

    public override string Name => Reductions.Count == 0 ? "Loop" : "Reduction";

    public override string Size => Reductions.Count == 0 ? Domain.ToString() : $"{Domain} -> {Reductions[0].Shape}";

    public override IReadOnlyList<Tensor> Members => [.. Nodes, .. Reductions];

    public override IReadOnlyList<Tensor> Writes { get; } = [.. Stores, .. Reductions];

    public override IEnumerable<Tensor> Reads =>
        Nodes.Concat(Reductions).SelectMany(n => n.Inputs.ToArray()).Where(i => !_own.Contains(i) && i.ConstantValue is null).Distinct();

    /// <summary>Whether a tensor is computed in this kernel's registers.</summary>
    public bool Computes(Tensor tensor) => _own.Contains(tensor);
}
