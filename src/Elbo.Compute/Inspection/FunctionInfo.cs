using Elbo.Compute.Inspection;
using Elbo.Compute.Phases;

namespace Elbo.Compute;

/// <summary>What a compiled function consists of.</summary>
public sealed class FunctionInfo
{
    private readonly Lazy<IReadOnlyList<KernelInfo>> _kernels;

    // Most functions are never looked at, so their kernels are described when somebody asks.
    internal FunctionInfo(IReadOnlyList<KernelPlan> plans, Tensor[] roots, IReadOnlyList<(Tensor Value, Variable Variable)> moves, long arenaBytes, long largestLiveBytes)
    {
        (ArenaBytes, LargestLiveBytes) = (arenaBytes, largestLiveBytes);
        _kernels = new(() =>
        {
            var names = new GraphNames(roots);
            return [.. plans.Select(p => KernelInfo.Of(p, names)), .. moves.Select(m => KernelInfo.OfMove(m.Value, m.Variable, names))];
        });
    }

    /// <summary>The kernels in the order in which a run goes through them.</summary>
    public IReadOnlyList<KernelInfo> Kernels => _kernels.Value;

    /// <summary>Memory for intermediate values, inputs and outputs, in bytes.</summary>
    public long ArenaBytes { get; }

    /// <summary>The most bytes of these that are alive at once.</summary>
    public long LargestLiveBytes { get; }
}

/// <summary>One kernel of a compiled function.</summary>
/// <param name="Name">What kind of kernel it is: <c>Loop</c>, or the primitive that it computes.</param>
/// <param name="Shape">What it goes over: the domain of a loop, the operands of a product.</param>
/// <param name="Nodes">The numbers of the nodes that it computes, as in the <see cref="GraphSnapshot"/> of phase <c>fuse</c>.</param>
/// <param name="Operations">Their operations, in the same order.</param>
/// <param name="Labels">The labels among them.</param>
/// <param name="Flop">
/// Floating-point operations of a run, by convention: arithmetic, comparisons, square roots and roundings count 1, a multiply-add
/// 2, elementary functions and drawn normals 20, special functions and powers 40, everything else nothing.
/// </param>
/// <param name="Bytes">What a run must read and write at least: every element once.</param>
/// <param name="Type">The type it computes in.</param>
public sealed record KernelInfo(
    string Name, string Shape, IReadOnlyList<int> Nodes, IReadOnlyList<string> Operations, IReadOnlyList<string> Labels, double Flop, double Bytes, DType Type)
{
    internal static KernelInfo Of(KernelPlan plan, GraphNames names) => new(
        plan.Name, plan.Size, [.. plan.Members.Select(names.NumberOf)], [.. plan.Members.Select(n => n.Operation.Name)],
        [.. plan.Members.Select(n => n.Label).OfType<string>()], OperationCount.Of(plan), MemoryTraffic.Of(plan),
        plan.Members.Any(n => n.Type == DType.Float64) ? DType.Float64 : DType.Float32);

    internal static KernelInfo OfMove(Tensor value, Variable variable, GraphNames names) => new(
        "Move", $"to {variable.Name} {value.Shape}", [names.NumberOf(value)], [value.Operation.Name], [], 0, 2.0 * value.Shape.Elements * value.Type.Size(), value.Type);

    /// <summary>Name, shape and operations in a line.</summary>
    public override string ToString() => $"{Name} {Shape}: {string.Join(", ", Operations)}";
}
