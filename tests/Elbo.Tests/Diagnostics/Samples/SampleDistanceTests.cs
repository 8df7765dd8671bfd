using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Tests.Diagnostics.Samples;

/// <summary>Fréchet distance, precision and recall, copies, features.</summary>
public sealed class SampleDistanceTests
{
    [Fact]
    public void The_Frechet_distance_of_a_scaled_and_moved_set_is_known()
    {
        // Of x and s·x + m it is |mean(x)(s − 1) + m|² + (s − 1)² tr Σ.
        var x = Clouds.Normal(400, 6, 1);
        var y = x.Map(v => 1.5 * v + 0.3);
        var (shift, trace) = (0.0, 0.0);
        for (var j = 0; j < 6; j++)
        {
            double[] column = [.. Enumerable.Range(0, 400).Select(i => (double)x[i][j])];
            shift += Math.Pow(0.5 * column.Average() + 0.3, 2);
            trace += column.Sum(v => Math.Pow(v - column.Average(), 2)) / 399;
        }
        var distance = FrechetDistance.Of(x, y);
        Assert.Equal(shift, distance.OfMeans, 1e-5);
        Assert.Equal(0.25 * trace, distance.OfCovariances, 1e-4);
        Assert.Equal(distance.OfMeans + distance.OfCovariances, distance.Value, 1e-12);
        Assert.Equal(0, FrechetDistance.Of(x, x).Value, 1e-9);
    }

    [Fact]
    public void Of_covariances_that_do_not_commute_it_is_the_closed_form_of_two_dimensions()
    {
        var x = Clouds.Normal(300, 2, 1);
        var y = new Points(Clouds.Normal(200, 2, 2).Values.ToArray().Chunk(2).SelectMany(p => (float[])[2 * p[0], p[0] - 0.5f * p[1]]).ToArray(), 2);
        var ((a, b, c), (d, e, f)) = (Covariance(x), Covariance(y));
        // tr (Σ₁Σ₂)^½ = √(tr Σ₁Σ₂ + 2 √det Σ₁Σ₂).
        var root = Math.Sqrt(a * d + 2 * b * e + c * f + 2 * Math.Sqrt((a * c - b * b) * (d * f - e * e)));
        Assert.Equal(a + c + d + f - 2 * root, FrechetDistance.Of(x, y).OfCovariances, 1e-5);

        static (double, double, double) Covariance(Points points)
        {
            double[][] columns = [.. Enumerable.Range(0, 2).Select(j => Enumerable.Range(0, points.Count).Select(i => (double)points[i][j]).ToArray())];
            double Of(int i, int j) => columns[i].Zip(columns[j], (u, v) => (u - columns[i].Average()) * (v - columns[j].Average())).Sum() / (points.Count - 1);
            return (Of(0, 0), Of(0, 1), Of(1, 1));
        }
    }

    [Fact]
    public void What_chance_makes_of_the_Frechet_distance_is_said()
    {
        var alike = FrechetDistance.Of(Clouds.Normal(300, 10, 1), Clouds.Normal(300, 10, 2));
        Assert.InRange(alike.Value / alike.ByChance, 0.5, 2);
        var apart = FrechetDistance.Of(Clouds.Normal(300, 10, 1), Clouds.Normal(300, 10, 2, shift: 2));
        Assert.InRange(apart.Value, 10 * apart.ByChance, double.PositiveInfinity);
    }

    [Fact]
    public void Sets_apart_have_neither_precision_nor_recall_and_equal_ones_have_both()
    {
        var x = Clouds.Normal(200, 3, 1);
        var apart = PrecisionRecall.Of(x, x.Map(v => v + 50));
        Assert.Equal((0, 0), (apart.Precision, apart.Recall));
        var equal = PrecisionRecall.Of(x, x);
        Assert.Equal((1, 1), (equal.Precision, equal.Recall));
    }

    [Fact]
    public void Samples_of_one_half_of_the_data_have_precision_and_half_of_the_recall()
    {
        var halves = Clouds.Normal(500, 2, 1).With(Clouds.Normal(500, 2, 2).Map(v => v + 30));
        var result = PrecisionRecall.Of(Clouds.Normal(1000, 2, 3), halves);
        // Of equal sets about nine in ten lie within a ball; of one half of the data none does.
        Assert.InRange(result.Precision, 0.8, 1);
        Assert.InRange(result.Recall, 0.4, 0.5);
        var reverse = PrecisionRecall.Of(halves, Clouds.Normal(1000, 2, 3));
        Assert.InRange(reverse.Precision, 0.4, 0.5);
        Assert.InRange(reverse.Recall, 0.8, 1);
    }

    [Fact]
    public void Precision_and_recall_are_those_of_their_definition()
    {
        var (x, y) = (Clouds.Normal(25, 2, 1, sd: 1.5), Clouds.Normal(25, 2, 2));
        var result = PrecisionRecall.Of(x, y, neighbours: 2);
        double Radius(Points set, int i) => Enumerable.Range(0, 25).Where(j => j != i).Select(j => Clouds.SquaredDistance(set, i, set, j)).Order().ElementAt(1);
        double Share(Points points, Points balls) => Enumerable.Range(0, 25).Count(i => Enumerable.Range(0, 25).Any(j => Clouds.SquaredDistance(points, i, balls, j) <= Radius(balls, j))) / 25.0;
        Assert.Equal(Share(x, y), result.Precision, 1e-12);
        Assert.Equal(Share(y, x), result.Recall, 1e-12);
    }

    [Fact]
    public void Rows_that_repeat_lie_within_balls_of_no_size()
    {
        float[] values = [0, 0, 0, 0, 0, 7, 7, 7, 7, 7];
        var result = PrecisionRecall.Of(new(values, 1), new(values, 1));
        Assert.Equal((1, 1), (result.Precision, result.Recall));
    }

    [Fact]
    public void The_chance_of_being_nearer_counts_pairs_and_ties_half()
    {
        // Distances 1, 2, 2 of samples and 2, 3 of data: of six pairs four are nearer and two tie.
        var check = CopyCheck.Of(new(new float[] { 1, 2, -2 }, 1), new(new float[] { 2, 3 }, 1), new(new float[1], 1));
        Assert.Equal(5.0 / 6, check.Nearer, 1e-12);
        Assert.Equal(0, check.Copies);
    }

    [Fact]
    public void Copies_are_found_whether_exact_or_nearly_so_and_new_draws_are_none()
    {
        var (training, heldOut) = (Clouds.Normal(5000, 8, 1), Clouds.Normal(400, 8, 2));
        var copies = CopyCheck.Of(training.Select([.. Enumerable.Range(300, 400)]), heldOut, training);
        Assert.Equal((1, 0, 1), (copies.Copies, copies.CopiesAmongData, copies.Nearer));
        Assert.True(copies.AreCopies);
        var noise = Clouds.Normal(400, 8, 3, sd: 0.1);
        var near = CopyCheck.Of(new(noise.Values.ToArray().Zip(training.Values[..3200].ToArray(), (n, t) => n + t).ToArray(), 8), heldOut, training);
        Assert.Equal(0, near.Copies);
        Assert.True(near.AreCopies);
    }

    [Fact]
    public void New_draws_are_nearer_as_often_as_not()
    {
        var training = Clouds.Normal(300, 3, 1);
        double[] p = [.. Enumerable.Range(0, 100).Select(i => CopyCheck.Of(Clouds.Normal(60, 3, (ulong)(10 + 2 * i)), Clouds.Normal(40, 3, (ulong)(11 + 2 * i)), training, 1).PValue)];
        foreach (var level in (double[])[0.1, 0.5, 0.9])
            Assert.InRange(p.Count(v => v <= level), 100 * level - 4.5 * Math.Sqrt(100 * level * (1 - level)) - 3, 100 * level + 4.5 * Math.Sqrt(100 * level * (1 - level)) + 3);
    }

    [Fact]
    public void Principal_components_are_the_directions_of_most_variance()
    {
        // Most variance along (3, 4)/5, little across.
        var random = new RandomNumbers(1, 1);
        var data = new Points(Enumerable.Range(0, 500).SelectMany(_ => random.NextNormal() is var t && 0.01 * random.NextNormal() is var s ? (float[])[(float)(10 + 3 * t - 4 * s), (float)(4 * t + 3 * s)] : []).ToArray(), 2);
        var space = FeatureSpace.Principal(data, 1);
        Assert.Contains("1 principal components of the data, 100 %", space.Name.Replace("100%", "100 %", StringComparison.Ordinal), StringComparison.Ordinal);
        var ends = space.Apply(new(new float[] { 10, 0, 13, 4, 6, 3 }, 2));
        Assert.Equal(5, Math.Abs(ends[1][0] - ends[0][0]), 0.01);
        Assert.Equal(0, Math.Abs(ends[2][0] - ends[0][0]), 0.05);
        // All components are a rotation.
        var rotated = FeatureSpace.Principal(data, 2).Apply(data);
        Assert.Equal(Clouds.SquaredDistance(data, 3, data, 8), Clouds.SquaredDistance(rotated, 3, rotated, 8), 1e-2);
    }

    [Fact]
    public void All_instruments_together_give_the_same_bits_at_any_number_of_threads()
    {
        var (samples, data, training) = (Clouds.Normal(300, 60, 1, sd: 1.05), Clouds.Normal(250, 60, 2), Clouds.Normal(400, 60, 3));
        SampleQuality With(int threads) => SampleQuality.Of(samples, data, training, new() { MostPoints = 200, Permutations = 99, Threads = threads });
        var quality = With(1);
        Assert.Equal(quality, With(3));
        Assert.Contains("50 principal components", quality.Frechet.Features, StringComparison.Ordinal);
        Assert.False(quality.Copies!.AreCopies);
        Assert.Equal(6, quality.ToString().Split(Environment.NewLine).Length);
    }
}
