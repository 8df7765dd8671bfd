using System.Text;
using System.Text.RegularExpressions;

namespace Elbo.Dashboard;

/// <summary>
/// What the page is made of. Its modules are written apart and sent as one script, which a report has in it as well: a file that is opened from a disk can load no modules.
/// </summary>
internal static partial class PageFiles
{
    /// <summary>The modules in an order in which each comes after those it uses.</summary>
    public static IReadOnlyList<string> Modules { get; } = ["dom.js", "format.js", "scale.js", "chart.js", "heatmap.js", "scatter.js", "source.js", "parts.js", "run.js", "compare.js", "app.js"];

    private static readonly Lazy<string> WholeScript = new(Join);

    public static string Script => WholeScript.Value;

    public static string Style => Text("page.css");

    public static string Html => Text("index.html");

    public static string Icon => Text("icon.svg");

    /// <summary>The text of a file of the page.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream($"Page/{name}") ?? throw new InvalidOperationException($"The page's {name} is not in this assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    // All names of all modules are in one block, so that what is twice is an error rather than a surprise.
    private static string Join()
    {
        var script = new StringBuilder("\"use strict\";\n{\n");
        foreach (var module in Modules)
            script.Append("// ").Append(module).Append('\n').Append(Export().Replace(Import().Replace(Text(module), ""), ""));
        return script.Append("}\n").ToString();
    }

    [GeneratedRegex(@"^import \{[^}]*\} from ""[^""]*"";\n", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^export (?=(function|class|const|let)\b)", RegexOptions.Multiline)]
    private static partial Regex Export();
}
