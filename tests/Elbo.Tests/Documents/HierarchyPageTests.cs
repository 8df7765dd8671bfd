using Elbo.Autoencoders;
using Elbo.Tests.Autoencoders;

namespace Elbo.Tests.Documents;

/// <summary>docs/hierarchies.md against the library: its code stands here, is compiled and run.</summary>
public class HierarchyPageTests
{
    [Fact]
    public void Its_code_runs()
    {
        var images = SmallImages.Of(40);
        // Begin.
        var structured = new VaeOptions { Hierarchy = Hierarchy.FullyConnected([16, 8], [64], HierarchyPosterior.TopDown) };
        using var model = Vae.Fit(images, structured, Vae.ForImages with { Epochs = 10 });
        Console.WriteLine(model.Evaluate(images).Bound);
        // End.
        Assert.Equal(24, model.Network.Latent);
        PageCode.StandsOn("HierarchyPageTests.cs", "hierarchies.md");
    }
}
