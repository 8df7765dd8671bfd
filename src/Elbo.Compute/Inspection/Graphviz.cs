using System.Text;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Inspection;

/// <summary>A graph in the language of Graphviz: values in memory rounded, views dashed, kernels as frames around what they compute.</summary>
internal static class Graphviz
{
    public static string Of(string title, Tensor[] roots, IReadOnlyList<string> rootNames, IReadOnlyList<KernelPlan>? kernels)
    {
        var names = new GraphNames(roots);
        var text = new StringBuilder();
        text.Append("digraph ").Append(Quoted(title)).Append(" {\n");
        text.Append("  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n  edge [fontsize=9, fontname=\"sans-serif\"];\n");
        var framed = new HashSet<Tensor>();
        for (var k = 0; k < (kernels?.Count ?? 0); k++)
        {
            text.Append("  subgraph cluster_").Append(k).Append(" {\n    style=\"rounded,filled\"; color=\"#8899aa\"; fillcolor=\"#eef3f8\"; fontname=\"sans-serif\"; fontsize=11;\n");
            text.Append("    label=").Append(Quoted($"{k}: {kernels![k].Name} {kernels[k].Size}")).Append(";\n");
            foreach (var node in kernels[k].Members.Where(framed.Add))
                AppendNode(text.Append("  "), names, node, kernels[k].Writes.Contains(node));
            text.Append("  }\n");
        }
        foreach (var node in names.Nodes.Where(n => !framed.Contains(n)))
            AppendNode(text, names, node, false);
        foreach (var node in names.Nodes)
        {
            var inputs = node.Inputs.ToArray();
            foreach (var input in inputs.Where(i => i.ConstantValue is null))
                text.Append("  ").Append(Id(names, input)).Append(" -> ").Append(Id(names, node)).Append(";\n");
            foreach (var part in node.Operation.Body.Where(i => i.ConstantValue is null))
                text.Append("  ").Append(Id(names, part)).Append(" -> ").Append(Id(names, node)).Append(" [style=dotted];\n");
        }
        for (var r = 0; r < roots.Length; r++)
        {
            text.Append("  root").Append(r).Append(" [shape=plaintext, label=").Append(Quoted(rootNames[r])).Append("];\n");
            if (roots[r].ConstantValue is null)
                text.Append("  ").Append(Id(names, roots[r])).Append(" -> root").Append(r).Append(";\n");
        }
        return text.Append("}\n").ToString();
    }

    private static void AppendNode(StringBuilder text, GraphNames names, Tensor node, bool isStored)
    {
        var style = node.Inputs.Length == 0 ? "rounded,filled" : View.IsView(node) ? "dashed" : isStored ? "filled,bold" : "filled";
        var label = $"{names[node]} {Line(node)}\n{node.Type}{node.Shape}{(node.Label is { } name && node.Inputs.Length > 0 ? $"\n{name}" : "")}";
        text.Append("  ").Append(Id(names, node)).Append(" [label=").Append(Quoted(label)).Append(", style=").Append(Quoted(style)).Append(", fillcolor=\"")
            .Append(node.Inputs.Length == 0 ? "#fff4d6" : "white").Append("\"];\n");
    }

    // Constants have no node of their own; which operand they are shows in the text.
    private static string Line(Tensor node)
    {
        var operation = GraphNames.OperationText(node.Operation);
        var inputs = node.Inputs.ToArray();
        return inputs.All(i => i.ConstantValue is null) ? operation
            : $"{operation} ({string.Join(", ", inputs.Select(i => i.ConstantValue is null ? "·" : GraphNames.ConstantText(i)))})";
    }

    private static string Id(GraphNames names, Tensor node) => $"n{names.NumberOf(node)}";

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
