using System.Runtime.CompilerServices;
using Elbo.Autoencoders;
using Elbo.Images;

namespace Elbo.Tests.Documents;

/// <summary>docs/hierarchies.md against the library: its code stands here, is compiled and run.</summary>
public class HierarchyPageTests
{
    [Fact]
    public void Its_code_runs()
    {
        var images = Stripes();
        // Begin.
        var structured = new VaeOptions { Hierarchy = Hierarchy.FullyConnected([16, 8], [64], HierarchyPosterior.TopDown) };
        using var model = Vae.Fit(images, structured, Vae.ForImages with { Epochs = 10 });
        Console.WriteLine(model.Evaluate(images).Bound);
        // End.
        Assert.Equal(24, model.Network.Latent);
        var source = File.ReadAllText(Here());
        var code = source[(source.IndexOf("// Begin.", StringComparison.Ordinal) + 9)..source.IndexOf("// End.", StringComparison.Ordinal)].Trim();
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "docs", "hierarchies.md"));
        Assert.Contains(code.Replace("\n        ", "\n", StringComparison.Ordinal), page, StringComparison.Ordinal);
    }

    private static ImageSet Stripes() => new(4, 4, 1, Enumerable.Range(0, 40 * 16).Select(i => (byte)(i / 16 % 4 == i % 4 ? 255 : 0)).ToArray());

    private static string Here([CallerFilePath] string path = "") => path;
}
