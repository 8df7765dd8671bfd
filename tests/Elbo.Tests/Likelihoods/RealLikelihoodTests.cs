using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Tables;
using FsCheck;
using FsCheck.Fluent;

namespace Elbo.Tests.Likelihoods;

public sealed class RealLikelihoodTests
{
    private const int Points = 4001;

    private static readonly Arbitrary<int[]> Cases = Gen.Choose(-4096, 4096).ArrayOf(4).ToArbitrary();

    [Fact]
    public void A_Gaussian_has_its_density_in_the_units_of_the_column()
    {
        using var graph = Graph(LikelihoodKind.Gaussian, location: 12, scale: 3);
        Prop.ForAll(Cases, c =>
        {
            var (x, output, logScale, _) = Numbers(c, graph.Block.Columns[0]);
            Assert.Equal(ClosedForms.Gaussian(x, 12 + 3 * output, 3 * (Math.Exp(logScale) + 0.01)), Density(graph, output, x, logScale), Rounding);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_Student_t_has_its_density_in_the_units_of_the_column()
    {
        using var graph = Graph(LikelihoodKind.StudentT, location: -200, scale: 0.05);
        Prop.ForAll(Cases, c =>
        {
            var (x, output, logScale, logDegrees) = Numbers(c, graph.Block.Columns[0]);
            var expected = ClosedForms.StudentT(x, -200 + 0.05 * output, 0.05 * (Math.Exp(logScale) + 0.01), Math.Exp(logDegrees) + 2);
            Assert.Equal(expected, Density(graph, output, x, logScale, logDegrees), Rounding);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_log_normal_has_its_density_in_the_units_of_the_column(double shift)
    {
        using var graph = Graph(LikelihoodKind.LogNormal, location: 2, scale: 0.8, shift);
        Prop.ForAll(Cases, c =>
        {
            var (x, output, logScale, _) = Numbers(c, graph.Block.Columns[0]);
            var expected = ClosedForms.LogNormal(x, 2 + 0.8 * output, 0.8 * (Math.Exp(logScale) + 0.01), shift);
            Assert.Equal(expected, Density(graph, output, x, logScale), Rounding);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(LikelihoodKind.Gaussian, 0)]
    [InlineData(LikelihoodKind.StudentT, 0)]
    [InlineData(LikelihoodKind.LogNormal, 0)]
    [InlineData(LikelihoodKind.LogNormal, 1)]
    public void Densities_integrate_to_one(LikelihoodKind family, double shift)
    {
        using var graph = Graph(family, location: 3, scale: 0.7, shift, rows: Points);
        var (_, cumulative) = Integrate(graph, output: 0.4, x => 1);
        Assert.Equal(1, cumulative[^1], 1e-3);
    }

    [Theory]
    [InlineData(LikelihoodKind.Gaussian)]
    [InlineData(LikelihoodKind.StudentT)]
    [InlineData(LikelihoodKind.LogNormal)]
    public void Expectations_are_means_of_the_density(LikelihoodKind family)
    {
        using var graph = Graph(family, location: 3, scale: 0.7, rows: Points);
        var (_, mean) = Integrate(graph, output: 0.4, x => x);
        var statistics = new double[1];
        graph.Block.AddExpectation(0, [0.4f], 0.25, statistics);
        graph.Block.AddExpectation(0, [0.4f], 0.75, statistics);
        Assert.Equal(mean[^1], statistics[0], 2e-3 * Math.Abs(mean[^1]));
        Assert.Equal(statistics[0], graph.Block.Point(0, statistics), 1e-12);
    }

    [Fact]
    public void Log_normal_counts_are_expected_at_the_median_of_their_density()
    {
        using var graph = Graph(LikelihoodKind.LogNormal, location: 3, scale: 0.7, shift: 1, rows: Points);
        var (grid, cumulative) = Integrate(graph, output: 0.4, x => 1);
        var median = grid[Array.FindIndex(cumulative, c => c >= 0.5)];
        var statistics = new double[1];
        graph.Block.AddExpectation(0, [0.4f], 1, statistics);
        Assert.Equal(median, statistics[0], 1e-2 * median);
    }

    [Theory]
    [InlineData(LikelihoodKind.Gaussian)]
    [InlineData(LikelihoodKind.StudentT)]
    [InlineData(LikelihoodKind.LogNormal)]
    public void Draws_follow_the_density(LikelihoodKind family)
    {
        const int Draws = 50_000;
        using var graph = Graph(family, location: 3, scale: 0.7, rows: Points);
        var (grid, cumulative) = Integrate(graph, output: -0.3, x => 1);
        var random = new RandomNumbers(1, 9);
        var draws = new double[Draws];
        for (var i = 0; i < Draws; i++)
            draws[i] = graph.Block.Draw(0, [-0.3f], random);
        Array.Sort(draws);
        var (distance, at) = (0.0, 0);
        for (var i = 0; i < Draws; i++)
        {
            while (at < Points - 2 && grid[at + 1] < draws[i])
                at++;
            var share = Math.Clamp((draws[i] - grid[at]) / (grid[at + 1] - grid[at]), 0, 1);
            var p = cumulative[at] + share * (cumulative[at + 1] - cumulative[at]);
            distance = Math.Max(distance, Math.Abs(p - (i + 0.5) / Draws));
        }
        // Kolmogorov: true draws exceed this once in 20,000.
        Assert.InRange(distance, 0, Math.Sqrt(Math.Log(2 / 5e-5) / (2 * Draws)));
    }

    [Theory]
    [InlineData(LikelihoodKind.Gaussian)]
    [InlineData(LikelihoodKind.StudentT)]
    [InlineData(LikelihoodKind.LogNormal)]
    public void Density_and_gradient_are_finite_however_wrong_the_network_is(LikelihoodKind family)
    {
        using var graph = Graph(family, location: 1, scale: 2, rows: 1);
        foreach (var output in (double[])[0, 1e-20, -50, 1e3, -1e6])
        {
            foreach (var residual in (double[])[0, 1e-12, -1e3, 1e6])
            {
                foreach (var learned in (double[])[-40, 0, 20])
                {
                    Set(graph, learned, learned);
                    var encoded = family == LikelihoodKind.LogNormal ? Math.Clamp(output + residual, -100, 100) : output + residual;
                    Assert.True(double.IsFinite(graph.LogDensity([output], [graph.Block.Columns[0].Decode(encoded)])[0]), $"{output} {residual} {learned}");
                    Assert.All(graph.Gradients(), g => Assert.True(double.IsFinite(g), $"{output} {residual} {learned}"));
                }
            }
        }
    }

    [Fact]
    public void Points_and_expectations_stay_within_what_training_saw()
    {
        using var graph = new LikelihoodGraph(new RealLikelihood([LikelihoodGraph.Column(ColumnKind.Positive, LikelihoodKind.LogNormal, 0, 1, minimum: 0.5, maximum: 80)]), 1);
        var statistics = new double[1];
        graph.Block.AddExpectation(0, [300f], 1, statistics);
        Assert.Equal(80, statistics[0]);
        Assert.Equal(0.5, graph.Block.Point(0, [0.1]));
    }

    // Trapezoids over a grid that is fine in the middle and reaches far out: x = centre + width·sinh(t), or its exponential.
    private static (double[] Grid, double[] Cumulative) Integrate(LikelihoodGraph graph, double output, Func<double, double> f)
    {
        Set(graph, Math.Log(0.6), Math.Log(1.5));
        var column = graph.Block.Columns[0];
        double[] grid = [.. Enumerable.Range(0, Points).Select(i => column.Decode(output + Math.Sinh(20.0 * i / (Points - 1) - 10) * (column.Likelihood == LikelihoodKind.LogNormal ? 1e-3 : 0.1)))];
        var densities = graph.LogDensity([output], grid);
        var cumulative = new double[Points];
        for (var i = 1; i < Points; i++)
        {
            var height = (f(grid[i]) * Math.Exp(densities[i]) + f(grid[i - 1]) * Math.Exp(densities[i - 1])) / 2;
            cumulative[i] = cumulative[i - 1] + (grid[i] - grid[i - 1]) * height;
        }
        return (grid, cumulative);
    }

    private static LikelihoodGraph Graph(LikelihoodKind family, double location, double scale, double shift = 0, int rows = 1) =>
        new(new RealLikelihood([LikelihoodGraph.Column(ColumnKind.Real, family, location, scale, shift)]), rows);

    private static double Density(LikelihoodGraph graph, double output, double x, double logScale, double logDegrees = 0)
    {
        Set(graph, logScale, logDegrees);
        return graph.LogDensity([output], [x])[0];
    }

    private static void Set(LikelihoodGraph graph, double logScale, double logDegrees)
    {
        graph.Block.Shared[0].AsSpan<float>().Fill((float)logScale);
        if (graph.Block.Shared.Count > 1)
            graph.Block.Shared[1].AsSpan<float>().Fill((float)logDegrees);
    }

    // Residuals up to six learned scales, outputs up to 4; all are numbers that single precision holds.
    private static (double X, double Output, double LogScale, double LogDegrees) Numbers(int[] c, ModelledColumn column)
    {
        var (residual, output, logScale, logDegrees) = (c[0] * 1.5 / 1024, c[1] / 1024.0, c[2] / 2048.0 - 1, c[3] / 1024.0 + 2);
        return (column.Decode(output + residual * Math.Exp(logScale)), output, logScale, logDegrees);
    }

    // Residuals near 4 are rounded to 2⁻²², and divided by scales down to 0.06.
    private const double Rounding = 3e-4;
}
