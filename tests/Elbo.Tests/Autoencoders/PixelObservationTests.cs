using Elbo.Compute;
using Elbo.Likelihoods;

namespace Elbo.Tests.Autoencoders;

public sealed class PixelObservationTests
{
    // Outputs far out as well: near and far from the middle, and beyond where naive formulae overflow.
    private static readonly float[] Outputs = [-60, -8, -1, -0.3f, -1e-3f, 0, 1e-4f, 0.2f, 0.49f, 0.51f, 2, 9, 60];
    private static readonly float[] Scales = [-4, -1, 0, 1.5f];

    [Fact]
    public void A_Bernoulli_gives_black_and_white_all_probability()
    {
        foreach (var output in Outputs)
            Assert.Equal(1, LogDensities(PixelLikelihood.Bernoulli, [output], [0, 1]).Sum(Math.Exp), 1e-5);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(17)]
    public void All_shades_together_have_all_probability_of_a_discretised_logistic(int count)
    {
        float[] shades = [.. Enumerable.Range(0, count).Select(s => s / (count - 1f))];
        foreach (var location in Outputs.Where(o => Math.Abs(o) < 10))
        {
            foreach (var scale in Scales)
                Assert.Equal(1, LogDensities(PixelLikelihood.DiscretisedLogistic, [location, scale], shades, count).Sum(Math.Exp), 2e-4);
        }
    }

    [Fact]
    public void A_continuous_Bernoulli_is_a_density_with_the_mean_it_says()
    {
        const int Points = 20_001;
        float[] shades = [.. Enumerable.Range(0, Points).Select(s => s / (Points - 1f))];
        foreach (var output in Outputs)
        {
            double[] density = [.. LogDensities(PixelLikelihood.ContinuousBernoulli, [output], shades).Select(Math.Exp)];
            Assert.Equal(1, Simpson(density), 2e-3);
            Assert.Equal(Simpson([.. density.Select((d, i) => d * shades[i])]), Mean(PixelLikelihood.ContinuousBernoulli, [output]), 2e-3);
        }
    }

    [Theory]
    [InlineData(PixelLikelihood.Bernoulli)]
    [InlineData(PixelLikelihood.ContinuousBernoulli)]
    [InlineData(PixelLikelihood.DiscretisedLogistic)]
    [InlineData(PixelLikelihood.Gaussian)]
    public void Draws_have_the_mean_by_rows_and_by_expressions(PixelLikelihood likelihood)
    {
        foreach (var output in new[] { -1.5f, -0.2f, 0, 0.3f, 1.2f })
        {
            // A narrow scale: a logistic that reaches over the ends of the range has another mean than its location.
            float[] parameters = likelihood is PixelLikelihood.Bernoulli or PixelLikelihood.ContinuousBernoulli ? [output] : [0.4f * output, -3];
            var observation = new PixelObservation(new(1, 1, 1), likelihood);
            var random = new RandomNumbers(3, 1);
            var (draw, sum, squares) = (new float[1], 0.0, 0.0);
            const int Draws = 20_000;
            for (var i = 0; i < Draws; i++)
            {
                observation.Draw(parameters, draw, random);
                (sum, squares) = (sum + draw[0], squares + draw[0] * draw[0]);
            }
            var mean = sum / Draws;
            var error = Math.Sqrt((squares / Draws - mean * mean) / Draws);
            Assert.InRange(Mean(likelihood, parameters) - mean, -5 * error - 1e-3, 5 * error + 1e-3);
            var input = Tensor.Input("parameters", [1, 1, parameters.Length]);
            Assert.Equal(Mean(likelihood, parameters), Graph.Run([observation.Means(input)], (input, parameters))[0][0], 1e-5);
        }
    }

    [Fact]
    public void Blocks_of_pixels_share_an_image_out()
    {
        var observation = new PixelObservation(new(28, 27, 3), PixelLikelihood.Gaussian);
        int[] counts = [.. Enumerable.Range(0, observation.Size).GroupBy(observation.TermOf).OrderBy(g => g.Key).Select(g => g.Count())];
        Assert.Equal(16, counts.Length);
        Assert.Equal(observation.Size, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 7 * 6 * 3, 7 * 7 * 3));
        Assert.Equal("rows 1-7, columns 1-7", observation.Terms[0]);
        Assert.Equal("rows 22-28, columns 22-27", observation.Terms[15]);
        Assert.Equal(0, observation.TermOf(0));
        Assert.Equal(15, observation.TermOf(observation.Size - 1));
    }

    [Fact]
    public void Missing_pixels_count_for_nothing()
    {
        var observation = new PixelObservation(new(1, 3, 1), PixelLikelihood.Bernoulli);
        var (parameters, values, mask) = (Tensor.Input("parameters", [1, 1, 3]), Tensor.Input("values", [1, 3]), Tensor.Input("mask", [1, 3]));
        var cells = Graph.Run([observation.LogDensity(parameters, values, mask)], (parameters, [1, 2, 3]), (values, [1, 1, 1]), (mask, [1, 0, 1]))[0];
        Assert.Equal(0, cells[1]);
        Assert.True(cells[0] < 0 && cells[2] < 0);
    }

    private static double[] LogDensities(PixelLikelihood likelihood, float[] parameters, float[] values, int shades = 256)
    {
        var observation = new PixelObservation(new(1, values.Length, 1), likelihood, shades: shades);
        var (outputs, row) = (Tensor.Input("outputs", [1, 1, observation.ParameterCount]), Tensor.Input("row", [1, values.Length]));
        float[] all = [.. Enumerable.Repeat(parameters, values.Length).SelectMany(p => p)];
        return [.. Graph.Run([observation.LogDensity(outputs, row, null)], (outputs, all), (row, values))[0].Select(d => (double)d)];
    }

    private static double Mean(PixelLikelihood likelihood, float[] parameters)
    {
        var mean = new float[1];
        new PixelObservation(new(1, 1, 1), likelihood).Mean(parameters, mean);
        return mean[0];
    }

    private static double Simpson(double[] values)
    {
        var sum = values[0] + values[^1];
        for (var i = 1; i < values.Length - 1; i++)
            sum += values[i] * (i % 2 == 1 ? 4 : 2);
        return sum / 3 / (values.Length - 1);
    }
}
