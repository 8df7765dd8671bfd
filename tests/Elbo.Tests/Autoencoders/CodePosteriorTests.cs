using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Tests.Autoencoders;

public sealed class CodePosteriorTests
{
    private const int Latent = 3;
    private const int Rows = 2;

    // z = μ + σ∘(I + B)ε, so ln q is that of the normal with this factor.
    [Fact]
    public void The_density_of_a_full_covariance_is_that_of_its_normal()
    {
        var family = CodePosterior.FullCovariance.Begin(Latent, new(1, 1));
        const int Draws = 5;
        var (parameters, noise) = (Tensor.Input("parameters", [Rows, family.ParameterCount]), Tensor.Input("noise", [Draws, Rows, Latent]));
        var draw = family.Draw(parameters, noise);
        float[] numbers = [.. Graph.Normals(Rows * family.ParameterCount, 3).Select(v => 0.5f * v)];
        var results = Graph.Run([draw.Z, draw.LogDensity, draw.LogDensityHeld!], (parameters, numbers), (noise, Graph.Normals(Draws * Rows * Latent, 4)));
        for (var d = 0; d < Draws; d++)
        {
            for (var row = 0; row < Rows; row++)
            {
                var of = numbers.AsSpan(row * family.ParameterCount, family.ParameterCount).ToArray();
                var z = results[0].AsSpan((d * Rows + row) * Latent, Latent).ToArray();
                var (epsilon, log) = (new double[Latent], 0.0);
                for (var i = 0; i < Latent; i++)
                {
                    var deviation = Math.Exp(0.5 * of[Latent + i]);
                    epsilon[i] = (z[i] - of[i]) / deviation;
                    for (var j = 0; j < i; j++)
                        epsilon[i] -= of[2 * Latent + i * Latent + j] * epsilon[j];
                    log -= 0.5 * epsilon[i] * epsilon[i] + Math.Log(deviation) + 0.5 * Math.Log(2 * Math.PI);
                }
                Assert.Equal(log, results[1][d * Rows + row], 2e-5 * Math.Max(1, Math.Abs(log)));
                Assert.Equal(log, results[2][d * Rows + row], 2e-5 * Math.Max(1, Math.Abs(log)));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_divergence_is_the_mean_of_its_draws(bool isFull)
    {
        var family = (isFull ? CodePosterior.FullCovariance : CodePosterior.Diagonal).Begin(Latent, new(1, 1));
        const int Draws = 40_000;
        var (parameters, noise) = (Tensor.Input("parameters", [1, family.ParameterCount]), Tensor.Input("noise", [Draws, 1, Latent]));
        var draw = family.Draw(parameters, noise);
        var logPrior = (-0.5 * (draw.Z * draw.Z)).Sum(2) - Latent * 0.5 * Math.Log(2 * Math.PI);
        float[] numbers = [.. Graph.Normals(family.ParameterCount, 8).Select(v => 0.6f * v)];
        var results = Graph.Run([draw.LogDensity - logPrior, draw.FromStandardNormal!.Sum()], (parameters, numbers), (noise, Graph.Normals(Draws * Latent, 9)));
        double[] drawn = [.. results[0].Select(v => (double)v)];
        var mean = drawn.Average();
        var error = Math.Sqrt(drawn.Average(v => (v - mean) * (v - mean)) / Draws);
        Assert.InRange(results[1][0] - mean, -5 * error, 5 * error);
    }

    // By z, with everything that the encoder gives held: by differences of a density at other codes.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_held_density_has_the_slope_of_the_density_at_the_code(bool isFull)
    {
        var family = (isFull ? CodePosterior.FullCovariance : CodePosterior.Diagonal).Begin(Latent, new(1, 1));
        var (parameters, noise) = (Tensor.Input("parameters", [1, family.ParameterCount]), Tensor.Input("noise", [1, 1, Latent]));
        var draw = family.Draw(parameters, noise);
        var slope = Gradient.Of(draw.LogDensityHeld!.Sum(), draw.Z)[0];
        var byParameters = Gradient.Of((draw.LogDensityHeld!.Sum() - (TensorMath.StopGradient(slope) * draw.Z).Sum()), parameters)[0];
        float[] numbers = [.. Graph.Normals(family.ParameterCount, 12).Select(v => 0.6f * v)];
        var epsilon = Graph.Normals(Latent, 13);
        var results = Graph.Run([draw.Z, slope, byParameters], (parameters, numbers), (noise, epsilon));
        // All of its gradient by the encoder comes by way of z.
        Assert.All(results[2], g => Assert.Equal(0, g, 1e-5));
        for (var i = 0; i < Latent; i++)
        {
            const double Step = 1e-4;
            var (up, down) = (results[0].Select(v => (double)v).ToArray(), results[0].Select(v => (double)v).ToArray());
            up[i] += Step;
            down[i] -= Step;
            Assert.Equal((LogNormal(up, numbers, isFull) - LogNormal(down, numbers, isFull)) / (2 * Step), results[1][i], 2e-3);
        }
    }

    [Fact]
    public void The_density_of_a_flow_falls_by_its_Jacobian()
    {
        var family = CodePosterior.Flow(2, 8).Begin(Latent, new(1, 1));
        var random = new RandomNumbers(5, 1);
        foreach (var variable in family.Variables)
        {
            foreach (ref var value in variable.AsSpan<float>())
                value += (float)(0.3 * random.NextNormal());
        }
        var (parameters, noise) = (Tensor.Input("parameters", [1, family.ParameterCount]), Tensor.Input("noise", [1, 1, Latent]));
        var draw = family.Draw(parameters, noise);
        var rows = Enumerable.Range(0, Latent).Select(i => Gradient.Of(draw.Z.Reshape([Latent]).Slice(0, i, 1).Sum(), noise)[0]).ToArray();
        var epsilon = Graph.Normals(Latent, 13);
        var results = Graph.Run([draw.LogDensity, .. rows], (parameters, Graph.Normals(family.ParameterCount, 14)), (noise, epsilon));
        var j = results[1..];
        var determinant = j[0][0] * (j[1][1] * j[2][2] - (double)j[1][2] * j[2][1]) - j[0][1] * (j[1][0] * j[2][2] - (double)j[1][2] * j[2][0]) + j[0][2] * (j[1][0] * j[2][1] - (double)j[1][1] * j[2][0]);
        var expected = epsilon.Sum(e => -0.5 * e * e - 0.5 * Math.Log(2 * Math.PI)) - Math.Log(Math.Abs(determinant));
        Assert.Equal(expected, results[0][0], 1e-3);
    }

    private static double LogNormal(double[] z, float[] of, bool isFull)
    {
        var (epsilon, log) = (new double[Latent], 0.0);
        for (var i = 0; i < Latent; i++)
        {
            epsilon[i] = (z[i] - of[i]) / Math.Exp(0.5 * of[Latent + i]);
            for (var j = 0; j < i && isFull; j++)
                epsilon[i] -= of[2 * Latent + i * Latent + j] * epsilon[j];
            log -= 0.5 * epsilon[i] * epsilon[i];
        }
        return log;
    }
}
