using Elbo.Compute;
using Elbo.Diagnostics;
using MathNet.Numerics.Distributions;

namespace Elbo.Tests.Diagnostics;

public sealed class AggregateSplitTests
{
    [Fact(DisplayName = "total correlation of [[1,.9],[.9,1]] = 0.8304")]
    public void Codes_that_are_a_correlated_normal_have_its_total_correlation()
    {
        // Covariance 0.1·I within a row, and 0.9 in every place between rows, by quantiles of a line.
        const int Rows = 2000;
        float[] means = [.. Enumerable.Range(0, Rows).SelectMany(n => Enumerable.Repeat((float)(Math.Sqrt(0.9) * Normal.InvCDF(0, 1, (n + 0.5) / Rows)), 2))];
        var split = AggregateSplit.Of(new(means, 2), new(Filled(2 * Rows, Math.Log(0.1)), 2), new() { Draws = 20000, Seed = 3 });

        // The quantiles have a variance that is 0.1 % too small.
        Near(-0.5 * Math.Log(1 - 0.81), split.TotalCorrelation, 0.002);
        Near(0.5 * Math.Log(0.19 / 0.01), split.Information, 0.002);
        Near(0, split.DimensionWise!.Value, 0.002);
        Near(0.8304, split.Marginal, 0.002);
        Assert.InRange(split.TotalCorrelation.StandardError, 1e-4, 0.01);
    }

    [Fact]
    public void Terms_of_a_mixture_of_three_rows_are_those_of_quadrature()
    {
        float[] means = [0, 0, 1.5f, 1, -1, 2];
        float[] logVariances = [0, -1, -2, -0.5f, 0.3f, -1.5f];
        var split = AggregateSplit.Of(new(means, 2), new(logVariances, 2), new() { Draws = 40000 });
        double Part(double z, int row, int j) => Normal.PDF(means[2 * row + j], Math.Exp(0.5 * logVariances[2 * row + j]), z);
        double Marginal(double z, int j) => Enumerable.Range(0, 3).Average(row => Part(z, row, j));

        // By the rectangle rule, which converges geometrically for such functions.
        const double Step = 0.02;
        double[] grid = [.. Enumerable.Range(-500, 1001).Select(i => Step * i)];
        var wise = new double[2];
        for (var j = 0; j < 2; j++)
            wise[j] = grid.Sum(z => Marginal(z, j) is > 1e-300 and var q ? Step * q * (Math.Log(q) - Normal.PDFLn(0, 1, z)) : 0);
        double[][] parts = [.. Enumerable.Range(0, 6).Select(k => grid.Select(z => Part(z, k / 2, k % 2)).ToArray())];
        double[][] marginals = [.. Enumerable.Range(0, 2).Select(j => grid.Select(z => Marginal(z, j)).ToArray())];
        var total = 0.0;
        for (var a = 0; a < grid.Length; a++)
        {
            for (var b = 0; b < grid.Length; b++)
            {
                var q = (parts[0][a] * parts[1][b] + parts[2][a] * parts[3][b] + parts[4][a] * parts[5][b]) / 3;
                total += q > 1e-250 ? Step * Step * q * Math.Log(q / (marginals[0][a] * marginals[1][b])) : 0;
            }
        }
        var divergence = means.Zip(logVariances, (m, v) => 0.5 * (m * m + Math.Exp(v) - v - 1)).Sum() / 3;

        Near(wise[0], split.Dimensions[0], 0);
        Near(wise[1], split.Dimensions[1], 0);
        Near(wise.Sum(), split.DimensionWise!.Value, 0);
        Near(total, split.TotalCorrelation, 0);
        Near(divergence - total - wise.Sum(), split.Information, 0);
        Assert.Equal(divergence, split.Divergence.Value, 1e-6);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(300, 3)]
    [InlineData(700, 1)]
    public void Terms_add_up_and_the_information_stays_below_the_logarithm_of_the_rows(int rows, int dimensions)
    {
        var (means, logVariances) = Codes(rows, dimensions);
        var split = AggregateSplit.Of(means, logVariances, new() { Draws = 500, Threads = 1 });
        Assert.Equal(split.Divergence.Value, split.Information.Value + split.Marginal.Value, 1e-7);
        Assert.Equal(split.Marginal.Value, split.TotalCorrelation.Value + split.DimensionWise!.Value.Value, 1e-7);
        Assert.Equal(split.DimensionWise.Value.Value, split.Dimensions.Sum(d => d.Value), 1e-7);
        Assert.InRange(split.Information.Value, -4 * split.Information.StandardError - 1e-9, Math.Log(rows) + 1e-6);
    }

    [Fact]
    public void One_dimension_has_no_total_correlation()
    {
        var (means, logVariances) = Codes(50, 1);
        var split = AggregateSplit.Of(means, logVariances, new() { Draws = 100 });
        Assert.Equal(0, split.TotalCorrelation.Value, 1e-9);
    }

    [Fact]
    public void A_code_at_the_prior_has_nothing_to_split()
    {
        var split = AggregateSplit.Of(new(new float[4 * 90], 4), new(new float[4 * 90], 4), new() { Draws = 200 });
        foreach (var term in (Estimate[])[split.Divergence, split.Information, split.Marginal, split.TotalCorrelation, .. split.Dimensions])
            Assert.Equal(0, term.Value, 1e-9);
    }

    [Fact]
    public void Codes_apart_from_each_other_name_their_row_and_that_is_said()
    {
        float[] means = [.. Enumerable.Range(0, 200).Select(n => 10f * n)];
        var split = AggregateSplit.Of(new(means, 1), new(new float[200], 1), new() { Draws = 400 });
        Assert.Equal(Math.Log(200), split.Information.Value, 1e-9);
        Assert.True(split.IsSaturated);
        Assert.Contains("more rows would show more of it", split.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Against_the_mixture_itself_as_a_prior_codes_are_not_off_it()
    {
        var (means, logVariances) = Codes(400, 2);
        var split = AggregateSplit.Of(means, logVariances, new() { Draws = 600, LogPrior = z => new CodeMixture(means, logVariances).LogDensities(z, 1).Joint });
        Assert.Equal(0, split.Marginal.Value, 1e-9);
        Assert.Equal(split.Divergence.Value, split.Information.Value, 1e-9);
        Assert.Null(split.DimensionWise);
        // Which is what the same split against N(0, I) says of the information.
        Near(split.Information.Value, AggregateSplit.Of(means, logVariances, new() { Draws = 20000, Seed = 9 }).Information, 4 * split.Information.StandardError);
    }

    [Fact]
    public void Bits_do_not_depend_on_threads_but_on_the_seed()
    {
        var (means, logVariances) = Codes(600, 4);
        AggregateSplit With(int threads, ulong seed) => AggregateSplit.Of(means, logVariances, new() { Draws = 300, Threads = threads, Seed = seed });
        Assert.Equal(With(1, 1).Information, With(3, 1).Information);
        Assert.Equal(With(1, 1).TotalCorrelation, With(2, 1).TotalCorrelation);
        Assert.NotEqual(With(1, 1).Information, With(1, 2).Information);
    }

    [Fact]
    public void Errors_are_those_of_the_estimates()
    {
        var (means, logVariances) = Codes(60, 2);
        AggregateSplit With(int draws, ulong seed) => AggregateSplit.Of(means, logVariances, new() { Draws = draws, Threads = 1, Seed = seed });
        var truth = With(100_000, 1000).Information.Value;
        var squares = Enumerable.Range(0, 60).Sum(seed => With(300, (ulong)seed) is var s ? Math.Pow((s.Information.Value - truth) / s.Information.StandardError, 2) : 0);
        // χ² of 60; draws go round the rows, which makes errors smaller than they are said to be, never larger.
        Assert.InRange(squares, 8, ChiSquared.InvCDF(60, 1 - 1e-5));
    }

    [Fact]
    public void Shapes_that_differ_are_refused()
    {
        Assert.Throws<ArgumentException>(() => AggregateSplit.Of(new(new float[6], 2), new(new float[4], 2)));
        Assert.Throws<ArgumentException>(() => AggregateSplit.Of(new(new float[6], 2), new(new float[6], 3)));
        Assert.Throws<ArgumentException>(() => new Points(new float[] { 1, float.NaN }, 2));
    }

    private static void Near(double expected, Estimate actual, double besides) =>
        Assert.InRange(actual.Value, expected - 4.5 * actual.StandardError - besides - 1e-9, expected + 4.5 * actual.StandardError + besides + 1e-9);

    private static (Points Means, Points LogVariances) Codes(int rows, int dimensions)
    {
        var random = new RandomNumbers(8, 1);
        return (new(Filled(rows * dimensions, () => 0.8 * random.NextNormal()), dimensions), new(Filled(rows * dimensions, () => -1 + 0.5 * random.NextNormal()), dimensions));
    }

    private static float[] Filled(int count, double value) => Filled(count, () => value);

    private static float[] Filled(int count, Func<double> value) => [.. Enumerable.Range(0, count).Select(_ => (float)value())];
}
