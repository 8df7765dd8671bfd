using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Optimisers;

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

        var elbo = Train(network, model, rows);

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
        var noise = Points(model.Latent, 1);
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

    // The ELBO of affine maps is of second degree in the noise, so a mean over ±√n·eᵢ is its expectation, exactly.
    private static double[] Points(int latent, int rows)
    {
        var points = new double[2 * latent * rows * latent];
        for (var draw = 0; draw < 2 * latent; draw++)
        {
            for (var row = 0; row < rows; row++)
                points[(draw * rows + row) * latent + draw / 2] = (draw % 2 == 0 ? 1 : -1) * Math.Sqrt(latent);
        }
        return points;
    }

    private static double Train(GaussianHierarchy network, LinearHierarchy model, double[][] rows)
    {
        const int Steps = 3000;
        using var cpu = new Cpu(1);
        var x = Tensor.FromArray([.. rows.SelectMany(r => r)], [Rows, model.Numbers]);
        var code = network.Infer(x, Tensor.FromArray(Points(model.Latent, Rows), [2 * model.Latent, Rows, model.Latent]));
        var away = code.Parameters - x.Reshape([1, Rows, model.Numbers]);
        var reconstruction = -0.5 * (away * away / LinearHierarchy.Variance + Math.Log(2 * Math.PI * LinearHierarchy.Variance)).Sum(2).Mean();
        var (elbo, drawn) = (reconstruction - code.Divergence.Sum(2).Mean(), reconstruction + (code.LogPrior - code.LogPosterior).Mean());
        var variables = network.EncoderVariables;
        var gradients = Gradient.Of(-elbo, [.. variables.Select(v => v.Value)]);
        var rate = Tensor.Input("rate", []);
        // Variances stay the same for every row.
        Tensor[] masked = [.. gradients.Select(g => g.Rank == 2 ? g * Tensor.FromArray([.. Enumerable.Range(0, g.Shape[1]).Select(j => j < g.Shape[1] / 2 ? 1.0 : 0)], [1, g.Shape[1]]) : g)];
        using var step = cpu.Compile([elbo, drawn], new Adam(variables).Step(masked, rate, Tensor.Scalar(1).EqualTo(1)));
        for (var i = 0; i < Steps; i++)
        {
            step.Input<float>(rate)[0] = (float)(0.05 * (1 + Math.Cos(Math.PI * i / Steps)));
            step.Run();
        }
        Assert.Equal(step.Scalar(drawn), step.Scalar(elbo), 1e-4 * (1 + Math.Abs(step.Scalar(elbo))));
        return step.Scalar(elbo);
    }
}
