using Elbo.Compute;
using Elbo.Diffusion;
using MathNet.Numerics.Distributions;

namespace Elbo.Tests.Diffusion;

public class ReadoutTests
{
    [Theory]
    [InlineData(256, 0.0, 0.02)]
    [InlineData(256, 0.93, 0.1)]
    [InlineData(256, -0.4, 0.5)]
    [InlineData(256, 1.02, 0.03)]
    [InlineData(17, 0.3, 0.05)]
    [InlineData(17, -1.1, 0.4)]
    [InlineData(2, 0.2, 0.7)]
    public void Probabilities_of_all_shades_sum_to_one_and_are_those_of_a_normal(int count, double mean, double deviation)
    {
        double last = count - 1;
        var shades = Enumerable.Range(0, count).Select(i => i / last).ToArray();
        var log = LogDensity(Readout.ShadesOf(count), mean, deviation, shades);
        Assert.Equal(1, log.Sum(Math.Exp), 2e-4);
        for (var i = 0; i < count; i++)
        {
            var centre = 2 * shades[i] - 1;
            var above = i == count - 1 ? 1 : Normal.CDF(mean, deviation, centre + 1 / last);
            var below = i == 0 ? 0 : Normal.CDF(mean, deviation, centre - 1 / last);
            if (above - below > 1e-6 && above < 1 - 1e-6)
                Assert.Equal(Math.Log(above - below), log[i], 5e-3);
            // Far out it falls as a normal does, and never to −∞.
            Assert.True(double.IsFinite(log[i]));
        }
    }

    [Fact]
    public void A_density_is_that_of_a_normal()
    {
        double[] values = [-1, 0.2, 3];
        var log = LogDensity(Readout.Density, 0.3, 0.7, values);
        for (var i = 0; i < 3; i++)
            Assert.Equal(Normal.PDFLn(0.3, 0.7, values[i]), log[i], 1e-5);
    }

    [Fact]
    public void Values_come_back_from_what_the_network_sees()
    {
        for (var shade = 0; shade < 256; shade++)
            Assert.Equal(shade / 255f, Value(Readout.Shades, 2 * shade / 255.0 - 1));
        // The nearest of few shades, and the ends for what lies beyond.
        Assert.Equal([0, 0.25f, 0.5f, 1], new[] { -3, -0.6, 0.2, 1.7 }.Select(seen => Value(Readout.ShadesOf(5), seen)));
        Assert.Same(Readout.Shades, Readout.ShadesOf(256));
        Assert.Throws<ArgumentOutOfRangeException>(() => Readout.ShadesOf(1));
    }

    private static float Value(Readout readout, double seen)
    {
        var values = new float[1];
        readout.Read([seen], 0.01, null, values);
        return values[0];
    }

    private static double[] LogDensity(Readout readout, double mean, double deviation, double[] values)
    {
        var log = readout.LogDensity(Tensor.Full([values.Length], mean), Tensor.FromArray(values, [values.Length]), Tensor.Scalar(Math.Log(deviation)));
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([log]);
        function.Run();
        return [.. function.Output<float>(log).ToArray().Select(x => (double)x)];
    }
}
