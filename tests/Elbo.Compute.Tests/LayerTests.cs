using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Elbo.Compute.Tests;

public partial class LayerTests
{
    // Each project with all that it may reference; a lower layer never knows a higher one.
    private static readonly Dictionary<string, string[]> Below = new()
    {
        ["Elbo.Compute"] = [],
        ["Elbo"] = ["Elbo.Compute"],
        ["Elbo.Data"] = ["Elbo.Compute", "Elbo"],
        ["Elbo.Dashboard"] = ["Elbo.Compute", "Elbo", "Elbo.Data"],
        ["Elbo.Cli"] = ["Elbo.Compute", "Elbo", "Elbo.Data", "Elbo.Dashboard"],
    };

    private static string Root { get; } = FindRoot();

    [Fact]
    public void Projects_reference_lower_layers_only()
    {
        var projects = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.NotEmpty(projects);
        foreach (var project in projects)
        {
            var name = Path.GetFileNameWithoutExtension(project);
            Assert.True(Below.ContainsKey(name), $"{name} has no place among the layers.");
            foreach (var reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                var referenced = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
                Assert.True(Below[name].Contains(referenced), $"{name} references {referenced}, which is not below it.");
            }
        }
    }

    [Fact]
    public void The_engine_knows_no_other_assembly_of_the_project()
    {
        var references = typeof(Tensor).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.DoesNotContain(references, name => name.StartsWith("Elbo", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_engine_does_not_speak_of_probability()
    {
        string[] words = ["Distribution", "Prior", "Posterior", "Likelihood", "Bound", "Elbo", "Evidence", "Guide", "Model", "Encoder", "Decoder", "Bayes", "Sampler", "Latent"];
        var names = typeof(Tensor).Assembly.GetExportedTypes().Select(type => type.Name);
        Assert.DoesNotContain(names, name => Array.Exists(words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void Only_the_engine_is_unsafe()
    {
        var engine = Path.Combine(Root, "src", "Elbo.Compute");
        var sources = Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(engine + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !IsGenerated(file));
        foreach (var file in sources)
            Assert.DoesNotMatch(UnsafeCode(), File.ReadAllText(file));
        foreach (var project in Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories))
            Assert.Equal(project.StartsWith(engine + Path.DirectorySeparatorChar, StringComparison.Ordinal), File.ReadAllText(project).Contains("<AllowUnsafeBlocks>true", StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_on_architecture_names_what_there_is()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs", "architecture.md"));
        var words = Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Where(file => !IsGenerated(file))
            .SelectMany(file => Word().Matches(File.ReadAllText(file)).Select(m => m.Value)).ToHashSet();
        var names = Name().Matches(page).SelectMany(m => m.Groups[1].Value.Split('.')).Distinct().ToList();
        Assert.Contains("LatentNetwork", names);
        Assert.DoesNotContain(names, name => !words.Contains(name));
        var places = Place().Matches(page).Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(places);
        Assert.DoesNotContain(places, place => !Path.Exists(Path.Combine(Root, place)));
    }

    private static bool IsGenerated(string file) => file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Elbo.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("No folder above the tests holds Elbo.slnx.");
    }

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Word();

    // A type, or a member of one, in the code of the page.
    [GeneratedRegex(@"`([A-Z][A-Za-z0-9]+(?:\.[A-Z][A-Za-z0-9]+)*)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"`((?:src|tests)/[\w./]+)`")]
    private static partial Regex Place();

    [GeneratedRegex(@"^\s*(?!//)[^""\n]*\bunsafe\b\s*(\{|class|struct|ref|static|void|partial|readonly|record|delegate|fixed)", RegexOptions.Multiline)]
    private static partial Regex UnsafeCode();
}
