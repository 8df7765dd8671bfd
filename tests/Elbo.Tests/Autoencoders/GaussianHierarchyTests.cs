using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Tests.Autoencoders;

/// <summary>Hierarchies of any depth and factorisation: their densities agree with each other and with differences.</summary>
public class GaussianHierarchyTests
{
    private const int Features = 5;
    private const int Draws = 2;
    private const int Rows = 3;
    private static readonly int[] _sizes = [3, 2, 2];

    public static TheoryData<HierarchyPosterior> Posteriors => [.. Enum.GetValues<HierarchyPosterior>()];

    [Theory]
    [MemberData(nameof(Posteriors))]
    public void Codes_of_rows_have_the_density_that_scoring_them_gives(HierarchyPosterior posterior)
    {
        var network = Make(posterior);
        using var cpu = new Cpu(1);
        var code = network.Infer(Numbers([Rows, Features], 1), Numbers([Draws, Rows, network.Latent], 2));
        var (logPrior, parameters) = network.Score(code.Z.Reshape([Draws * Rows, network.Latent]));
        using var function = cpu.Compile([code.LogPrior, logPrior, code.Parameters, parameters]);
        function.Run();
        Near(function.Output<float>(logPrior), function.Output<float>(code.LogPrior));
        Near(function.Output<float>(parameters), function.Output<float>(code.Parameters));
        Assert.Equal(Shape.Create(Draws, Rows, network.DivergenceTerms.Count), code.Divergence.Shape);
        Assert.Equal(network.Variables.Count, network.Variables.Distinct().Count());
        Assert.Equal(network.Variables.Count, network.Variables.Select(v => v.Name).Distinct().Count());
    }

    // The divergence is a mean of ln q − ln p over draws, so with many they agree.
    [Theory]
    [MemberData(nameof(Posteriors))]
    public void Divergences_have_the_mean_of_density_ratios(HierarchyPosterior posterior)
    {
        const int Many = 40_000;
        var network = Make(posterior);
        using var cpu = new Cpu();
        var code = network.Infer(Numbers([1, Features], 3), Numbers([Many, 1, network.Latent], 4));
        var ratio = code.LogPosterior - code.LogPrior;
        var (closed, drawn, square) = (code.Divergence.Sum(2).Mean(), ratio.Mean(), (ratio * ratio).Mean());
        using var function = cpu.Compile([closed, drawn, square]);
        function.Run();
        var error = Math.Sqrt((function.Scalar(square) - Math.Pow(function.Scalar(drawn), 2)) / Many);
        Assert.Equal(function.Scalar(drawn), function.Scalar(closed), 5 * error + 1e-4);
        Assert.True(function.Scalar(closed) > 0);
    }

    [Theory]
    [InlineData(HierarchyPosterior.MeanField)]
    [InlineData(HierarchyPosterior.BottomUp)]
    [InlineData(HierarchyPosterior.TopDown)]
    public void A_held_density_has_the_gradient_by_codes_alone(HierarchyPosterior posterior)
    {
        var (network, fixedNetwork) = (Make(posterior), Make(posterior));
        using var cpu = new Cpu(1);
        var (x, noise) = (Numbers([Rows, Features], 1), Numbers([Draws, Rows, network.Latent], 2));
        var code = network.Infer(x, noise);
        var held = code.LogPosteriorHeld!.Sum();
        Variable[] variables = [.. network.EncoderVariables];
        var gradients = Gradient.Of(held, [.. variables.Select(v => v.Value)]);
        using var function = cpu.Compile([code.Z, held, code.LogPosterior.Sum(), .. gradients]);
        var freeNoise = Tensor.Input("noise", noise.Shape);
        var scored = fixedNetwork.Infer(x, freeNoise);
        var density = scored.LogPosterior.Sum();
        using var score = cpu.Compile([scored.Mean, scored.LogVariance, density]);
        function.Run();
        var analytic = gradients.Select(g => function.Output<float>(g).ToArray()).ToArray();
        Assert.Equal(Density(), function.Scalar(held), 1e-3);

        const float Step = 1e-2f;
        for (var v = 0; v < variables.Length; v++)
        {
            // Some numbers of each variable.
            for (var i = 0; i < analytic[v].Length; i += 1 + analytic[v].Length / 4)
            {
                var before = variables[v].AsSpan<float>()[i];
                variables[v].AsSpan<float>()[i] = before + Step;
                function.Run();
                var above = Density();
                variables[v].AsSpan<float>()[i] = before - Step;
                function.Run();
                var difference = (above - Density()) / (2 * Step);
                variables[v].AsSpan<float>()[i] = before;
                Assert.True(Math.Abs(difference - analytic[v][i]) < 0.01 * (1 + Math.Abs(difference)), $"{variables[v].Name}[{i}]: {analytic[v][i]}, by differences {difference}");
            }
        }

        // ln q of the codes of the first network under the second, whose weights stay: the noise that leads to them is found layer by layer.
        double Density()
        {
            var z = function.Output<float>(code.Z).ToArray();
            score.Input<float>(freeNoise).Clear();
            for (var layer = 0; layer < _sizes.Length; layer++)
            {
                score.Run();
                var (mean, logVariance) = (score.Output<float>(scored.Mean).ToArray(), score.Output<float>(scored.LogVariance).ToArray());
                for (var i = 0; i < z.Length; i++)
                    score.Input<float>(freeNoise)[i] = (z[i] - mean[i]) * MathF.Exp(-0.5f * logVariance[i]);
            }
            score.Run();
            return score.Scalar(density);
        }
    }

    private static GaussianHierarchy Make(HierarchyPosterior posterior) => new(Features, 4, _sizes, [6], posterior, new RandomNumbers(9, 1), Activation.Tanh, decoderScale: 1);

    private static Tensor Numbers(Shape shape, ulong stream)
    {
        var random = new RandomNumbers(11, stream);
        return Tensor.FromArray([.. Enumerable.Range(0, shape.Elements).Select(_ => random.NextNormal())], shape);
    }

    private static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4f * (1 + Math.Abs(expected[i])));
    }
}
