using Elbo.Compute;
using Elbo.Objectives;

namespace Elbo.Tests.Objectives;

public sealed class GaussianDivergenceTests
{
    public static TheoryData<double, double> MeansAndLogVariances
    {
        get
        {
            var data = new TheoryData<double, double>();
            foreach (var mean in (double[])[0, -0.3, 1, 5])
            {
                foreach (var logVariance in (double[])[-14, -3, -0.01, 0, 0.5, 4])
                    data.Add(mean, logVariance);
            }
            return data;
        }
    }

    // ∫ q ln(q/p) by trapezoids over sixteen standard deviations.
    [Theory]
    [MemberData(nameof(MeansAndLogVariances))]
    public void The_divergence_is_its_integral(double mean, double logVariance)
    {
        const int Steps = 4000;
        var (sd, integral) = (Math.Exp(logVariance / 2), 0.0);
        for (var i = 0; i <= Steps; i++)
        {
            var e = 16.0 * i / Steps - 8;
            var z = mean + sd * e;
            integral += 16.0 / Steps * Math.Exp(-0.5 * e * e) / Math.Sqrt(2 * Math.PI) * (0.5 * z * z - 0.5 * e * e - Math.Log(sd));
        }
        Assert.Equal(integral, Divergence(mean, logVariance).Value, 1e-5 * (1 + integral));
    }

    [Fact]
    public void The_divergence_of_the_prior_from_itself_is_zero_and_stationary()
    {
        var (value, byMean, byLogVariance) = Divergence(0, 0);
        Assert.Equal((0.0, 0.0, 0.0), (value, byMean, byLogVariance));
    }

    // Near the prior, where a formula in σ² − ln σ² − 1 would leave only rounding: v²/4.
    [Fact]
    public void Small_divergences_keep_their_digits() => Assert.Equal(0.25e-8, Divergence(0, 1e-4).Value, 0.25e-11);

    [Fact]
    public void Prior_minus_posterior_averages_to_minus_the_divergence()
    {
        const int Draws = 200_000;
        var (mean, logVariance) = (0.7, -0.4);
        var random = new RandomNumbers(1, 1);
        double[] noise = [.. Enumerable.Range(0, Draws).Select(_ => random.NextNormal())];
        double[] z = [.. noise.Select(e => mean + Math.Exp(logVariance / 2) * e)];
        using var cpu = new Cpu(1);
        var difference = GaussianDivergence.LogPriorMinusPosterior(Tensor.FromArray(z, [Draws]), Tensor.FromArray(noise, [Draws]), Tensor.Full([Draws], logVariance));
        using var function = cpu.Compile([difference]);
        function.Run();
        var values = function.Output<float>(difference);

        double Gaussian(double x, double m, double v) => -0.5 * (x - m) * (x - m) / v - 0.5 * Math.Log(2 * Math.PI * v);
        Assert.Equal(Gaussian(z[5], 0, 1) - Gaussian(z[5], mean, Math.Exp(logVariance)), values[5], 1e-5);
        Assert.Equal(-Divergence(mean, logVariance).Value, values.ToArray().Average(v => (double)v), 4.0 / Math.Sqrt(Draws));
    }

    private static (double Value, double ByMean, double ByLogVariance) Divergence(double mean, double logVariance)
    {
        using var cpu = new Cpu(1);
        var (m, v) = (Tensor.Input("mean", [1]), Tensor.Input("logVariance", [1]));
        var divergence = GaussianDivergence.ToStandardNormal(m, v);
        var gradients = Gradient.Of(divergence, m, v);
        using var function = cpu.Compile([divergence, .. gradients]);
        function.Input<float>(m)[0] = (float)mean;
        function.Input<float>(v)[0] = (float)logVariance;
        function.Run();
        return (function.Scalar(divergence), function.Scalar(gradients[0]), function.Scalar(gradients[1]));
    }
}
