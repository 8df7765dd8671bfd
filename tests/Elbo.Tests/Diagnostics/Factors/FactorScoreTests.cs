using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Diagnostics.Factors;

namespace Elbo.Tests.Diagnostics.Factors;

/// <summary>Scores of codes of which is known what they have to be.</summary>
public sealed class FactorScoreTests
{
    // All combinations of a kind, a size and two places.
    private static readonly FactorTable Table = Combinations();

    // A latent number for each factor and two that are of none: each score is 1.
    [Fact]
    public void An_ideal_code_has_every_score_at_one()
    {
        var codes = Codes((f, row, _) => [.. Enumerable.Range(0, 4).Select(k => Standard(f.Factors[k], row)), 0, 0]);
        var scores = DisentanglementScores.Of(codes, LogVariances(codes, 1e-4), Table);
        Assert.Equal(1, scores.OfPosterior!.Score, 1e-3);
        Assert.Equal(1, scores.OfMeans.Score, 1e-9);
        Assert.Equal(1, scores.Importances.Disentanglement, 1e-9);
        Assert.Equal(1, scores.Importances.Completeness, 1e-9);
        Assert.InRange(scores.Importances.Informativeness, 0.99, 1);
        Assert.Equal(1, scores.Predictability.Score, 1e-6);
        Assert.Equal(1, scores.Votes.Accuracy);
        Assert.Equal([0, 1, 2, 3], scores.OfPosterior.Factors.Select(f => f.Best));
    }

    // Numbers that have nothing to do with the factors: each score is 0, or chance.
    [Fact]
    public void A_useless_code_has_every_score_at_nothing()
    {
        var codes = Codes((_, _, random) => [.. Enumerable.Range(0, 5).Select(_ => random.NextNormal())]);
        var scores = DisentanglementScores.Of(codes, LogVariances(codes, 1), Table);
        Assert.InRange(scores.OfPosterior!.Score, 0, 0.002);
        Assert.InRange(scores.OfMeans.Score, 0, 0.02);
        Assert.InRange(scores.Importances.Disentanglement, 0, 0.05);
        Assert.InRange(scores.Importances.Completeness, 0, 0.05);
        Assert.InRange(scores.Importances.Informativeness, 0, 0.02);
        Assert.InRange(scores.Predictability.Score, 0, 0.05);
        // 800 votes for one of four: the standard error is 0.015.
        Assert.InRange(scores.Votes.Accuracy, 0.25 - 0.07, 0.25 + 0.07);
    }

    // A collapsed code is the prior for every row, and tells nothing at all.
    [Fact]
    public void A_collapsed_code_tells_nothing()
    {
        var codes = Codes((_, _, _) => new double[3]);
        var scores = DisentanglementScores.Of(codes, LogVariances(codes, 1), Table);
        Assert.Equal(0, scores.OfPosterior!.Score, 1e-9);
        Assert.Equal(0, scores.OfMeans.Score);
        Assert.Equal(0, scores.Importances.Disentanglement);
        Assert.Equal(0, scores.Predictability.Score);
        Assert.Equal(0.25, scores.Votes.Accuracy);
        Assert.Empty(scores.Votes.Used);
    }

    // Two factors turned by 45° into each other: everything is told, by both numbers alike.
    [Fact]
    public void A_turned_code_is_informative_and_not_disentangled()
    {
        var codes = Codes((f, row, _) =>
        {
            var (a, b) = (Standard(f.Factors[2], row), Standard(f.Factors[3], row));
            return [a + b, a - b];
        });
        var table = new FactorTable([Table.Factors[2], Table.Factors[3]]);
        var scores = DisentanglementScores.Of(codes, LogVariances(codes, 1e-4), table);
        Assert.InRange(scores.OfPosterior!.Score, 0, 0.02);
        Assert.InRange(scores.OfMeans.Score, 0, 0.02);
        Assert.InRange(scores.Importances.Disentanglement, 0, 0.2);
        Assert.InRange(scores.Importances.Completeness, 0, 0.2);
        Assert.InRange(scores.Importances.Informativeness, 0.9, 1);
        Assert.InRange(scores.Predictability.Score, 0, 0.02);
        Assert.InRange(scores.Votes.Accuracy, 0.4, 0.6);
    }

    // A factor that two numbers share: neither tells of another, so there is disentanglement, but no completeness.
    [Fact]
    public void A_factor_in_two_numbers_is_disentangled_and_not_complete()
    {
        var codes = Codes((f, row, _) => [f.Factors[2].Values[row] / 4, f.Factors[2].Values[row] % 4, Standard(f.Factors[3], row)]);
        var scores = FactorImportances.Of(codes, new FactorTable([Table.Factors[2], Table.Factors[3]]));
        Assert.Equal(1, scores.Disentanglement, 1e-6);
        Assert.InRange(scores.Completeness, 0.5, 0.95);
        Assert.Equal(1, scores.Importance.Sum(row => row[0]), 1e-9);
    }

    // A code ±m in normal noise of variance s² tells ln 2 − E ln(1 + e^(−2m(m + sε)/s²)) of a factor with two levels.
    [Theory]
    [InlineData(0.5, 1.0)]
    [InlineData(1.0, 0.5)]
    [InlineData(2.0, 1.5)]
    public void Information_is_that_of_a_binary_channel(double m, double s)
    {
        const int rows = 40;
        var levels = Enumerable.Range(0, rows).Select(i => i % 2).ToArray();
        var means = new Points(levels.Select(l => (float)(l == 0 ? -m : m)).ToArray(), 1);
        var gap = MutualInformationGap.OfPosterior(means, LogVariances(means, s * s), new([new("side", 2, FactorKind.Unordered, levels)]));
        var expected = Math.Log(2);
        const double step = 1e-3;
        for (var e = -9.0; e < 9; e += step)
            expected -= step * Math.Exp(-0.5 * e * e) / Math.Sqrt(2 * Math.PI) * Math.Log(1 + Math.Exp(-2 * m * (m + s * e) / (s * s)));
        Assert.Equal(expected, gap.Factors[0].Information[0], 1e-4);
        Assert.Equal(expected / Math.Log(2), gap.Score, 1e-4);
    }

    // Bins cannot tell more than the logarithm of their number.
    [Fact]
    public void Bins_tell_at_most_the_logarithm_of_their_number()
    {
        int[] levels = [.. Enumerable.Range(0, 3200).Select(i => i % 32)];
        var codes = new Points(levels.Select(l => (float)l).ToArray(), 1);
        var gap = MutualInformationGap.OfMeans(codes, new([new("place", 32, FactorKind.Ordered, levels)]));
        Assert.InRange(gap.Score, 0.85, Math.Log(20) / Math.Log(32));
    }

    // A circle is told of by its sine and cosine, not by a line.
    [Fact]
    public void Angles_are_explained_where_their_place_on_the_circle_is()
    {
        int[] levels = [.. Enumerable.Range(0, 4000).Select(i => i % 40)];
        var table = new FactorTable([new("angle", 40, FactorKind.Cyclic, levels), new("other", 10, FactorKind.Ordered, [.. Enumerable.Range(0, 4000).Select(i => i / 40 % 10)])]);
        var codes = new Points(levels.SelectMany(l => new[] { (float)Math.Cos(2 * Math.PI * l / 39), (float)Math.Sin(2 * Math.PI * l / 39) }).ToArray(), 2);
        var scores = FactorImportances.Of(codes, table);
        Assert.InRange(scores.Explained[0], 0.98, 1);
        Assert.InRange(scores.Importance[0][0], 0.4, 0.6);
        Assert.InRange(SeparatedPredictability.Of(codes, table).Predictability[0][0], 0.45, 0.55);
    }

    [Fact]
    public void Scores_are_the_same_bits_for_a_seed()
    {
        var codes = Codes((f, row, random) => [Standard(f.Factors[2], row) + random.NextNormal(), random.NextNormal()]);
        var (one, same, other) = (DisentanglementScores.Of(codes, null, Table, 3), DisentanglementScores.Of(codes, null, Table, 3), DisentanglementScores.Of(codes, null, Table, 4));
        Assert.Equal(one.ToString(), same.ToString());
        Assert.Equal(one.Importances.Disentanglement, same.Importances.Disentanglement);
        Assert.NotEqual(one.Importances.Disentanglement, other.Importances.Disentanglement);
        Assert.Null(one.OfPosterior);
    }

    [Fact]
    public void Factors_of_numbers_are_ordered_and_too_many_values_are_put_in_intervals()
    {
        var few = FactorTable.Of("size", [3.5, 1, 3.5, -2]);
        Assert.Equal([2, 1, 2, 0], few.Values);
        Assert.Equal((3, FactorKind.Ordered), (few.Levels, few.Kind));
        var many = FactorTable.Of("weight", [.. Enumerable.Range(0, 1000).Select(i => (double)i)]);
        Assert.Equal(20, many.Levels);
        Assert.All(many.Values.GroupBy(v => v), g => Assert.Equal(50, g.Count()));
        Assert.Equal(many.Values.Order(), many.Values);
    }

    [Fact]
    public void Factors_that_tell_nothing_or_do_not_fit_are_refused()
    {
        Assert.Contains("same in all rows", Assert.Throws<ArgumentException>(() => new FactorTable([new("x", 2, FactorKind.Ordered, [1, 1])])).Message, StringComparison.Ordinal);
        Assert.Contains("outside its levels", Assert.Throws<ArgumentException>(() => new FactorTable([new("x", 2, FactorKind.Ordered, [1, 2])])).Message, StringComparison.Ordinal);
        Assert.Contains("'y' has 1 rows", Assert.Throws<ArgumentException>(() => new FactorTable([new("x", 2, FactorKind.Ordered, [1, 0]), new("y", 2, FactorKind.Ordered, [1])])).Message, StringComparison.Ordinal);
        Assert.Contains("a code for each row", Assert.Throws<ArgumentException>(() => MutualInformationGap.OfMeans(new(new float[6], 2), Table)).Message, StringComparison.Ordinal);
    }

    private static FactorTable Combinations()
    {
        int[] sizes = [3, 5, 16, 16];
        var rows = sizes.Aggregate((a, b) => a * b);
        var factors = new int[4][];
        var below = 1;
        for (var k = 3; k >= 0; k--)
        {
            var (step, size) = (below, sizes[k]);
            factors[k] = [.. Enumerable.Range(0, rows).Select(i => i / step % size)];
            below *= size;
        }
        return new([new("kind", 3, FactorKind.Unordered, factors[0]), new("size", 5, FactorKind.Ordered, factors[1]), new("x", 16, FactorKind.Ordered, factors[2]), new("y", 16, FactorKind.Ordered, factors[3])]);
    }

    private static double Standard(KnownFactor factor, int row) => (factor.Values[row] - 0.5 * (factor.Levels - 1)) / factor.Levels * 3;

    private static Points Codes(Func<FactorTable, int, RandomNumbers, double[]> code)
    {
        var random = new RandomNumbers(5, 2);
        double[][] all = [.. Enumerable.Range(0, Table.Rows).Select(row => code(Table, row, random))];
        return new(all.SelectMany(c => c.Select(x => (float)x)).ToArray(), all[0].Length);
    }

    private static Points LogVariances(Points codes, double variance) => new(Enumerable.Repeat((float)Math.Log(variance), codes.Count * codes.Dimensions).ToArray(), codes.Dimensions);
}
