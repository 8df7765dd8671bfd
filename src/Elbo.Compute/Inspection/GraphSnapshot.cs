using System.Globalization;
using Elbo.Compute.Inspection;
using Elbo.Compute.Phases;

namespace Elbo.Compute;

/// <summary>
/// The graph of a function as a phase of compilation left it, to be read or drawn. Those of phases <c>fuse</c> and <c>share
/// rows</c> also say which nodes share a kernel; their numbers are those of <see cref="FunctionProfile"/>.
/// </summary>
public sealed class GraphSnapshot
{
    private readonly Tensor[] _roots;
    private readonly IReadOnlyList<string> _rootNames;
    private readonly IReadOnlyList<KernelPlan>? _kernels;

    internal GraphSnapshot(string phase, Tensor[] roots, IReadOnlyList<string> rootNames, IReadOnlyList<KernelPlan>? kernels = null)
    {
        Phase = phase;
        (_roots, _rootNames, _kernels) = (roots, rootNames, kernels);
    }

    /// <summary>The phase that the graph has just been through; <c>as written</c> before the first.</summary>
    public string Phase { get; }

    /// <summary>
    /// The graph as text: a line for each node, after those of its inputs, with its number, its operation, the numbers of its
    /// inputs, type and shape, and its label if it has one. Constants stand where they are used. With kernels, what is in memory
    /// before the first comes first, and views, which only address memory; then a paragraph for each kernel in order.
    /// </summary>
    public string ToText()
    {
        var names = new GraphNames(_roots);
        var inKernel = _kernels is null ? [] : _kernels.SelectMany(k => k.Members).ToHashSet();
        var lines = new List<string> { $"{Phase}: {Count(names.Nodes.Count, "node")}{(_kernels is null ? "" : $", {Count(_kernels.Count, "kernel")}")}" };
        lines.AddRange(names.Nodes.Where(n => !inKernel.Contains(n)).Select(n => Line(names, n)));
        for (var k = 0; k < (_kernels?.Count ?? 0); k++)
        {
            var kernel = _kernels![k];
            lines.Add($"kernel {k}: {kernel.Name} {kernel.Size}");
            lines.AddRange(kernel.Members.Select(n => Line(names, n) + (kernel.Writes.Contains(n) ? "  stored" : "")));
        }
        lines.AddRange(_roots.Select((root, r) => $"{_rootNames[r]} = {names[root]}"));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The graph in the language of Graphviz, for <c>dot -Tsvg</c>; nodes that share a kernel share a frame.</summary>
    public string ToGraphviz() => Graphviz.Of(Phase, _roots, _rootNames, _kernels);

    /// <inheritdoc cref="ToText"/>
    public override string ToString() => ToText();

    private static string Line(GraphNames names, Tensor node) =>
        $"  {names[node]} = {names.Describe(node)}: {node.Type}{node.Shape}{(node.Label is { } label && node.Operation is not Operation.Input ? $" \"{label}\"" : "")}";

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
