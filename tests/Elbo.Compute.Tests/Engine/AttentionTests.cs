using Elbo.Compute.Tests.Reference;
using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Engine;

/// <summary>Attention and standardisation against plain loops, their derivatives against differences.</summary>
public class AttentionTests
{
    [Theory]
    [InlineData(4, 6, false)]
    [InlineData(6, 4, false)]
    [InlineData(5, 5, true)]
    [InlineData(3, 5, true)]
    [InlineData(1, 1, true)]
    public void Attention_averages_values_by_how_well_keys_match(int queries, int keys, bool isCausal)
    {
        const int Batch = 2, Size = 3, Features = 5;
        var experiment = new Experiment();
        var (q, k, v) = (experiment.Input([Batch, queries, Size]), experiment.Input([Batch, keys, Size]), experiment.Input([Batch, keys, Features]));
        var attended = Attend(q, k, v, isCausal);
        Assert.Equal([Batch, queries, Features], attended.Shape);
        var (x, y, z, actual) = (experiment.Elements(q), experiment.Elements(k), experiment.Elements(v), experiment.Meaning.Evaluate(attended));
        for (var row = 0; row < Batch * queries; row++)
        {
            var batch = row / queries;
            var weights = Enumerable.Range(0, isCausal ? (row % queries) + 1 : keys)
                .Select(key => Math.Exp(Enumerable.Range(0, Size).Sum(d => x[(row * Size) + d] * y[(((batch * keys) + key) * Size) + d]) / Math.Sqrt(Size))).ToArray();
            for (var f = 0; f < Features; f++)
            {
                var expected = weights.Select((weight, key) => weight * z[(((batch * keys) + key) * Features) + f]).Sum() / weights.Sum();
                Assert.Equal(expected, actual[(row * Features) + f], 1e-12);
            }
        }
        experiment.Agrees(1e-12, attended);
        FiniteDifferences.Agree(1, a => Attend(a[0], a[1], a[2], isCausal), ([queries, 2], -1, 1), ([keys, 2], -1, 1), ([keys, 2], -1, 1));
    }

    [Fact]
    public void Attention_to_scores_beyond_the_range_of_the_exponential_is_finite_and_so_are_its_derivatives()
    {
        var experiment = new Experiment();
        var (q, k, v) = (experiment.Input([2, 4, 8], DType.Float32, 100, 900), experiment.Input([2, 4, 8], DType.Float32, 100, 900), experiment.Input([2, 4, 3], DType.Float32));
        var attended = Attend(q, k, v, isCausal: true);
        Tensor[] outputs = [attended, .. Gradient.Of((attended * attended).Sum(), q, k, v)];
        using var cpu = new Cpu(1);
        using var function = cpu.Compile(outputs);
        experiment.Run(function, outputs);
        Assert.All(outputs, output => Assert.All(Experiment.Read(function, output), x => Assert.True(double.IsFinite(x))));
        // The first sees itself alone.
        Assert.Equal(experiment.Elements(v)[..3], Experiment.Read(function, attended)[..3]);
    }

    [Fact]
    public void More_causal_queries_than_keys_are_refused()
    {
        var (q, k) = (Tensor.Input("q", [2, 5, 3]), Tensor.Input("k", [2, 4, 3]));
        Assert.Contains("more than keys [2, 4, 3]", Assert.Throws<ShapeException>(() => Attend(q, k, k, isCausal: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Standardised_elements_have_mean_zero_and_variance_one()
    {
        var experiment = new Experiment();
        var x = experiment.Input([3, 4, 50], low: 900, high: 1000);
        var (rows, all, columns) = (Standardise(x, 1e-6, -1), Standardise(x, 1e-6), Standardise(x, 1e-6, 0, 1));
        for (var row = 0; row < 12; row++)
        {
            var (elements, standardised) = (experiment.Elements(x)[(row * 50)..((row + 1) * 50)], experiment.Meaning.Evaluate(rows)[(row * 50)..((row + 1) * 50)]);
            var mean = elements.Average();
            var deviation = Math.Sqrt(elements.Average(e => (e - mean) * (e - mean)) + 1e-6);
            Assert.All(elements.Zip(standardised), pair => Assert.Equal((pair.First - mean) / deviation, pair.Second, 1e-11));
        }
        Assert.Equal(1, experiment.Meaning.Evaluate((all * all).Mean())[0], 1e-7);
        Assert.All(experiment.Meaning.Evaluate(columns.Mean(0, 1)), mean => Assert.Equal(0, mean, 1e-11));
        experiment.Agrees(1e-10, rows, all, columns);
        FiniteDifferences.Agree(2, a => Standardise(a[0], 0.01, -1), ([2, 5], -1, 1));
        FiniteDifferences.Agree(3, a => Standardise(a[0], 0.01, 0), ([4, 2], -1, 1));
    }
}
