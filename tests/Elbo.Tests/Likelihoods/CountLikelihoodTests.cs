using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Tests.Likelihoods;

public sealed class CountLikelihoodTests
{
    public static TheoryData<double, double> CountsAndLogRates
    {
        get
        {
            var data = new TheoryData<double, double>();
            foreach (var count in (double[])[0, 1, 2, 7, 40, 500, 20_000])
            {
                foreach (var logRate in (double[])[-12, -1, 0, 0.5, 3, 6.25, 10, 14])
                    data.Add(count, logRate);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CountsAndLogRates))]
    public void A_Poisson_has_its_log_mass(double count, double logRate)
    {
        using var graph = Graph(LikelihoodKind.Poisson, location: 1, scale: 2);
        var expected = ClosedForms.Poisson(count, Math.Exp(logRate));
        Assert.Equal(expected, graph.LogDensity([(logRate - 1) / 2], [count])[0], Rounding(expected, count, logRate));
    }

    // A column without more spread than Poisson drives the dispersion up without end: rounding must not drown the bound then.
    [Theory]
    [MemberData(nameof(CountsAndLogRates))]
    public void A_negative_binomial_has_its_log_mass_at_every_dispersion(double count, double logRate)
    {
        using var graph = Graph(LikelihoodKind.NegativeBinomial, location: 1, scale: 2);
        foreach (var logDispersion in (double[])[-5, -1, 0, 1.5, 2.25, 4, 8, 12, 20])
        {
            graph.Block.Shared[0].AsSpan<float>()[0] = (float)logDispersion;
            var expected = ClosedForms.NegativeBinomial(count, Math.Exp(logRate), Math.Exp(logDispersion));
            Assert.Equal(expected, graph.LogDensity([(logRate - 1) / 2], [count])[0], Rounding(expected, count, logRate));
        }
    }

    [Theory]
    [InlineData(LikelihoodKind.Poisson, 0.3, 0)]
    [InlineData(LikelihoodKind.Poisson, 4.5, 0)]
    [InlineData(LikelihoodKind.NegativeBinomial, 1.2, -1)]
    [InlineData(LikelihoodKind.NegativeBinomial, 3, 1.1)]
    [InlineData(LikelihoodKind.NegativeBinomial, 4, 9)]
    public void Masses_sum_to_one_and_have_the_expected_mean(LikelihoodKind family, double logRate, double logDispersion)
    {
        const int Counts = 2000;
        using var graph = Graph(family, location: 0, scale: 1, Counts);
        Disperse(graph, logDispersion);
        var masses = Masses(graph, logRate);
        Assert.Equal(1, masses.Sum(), 1e-3);
        var statistics = new double[1];
        graph.Block.AddExpectation(0, [(float)logRate], 1, statistics);
        Assert.Equal(masses.Select((m, k) => m * k).Sum(), statistics[0], 1e-3 * statistics[0]);
    }

    [Theory]
    [InlineData(LikelihoodKind.Poisson, 1.5, 0)]
    [InlineData(LikelihoodKind.Poisson, 3, 0)]
    [InlineData(LikelihoodKind.NegativeBinomial, 1.2, -1)]
    [InlineData(LikelihoodKind.NegativeBinomial, 3, 1.1)]
    public void Draws_have_the_frequencies_of_the_mass(LikelihoodKind family, double logRate, double logDispersion)
    {
        const int Draws = 40_000;
        using var graph = Graph(family, location: 0, scale: 1, 400);
        Disperse(graph, logDispersion);
        var masses = Masses(graph, logRate);
        var seen = new int[masses.Length];
        var random = new RandomNumbers(1, 2);
        for (var i = 0; i < Draws; i++)
            seen[(int)Math.Min(graph.Block.Draw(0, [(float)logRate], random), masses.Length - 1)]++;
        int[] cells = [.. Enumerable.Range(0, masses.Length).Where(k => masses[k] * Draws >= 20)];
        var statistic = cells.Sum(k => Math.Pow(seen[k] - masses[k] * Draws, 2) / (masses[k] * Draws));
        Assert.InRange(statistic, 0, cells.Length + 4 * Math.Sqrt(2.0 * cells.Length));
    }

    [Theory]
    [InlineData(LikelihoodKind.Poisson)]
    [InlineData(LikelihoodKind.NegativeBinomial)]
    public void Density_and_gradient_are_finite_however_wrong_the_network_is(LikelihoodKind family)
    {
        using var graph = Graph(family, location: 2, scale: 1);
        foreach (var output in (double[])[0, 1e-20, -13, 13, -1e6, 1e6])
        {
            foreach (var count in (double[])[0, 1, 1e6, 1e12])
            {
                foreach (var logDispersion in (double[])[-20, 0, 20])
                {
                    Disperse(graph, logDispersion);
                    Assert.True(double.IsFinite(graph.LogDensity([output], [count])[0]), $"{output} {count} {logDispersion}");
                    Assert.All(graph.Gradients(), g => Assert.True(double.IsFinite(g), $"{output} {count} {logDispersion}"));
                }
            }
        }
    }

    // Central differences of the closed form.
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(3, -1, -2)]
    [InlineData(40, 4, 0.5)]
    [InlineData(40, 4, 2.5)]
    [InlineData(5, 2, 7)]
    [InlineData(200, 5, 10)]
    public void Gradients_are_those_of_the_closed_form(double count, double logRate, double logDispersion)
    {
        const double Step = 1e-4;
        using var graph = Graph(LikelihoodKind.NegativeBinomial, location: 0, scale: 1);
        Disperse(graph, logDispersion);
        graph.LogDensity([logRate], [count]);
        double At(double a, double b) => ClosedForms.NegativeBinomial(count, Math.Exp(logRate + a), Math.Exp(logDispersion + b));
        var gradients = graph.Gradients();
        Assert.Equal((At(Step, 0) - At(-Step, 0)) / (2 * Step), gradients[0], 2e-3 * (1 + count / 100));
        Assert.Equal((At(0, Step) - At(0, -Step)) / (2 * Step), gradients[1], 2e-3 * (1 + count / 100));
    }

    // A log-rate near ln μ is rounded to 2⁻²¹, which moves the log-mass by count − rate times that.
    private static double Rounding(double expected, double count, double logRate) =>
        2e-5 + 2e-6 * Math.Abs(expected) + 2e-6 * Math.Abs(count - Math.Exp(logRate)) + 1e-7 * count;

    private static double[] Masses(LikelihoodGraph graph, double logRate) =>
        [.. graph.LogDensity([logRate], [.. Enumerable.Range(0, graph.Rows).Select(k => (double)k)]).Select(Math.Exp)];

    private static void Disperse(LikelihoodGraph graph, double logDispersion)
    {
        if (graph.Block.Shared.Count > 0)
            graph.Block.Shared[0].AsSpan<float>()[0] = (float)logDispersion;
    }

    private static LikelihoodGraph Graph(LikelihoodKind family, double location, double scale, int rows = 1) =>
        new(new CountLikelihood([LikelihoodGraph.Column(ColumnKind.Count, family, location, scale)]), rows);
}
