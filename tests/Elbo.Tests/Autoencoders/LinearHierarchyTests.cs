using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Tests.Autoencoders;

/// <summary>Where evidence and posterior are known: each factorisation of q goes as far as theory says, and no further.</summary>
public class LinearHierarchyTests
{
    private const int Rows = 24;

    public static TheoryData<HierarchyPosterior, string> Cases => new()
    {
        { HierarchyPosterior.TopDown, "1 1" },
        { HierarchyPosterior.BottomUp, "1 1" },
        { HierarchyPosterior.Ladder, "1 1" },
        { HierarchyPosterior.MeanField, "1 1" },
        { HierarchyPosterior.TopDown, "1 1 1" },
        { HierarchyPosterior.BottomUp, "1 1 1" },
        { HierarchyPosterior.Ladder, "1 1 1" },
        { HierarchyPosterior.MeanField, "1 1 1" },
        { HierarchyPosterior.TopDown, "3 2" },
        { HierarchyPosterior.BottomUp, "3 2" },
        { HierarchyPosterior.MeanField, "3 2" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_trained_posterior_reaches_the_evidence_but_for_what_its_factors_cannot_say(HierarchyPosterior posterior, string layers)
    {
        int[] sizes = [.. layers.Split(' ').Select(int.Parse)];
        var model = new LinearHierarchy(sizes, numbers: 4, seed: 5);
        var rows = model.Rows(Rows, seed: 6);
        var network = model.Network(posterior);

        var (elbo, drawn) = model.GreatestElbo(network, rows);
        Assert.Equal(drawn, elbo, 1e-4 * (1 + Math.Abs(elbo)));

        // A structured q of layers of one number says all there is to say, so its gap is 0.
        var gap = posterior == HierarchyPosterior.Ladder ? 0 : model.Gap(posterior);
        if (sizes.Max() == 1 && posterior != HierarchyPosterior.MeanField)
            Assert.Equal(0, gap, 1e-9);
        else
            Assert.True(gap > 0.03, $"A gap of {gap} shows nothing.");
        Assert.Equal(rows.Average(model.LogEvidence) - gap, elbo, 2e-3);
    }

    [Fact]
    public void Codes_from_the_prior_have_its_covariance()
    {
        var model = new LinearHierarchy([2, 3, 1], numbers: 4, seed: 8);
        var network = model.Network(HierarchyPosterior.TopDown);
        var noise = LinearHierarchy.Points(model.Latent, 1);
        using var cpu = new Cpu(1);
        var codes = network.FromPrior(Tensor.FromArray(noise, [2 * model.Latent, model.Latent]));
        using var function = cpu.Compile([codes]);
        function.Run();
        var z = function.Output<float>(codes).ToArray();
        var expected = model.PriorCovariance;
        for (var i = 0; i < model.Latent; i++)
        {
            for (var j = 0; j < model.Latent; j++)
            {
                var (a, b) = (Column(i), Column(j));
                Assert.Equal(expected[i, j], a.Zip(b, (u, v) => (u - a.Average()) * (v - b.Average())).Average(), 1e-4 * (1 + Math.Abs(expected[i, j])));
            }
        }

        double[] Column(int i) => [.. Enumerable.Range(0, 2 * model.Latent).Select(k => (double)z[k * model.Latent + i])];
    }
}
