using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Distributions;
using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Tests.Missing;

/// <summary>ln p(cell, hole | code) against numerical integration and enumeration over what a missing cell could have been.</summary>
public sealed class MaskModelTests
{
    private const double Slope = 1.7;
    private const double Threshold = 0.4;
    private const double Offset = -0.3;

    [Theory]
    [InlineData(LikelihoodKind.Gaussian, MaskedEnd.High)]
    [InlineData(LikelihoodKind.Gaussian, MaskedEnd.Low)]
    [InlineData(LikelihoodKind.Gaussian, MaskedEnd.Either)]
    [InlineData(LikelihoodKind.StudentT, MaskedEnd.High)]
    [InlineData(LikelihoodKind.LogNormal, MaskedEnd.Low)]
    public void A_hole_is_the_integral_over_all_values_of_its_probability(LikelihoodKind likelihood, MaskedEnd end)
    {
        var kind = likelihood == LikelihoodKind.LogNormal ? ColumnKind.Positive : ColumnKind.Real;
        using var graph = new HoleGraph([new(new Column("x", kind), likelihood, 0.5, 1.5, 0, -9, 9)], Missingness.SelfMasking([new("x", end)]));
        var sign = end == MaskedEnd.Low ? -1 : 1;
        graph.Set("mask0.slope", end == MaskedEnd.Either ? Math.Asinh(Slope) : Math.Log(Slope));
        graph.Set("mask0.threshold", Threshold);
        graph.Set("mask0.offset", Offset);
        foreach (var location in new[] { -1.3, 0.2, 2.5 })
        {
            // In encoded units, where the scale of a new column is 0.7 + 0.01 and its degrees of freedom 5 + 2.
            double Density(double u)
            {
                var z = (u - location) / 0.71;
                return likelihood == LikelihoodKind.StudentT ? MathNet.Numerics.Distributions.StudentT.PDF(0, 1, 7, z) / 0.71 : Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI) / 0.71;
            }
            double Missing(double u) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, sign * Slope * (u - Threshold) + Offset);
            var hole = Simpson(u => Density(u) * Missing(u), location - 60, location + 60);
            Assert.Equal(Math.Log(hole), graph.LogDensity([location], [0], [0])[0], 2e-4);
            var jacobian = Math.Log(1.5) + (likelihood == LikelihoodKind.LogNormal ? 0.8 * 1.5 + 0.5 : 0);
            Assert.Equal(Math.Log(Density(0.8) * (1 - Missing(0.8))) - jacobian, graph.LogDensity([location], [0.8], [1])[0], 2e-5);
        }
    }

    [Fact]
    public void Holes_of_levels_are_sums_over_levels()
    {
        Column[] columns = [new("yes", ColumnKind.Binary, ["a", "b"]), new("size", ColumnKind.Ordinal, ["s", "m", "l"]), new("colour", ColumnKind.Category, ["r", "g", "b"])];
        LikelihoodKind[] kinds = [LikelihoodKind.Bernoulli, LikelihoodKind.Ordinal, LikelihoodKind.Categorical];
        for (var which = 0; which < 3; which++)
        {
            var levels = columns[which].Levels.Count;
            var column = new ModelledColumn(columns[which], kinds[which], 0, 1, 0, 0, levels - 1);
            using var graph = new HoleGraph([column], Missingness.SelfMasking([new(column.Column.Name, MaskedEnd.Either)]));
            using var without = new HoleGraph([column], Missingness.Ignorable);
            for (var level = 0; level < levels; level++)
                graph.Set("mask0.offset", 0.7 * level - 0.5, level);
            double[] outputs = kinds[which] == LikelihoodKind.Categorical ? [0.4, -0.2, 0.9] : [0.6];
            double Missing(int level) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, 0.7 * level - 0.5);
            double P(int level) => Math.Exp(without.LogDensity(outputs, [level], [1])[0]);
            Assert.Equal(1, Enumerable.Range(0, levels).Sum(P), 1e-5);
            Assert.Equal(Math.Log(Enumerable.Range(0, levels).Sum(l => P(l) * Missing(l))), graph.LogDensity(outputs, [0], [0])[0], 1e-5);
            Assert.Equal(Math.Log(P(1) * (1 - Missing(1))), graph.LogDensity(outputs, [1], [1])[0], 1e-5);
        }
    }

    // Each draw of the missing cells gives an unbiased estimate of p(observed, s|z), whatever the dependence: their mean is the integral.
    [Fact]
    public void Holes_that_depend_on_the_whole_row_are_right_on_average()
    {
        ModelledColumn[] columns = [.. new[] { "a", "b" }.Select(n => new ModelledColumn(new Column(n, ColumnKind.Real), LikelihoodKind.Gaussian, 0, 1, 0, -9, 9))];
        const int draws = 200_000;
        using var graph = new HoleGraph(columns, new JointMissingness(null, ["a", "b"]), draws);
        double[,] weights = { { 0.9, -0.4 }, { -0.6, 0.3 } };
        for (var i = 0; i < 4; i++)
            graph.Set("mask.0.weight", weights[i / 2, i % 2], i);
        graph.Set("mask.0.bias", 0.2, 0);
        graph.Set("mask.0.bias", -0.5, 1);
        // b is known and a missing.
        const double known = 0.7;
        double Cdf(double x) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x);
        double Density(double x, double mean) => Math.Exp(-0.5 * Math.Pow((x - mean) / 0.71, 2)) / Math.Sqrt(2 * Math.PI) / 0.71;
        var exact = Simpson(a => Density(a, 0.3) * Cdf(0.9 * a - 0.6 * known + 0.2) * (1 - Cdf(-0.4 * a + 0.3 * known - 0.5)), -12, 12) * Density(known, -0.1);
        var estimates = graph.LogDensity([0.3, -0.1], [0, known], [0, 1]).Chunk(2).Select(pair => Math.Exp(pair.Sum())).ToArray();
        Assert.Equal(draws, estimates.Length);
        Assert.Equal(1, estimates.Average() / exact, 0.01);
        Assert.Throws<ArgumentException>(() => graph.Observation.LogDensity(Tensor.Input("p", [1, 1, 2]), Tensor.Input("v", [1, 2]), null));
    }

    private static double Simpson(Func<double, double> f, double from, double to)
    {
        const int steps = 40_000;
        var (h, sum) = ((to - from) / steps, f(from) + f(to));
        for (var i = 1; i < steps; i++)
            sum += f(from + i * h) * (i % 2 == 1 ? 4 : 2);
        return sum * h / 3;
    }

    /// <summary>ln p of the cells of one row, by so many draws.</summary>
    private sealed class HoleGraph : IDisposable
    {
        private readonly Cpu _cpu = new(1);
        private readonly int _draws;
        private readonly Tensor _parameters;
        private readonly Tensor _values;
        private readonly Tensor _mask;
        private readonly Tensor _cells;
        private readonly CompiledFunction _function;

        public HoleGraph(IReadOnlyList<ModelledColumn> columns, Missingness missing, int draws = 1)
        {
            _draws = draws;
            Observation = new(columns, missing);
            (_parameters, _values, _mask) = (Tensor.Input("parameters", [1, 1, Observation.ParameterCount]), Tensor.Input("values", [1, Observation.Size]), Tensor.Input("mask", [1, Observation.Size]));
            _cells = Observation.Score(_parameters.BroadcastTo([draws, 1, Observation.ParameterCount]), _values, _mask, RandomDraws.Of(3)).LogDensity;
            _function = _cpu.Compile([_cells]);
        }

        public TableObservation Observation { get; }

        public void Set(string name, double value, int at = 0) => Observation.Variables.Single(v => v.Name == name).AsSpan<float>()[at] = (float)value;

        public double[] LogDensity(double[] parameters, double[] values, double[] mask)
        {
            RowBatch.Write(_function, _parameters, parameters);
            RowBatch.Write(_function, _values, values);
            RowBatch.Write(_function, _mask, mask);
            _function.Run();
            var cells = new double[_draws * values.Length];
            RowBatch.Read(_function, _cells, cells);
            return cells;
        }

        public void Dispose()
        {
            _function.Dispose();
            _cpu.Dispose();
            foreach (var variable in Observation.Variables)
                variable.Dispose();
        }
    }
}
