using Elbo.Compute;
using Elbo.Diffusion;
using Elbo.Likelihoods;
using Elbo.Tables;
using MathNet.Numerics.Distributions;

namespace Elbo.Tests.Diffusion;

public class TableReadoutTests
{
    private const double Deviation = 0.3;

    // A vector that is near no value in particular, so that every value has its share.
    private static double[] Seen(int width) => [.. Enumerable.Range(0, width).Select(i => 0.4 * Math.Sin(3 * i + 1))];

    private static ModelledColumn Column(ColumnKind kind, LikelihoodKind family, int levels = 0, double location = 0, double scale = 1) =>
        new(new(family.ToString(), kind, [.. Enumerable.Range(0, levels).Select(l => $"l{l}")]), family, location, scale, 0, 0, 1000);

    public static TheoryData<LikelihoodKind, int> Discrete => new()
    {
        { LikelihoodKind.Bernoulli, 2 },
        { LikelihoodKind.Categorical, 5 },
        { LikelihoodKind.Ordinal, 4 },
        { LikelihoodKind.Poisson, 400 },
        { LikelihoodKind.NegativeBinomial, 400 },
    };

    [Theory]
    [MemberData(nameof(Discrete))]
    public void Probabilities_of_all_values_of_a_column_sum_to_one_and_draws_follow_them(LikelihoodKind family, int values)
    {
        var kind = family switch { LikelihoodKind.Bernoulli => ColumnKind.Binary, LikelihoodKind.Categorical => ColumnKind.Category, LikelihoodKind.Ordinal => ColumnKind.Ordinal, _ => ColumnKind.Count };
        var column = Column(kind, family, kind == ColumnKind.Count ? 0 : values, location: 1.2, scale: 0.8);
        var readout = Readout.Table(new([column]));
        var seen = Seen(readout.WidthOf(1));
        var probabilities = LogDensity(readout, seen, [.. Enumerable.Range(0, values).Select(v => (double)v)]).Select(Math.Exp).ToArray();
        Assert.Equal(1, probabilities.Sum(), 1e-4);
        var (random, counts, value) = (new RandomNumbers(4, 1), new int[values], new float[1]);
        const int Draws = 20_000;
        for (var i = 0; i < Draws; i++)
        {
            readout.Read(seen, Deviation, random, value);
            counts[(int)value[0]]++;
        }
        for (var v = 0; v < values; v++)
            Assert.InRange(counts[v] / (double)Draws, probabilities[v] - 5 * Math.Sqrt(probabilities[v] / Draws) - 1e-3, probabilities[v] + 5 * Math.Sqrt(probabilities[v] / Draws) + 1e-3);
        // Without noise it is the most probable one.
        readout.Read(seen, Deviation, null, value);
        if (kind != ColumnKind.Count)
            Assert.Equal(Array.IndexOf(probabilities, probabilities.Max()), (int)value[0]);
    }

    [Fact]
    public void Counts_far_out_have_the_probability_of_a_narrow_stretch_of_a_normal()
    {
        var readout = Readout.Table(new([Column(ColumnKind.Count, LikelihoodKind.Poisson, location: 5, scale: 0.7)]));
        foreach (var count in new[] { 10.0, 400, 3000, 1e5, 1e7 })
        {
            var feature = (Math.Log(1 + count) - 5) / 0.7;
            var log = LogDensity(readout, [feature + 0.1], [count], 0.05)[0];
            var half = 0.5 / (1 + count) / 0.7;
            var expected = half > 1e-4 ? Math.Log(Normal.CDF(0, 0.05, -0.1 + half) - Normal.CDF(0, 0.05, -0.1 - half)) : Normal.PDFLn(0, 0.05, -0.1) + Math.Log(2 * half);
            // A count's stretch is not quite even about it on the scale of logarithms.
            Assert.Equal(expected, log, 0.06);
        }
    }

    [Fact]
    public void Densities_are_in_the_units_of_the_column()
    {
        var real = Readout.Table(new([Column(ColumnKind.Real, LikelihoodKind.Gaussian, location: 40, scale: 12)]));
        var (value, encoded) = (47.0, (47.0 - 40) / 12);
        Assert.Equal(Normal.PDFLn(40 + 12 * 0.5, 12 * Deviation, value), LogDensity(real, [0.5], [encoded])[0], 1e-4);
        var positive = Readout.Table(new([Column(ColumnKind.Positive, LikelihoodKind.LogNormal, location: 10, scale: 0.6)]));
        var logged = (Math.Log(30_000) - 10) / 0.6;
        Assert.Equal(LogNormal.PDFLn(10 + 0.6 * 0.5, 0.6 * Deviation, 30_000), LogDensity(positive, [0.5], [logged])[0], 1e-4);
    }

    [Fact]
    public void Cells_of_all_kinds_keep_their_places()
    {
        ModelledColumn[] columns =
        [
            Column(ColumnKind.Count, LikelihoodKind.Poisson), Column(ColumnKind.Category, LikelihoodKind.Categorical, 3), Column(ColumnKind.Real, LikelihoodKind.Gaussian),
            Column(ColumnKind.Ordinal, LikelihoodKind.Ordinal, 4), Column(ColumnKind.Binary, LikelihoodKind.Bernoulli, 2),
        ];
        var observation = new TableObservation(columns);
        var readout = Readout.Table(observation);
        // A place for each level but those of two, which are on one line.
        Assert.Equal(10, readout.WidthOf(5));
        float[] row = [.. observation.Columns.Select(c => c.Likelihood switch { LikelihoodKind.Poisson => 6f, LikelihoodKind.Categorical => 2, LikelihoodKind.Gaussian => -0.7f, LikelihoodKind.Ordinal => 1, _ => 0 })];
        using var cpu = new Cpu(1);
        Tensor values = Tensor.FromArray([.. row.Select(v => (double)v)], [1, 5]), mask = Tensor.FromArray([1, 1, 1, 1, 0], [1, 5]);
        var (whole, holed, isThere) = (readout.Embed(values, null), readout.Embed(values, mask), readout.Repeat(mask));
        using var function = cpu.Compile([whole, holed, isThere]);
        function.Run();
        var seen = function.Output<float>(whole).ToArray().Select(v => (double)v).ToArray();
        var back = new float[5];
        readout.Read(seen, 1e-3, null, back);
        Assert.Equal(row, back, (a, b) => Math.Abs(a - b) < 1e-5);
        for (var i = 0; i < 10; i++)
            Assert.Equal(function.Output<float>(isThere)[i] * seen[i], function.Output<float>(holed)[i], 1e-6);
        Assert.Equal(10 - (observation.Columns[4].Likelihood switch { LikelihoodKind.Categorical => 3, LikelihoodKind.Ordinal => 4, _ => 1 }), function.Output<float>(isThere).ToArray().Sum(), 1e-6);
    }

    private static double[] LogDensity(Readout readout, double[] seen, double[] values, double deviation = Deviation)
    {
        var rows = values.Length;
        var log = readout.LogDensity(
            Tensor.FromArray([.. Enumerable.Repeat(seen, rows).SelectMany(s => s)], [rows, seen.Length]), Tensor.FromArray(values, [rows, 1]), Tensor.Scalar(Math.Log(deviation)));
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([log]);
        function.Run();
        return [.. function.Output<float>(log).ToArray().Select(x => (double)x)];
    }
}
