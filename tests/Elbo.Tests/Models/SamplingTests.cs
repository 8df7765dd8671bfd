using Elbo.Models;
using Elbo.Tables;
using Elbo.Tests.Training;

namespace Elbo.Tests.Models;

public sealed class SamplingTests
{
    [Fact]
    public void Samples_have_the_margins_and_the_dependence_of_the_training_table()
    {
        var table = MixedTable.Of(2000);
        using var model = TableVae.Fit(table, new() { Latent = 2, Hidden = [32] }, new() { Epochs = 40, LearningRate = 5e-3 });
        var sample = model.Sample(4000, seed: 9);

        Assert.Equal(table.Columns, sample.Columns);
        foreach (var column in table.Columns)
        {
            // Positive columns and counts by their logarithm: the means of the columns themselves are a few outliers'.
            var isLog = column.Kind is ColumnKind.Positive or ColumnKind.Count;
            var (expected, actual) = (Moments(table.Values(column.Name), isLog), Moments(sample.Values(column.Name), isLog));
            Assert.InRange((actual.Mean - expected.Mean) / expected.Deviation, -0.2, 0.2);
            Assert.InRange(actual.Deviation / expected.Deviation, 0.8, 1.25);
        }
        for (var level = 0; level < 5; level++)
            Assert.Equal(Share(table, "ordinal", level), Share(sample, "ordinal", level), 0.08);
        for (var level = 0; level < 3; level++)
            Assert.Equal(Share(table, "category", level), Share(sample, "category", level), 0.08);
        Assert.InRange(Correlation(sample, "real", "ordinal") / Correlation(table, "real", "ordinal"), 0.75, 1.25);
        Assert.InRange(Correlation(sample, "binary", "spread") / Correlation(table, "binary", "spread"), 0.5, 1.5);
    }

    [Fact]
    public void A_seed_decides_the_rows_and_more_rows_begin_with_the_same()
    {
        var table = MixedTable.Of(100);
        using var model = TableVae.Fit(table, new() { Latent = 2, Hidden = [8] }, new() { Epochs = 2, Threads = 1 });
        var (few, many, other) = (model.Sample(100, 3), model.Sample(700, 3), model.Sample(100, 4));
        foreach (var column in table.Columns)
        {
            Assert.Equal(few.Values(column.Name).ToArray(), many.Values(column.Name)[..100].ToArray());
            Assert.NotEqual(few.Values(column.Name).ToArray(), other.Values(column.Name).ToArray());
            Assert.NotEqual(many.Values(column.Name)[..256].ToArray(), many.Values(column.Name)[256..512].ToArray());
        }
    }

    private static double Share(Table table, string column, double level)
    {
        double[] seen = [.. table.Values(column).ToArray().Where(v => !double.IsNaN(v))];
        return seen.Count(v => v == level) / (double)seen.Length;
    }

    private static (double Mean, double Deviation) Moments(ReadOnlySpan<double> values, bool isLog)
    {
        double[] seen = [.. values.ToArray().Where(v => !double.IsNaN(v)).Select(v => isLog ? Math.Log(1 + v) : v)];
        var mean = seen.Average();
        return (mean, Math.Sqrt(seen.Average(v => (v - mean) * (v - mean))));
    }

    private static double Correlation(Table table, string a, string b)
    {
        (double X, double Y)[] pairs = [.. table.Values(a).ToArray().Zip(table.Values(b).ToArray()).Where(p => !double.IsNaN(p.First + p.Second))];
        var (meanX, meanY) = (pairs.Average(p => p.X), pairs.Average(p => p.Y));
        return pairs.Sum(p => (p.X - meanX) * (p.Y - meanY))
            / Math.Sqrt(pairs.Sum(p => Math.Pow(p.X - meanX, 2)) * pairs.Sum(p => Math.Pow(p.Y - meanY, 2)));
    }
}
