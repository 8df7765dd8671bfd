using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Images;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Tests.Autoencoders;

/// <summary>Hierarchies of any depth and factorisation: their densities agree with each other and with differences.</summary>
public class HierarchyTests
{
    private const int Height = 7;
    private const int Width = 5;
    private const int Features = Height * Width;
    private const int Draws = 2;
    private const int Rows = 3;
    private static readonly int[] _sizes = [3, 2, 2];

    // Images of odd sizes, two layers at a scale and none at another.
    private static readonly ResidualLadder _convolutional = new(2, [new(4) { DecoderBlocks = 2 }, new(6, 2, 3) { MergeBlocks = 1 }]);

    private static readonly ResidualLadder _correlated = _convolutional with { Posterior = CodePosterior.FullCovariance };

    public static TheoryData<string> All => [.. Enum.GetNames<HierarchyPosterior>(), "Convolutional", "Correlated"];

    [Theory]
    [MemberData(nameof(All))]
    public void Codes_of_rows_have_the_density_that_scoring_them_gives(string kind)
    {
        var network = Make(kind);
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
    [MemberData(nameof(All))]
    public void Divergences_have_the_mean_of_density_ratios(string kind)
    {
        var network = Make(kind);
        var many = kind is "Convolutional" or "Correlated" ? 2_000 : 40_000;
        using var cpu = new Cpu();
        var code = network.Infer(Numbers([1, Features], 3), Numbers([many, 1, network.Latent], 4));
        var ratio = code.LogPosterior - code.LogPrior;
        var (closed, drawn, square) = (code.Divergence.Sum(2).Mean(), ratio.Mean(), (ratio * ratio).Mean());
        using var function = cpu.Compile([closed, drawn, square]);
        function.Run();
        var error = Math.Sqrt((function.Scalar(square) - Math.Pow(function.Scalar(drawn), 2)) / many);
        Assert.Equal(function.Scalar(drawn), function.Scalar(closed), 5 * error + 1e-4);
        Assert.True(function.Scalar(closed) > 0);
    }

    [Theory]
    [InlineData("MeanField")]
    [InlineData("BottomUp")]
    [InlineData("TopDown")]
    public void A_held_density_has_the_gradient_by_codes_alone(string kind)
    {
        var (network, fixedNetwork) = (Make(kind), Make(kind));
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

    [Theory]
    [MemberData(nameof(All))]
    public void The_bound_has_the_gradient_that_differences_have(string kind)
    {
        var network = Make(kind);
        using var cpu = new Cpu(1);
        var x = (Numbers([Rows, Features], 1) > 0.0).Convert(DType.Float32);
        var code = network.Infer(x, Numbers([Draws, Rows, network.Latent], 2));
        var rows = x.Reshape([1, Rows, Features]);
        var bound = (rows * code.Parameters - TensorMath.Softplus(code.Parameters)).Sum() - code.Divergence.Sum();
        Variable[] variables = [.. network.Variables];
        var gradients = Gradient.Of(bound, [.. variables.Select(v => v.Value)]);
        using var function = cpu.Compile([bound, .. gradients]);
        function.Run();
        var analytic = gradients.Select(g => function.Output<float>(g).ToArray()).ToArray();
        const float Step = 1e-2f;
        for (var v = 0; v < variables.Length; v++)
        {
            // Along the gradient of a variable, by a step of fixed length: differences of sums in single precision are known to some digits.
            var before = variables[v].AsSpan<float>().ToArray();
            var length = Math.Sqrt(analytic[v].Sum(g => (double)g * g));
            var (above, below) = (Moved(Step), Moved(-Step));
            before.CopyTo(variables[v].AsSpan<float>());
            Assert.True(Math.Abs((above - below) / (2 * Step) - length) < 0.02 * length + 0.05, $"{variables[v].Name}: {length}, by differences {(above - below) / (2 * Step)}");

            double Moved(float by)
            {
                for (var i = 0; i < before.Length; i++)
                    variables[v].AsSpan<float>()[i] = before[i] + (float)(by * analytic[v][i] / Math.Max(length, 1e-6));
                function.Run();
                return function.Scalar(bound);
            }
        }
    }

    [Fact]
    public void A_ladder_of_images_learns_and_goes_on_to_the_same_bits_on_any_number_of_threads()
    {
        var random = new RandomNumbers(3, 1);
        var pixels = new byte[120 * Features];
        for (var image = 0; image < 120; image++)
        {
            // A bar at one of the rows or columns.
            var (across, at) = (random.NextUniform() < 0.5, random.NextBelow(Width));
            for (var i = 0; i < Features; i++)
                pixels[image * Features + i] = (byte)((across ? i / Width : i % Width) == at ? 255 : 0);
        }
        var images = new ImageSet(Height, Width, 1, pixels);
        var training = Vae.ForImages with { Epochs = 30, Batch = 16, LearningRate = 1e-2, HoldOut = 0.2, WarmUp = 1, AveragedSteps = 10, Threads = 1 };
        var reports = new List<EpochReport>();
        using var one = Vae.Fit(images, new VaeOptions { Hierarchy = _convolutional }, training, progress: (report, _) => { reports.Add(report); return true; });
        using var two = Vae.Fit(images, new VaeOptions { Hierarchy = _convolutional }, training with { Threads = 2 });
        Assert.Equal(one.Weights.SelectMany(w => w.Bytes.ToArray()), two.Weights.SelectMany(w => w.Bytes.ToArray()));
        // A pixel by itself is worth 0.5 nats or so; bars are one of twelve.
        Assert.True(reports[^1].HeldOut.Elbo > reports[0].HeldOut.Elbo + 3, $"{reports[0].HeldOut.Elbo} to {reports[^1].HeldOut.Elbo}");
        Assert.Equal(["z1", "z2", "z3"], reports[^1].HeldOut.Latents.Select(t => t.Name));
    }

    private static LatentNetwork Make(string kind)
    {
        var random = new RandomNumbers(9, 1);
        return Enum.TryParse<HierarchyPosterior>(kind, out var posterior)
            ? new GaussianHierarchy(Features, Features, _sizes, [6], posterior, random, Activation.Tanh, decoderScale: 1)
            : (kind == "Correlated" ? _correlated : _convolutional).Begin(new(new(Height, Width, 1), Features, Features, random), decoderScale: 1);
    }

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
