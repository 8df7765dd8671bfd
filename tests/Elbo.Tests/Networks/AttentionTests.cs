using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Tests.Networks;

/// <summary>Multi-head attention against its formula in plain loops.</summary>
public class AttentionTests
{
    private const int Batch = 2;
    private const int Features = 6;

    [Theory]
    [InlineData(5, 4, 3, 1, false)]
    [InlineData(4, 5, 4, 2, false)]
    [InlineData(4, 4, 6, 3, true)]
    public void Every_head_attends_for_itself(int length, int contextLength, int contextFeatures, int heads, bool isCausal)
    {
        var attention = new Attention("attention", Features, heads, new RandomNumbers(1, 1), contextFeatures);
        var (x, context) = (Tensor.Input("x", [Batch, length, Features]), Tensor.Input("context", [Batch, contextLength, contextFeatures]));
        var (asked, given, weights) = (LayerValues.Random(1, Batch * length * Features), LayerValues.Random(2, Batch * contextLength * contextFeatures), LayerValues.Fill(attention.Variables));
        var (q, k, v) = (Rows(asked, weights[0]), Rows(given, weights[1]), Rows(given, weights[2]));
        var size = Features / heads;
        var joined = q.Select((query, row) => Enumerable.Range(0, Features).Select(feature =>
        {
            var first = feature / size * size;
            var seen = Enumerable.Range(0, isCausal ? (row % length) + 1 : contextLength).Select(place => (row / length * contextLength) + place).ToArray();
            var matches = seen.Select(place => Math.Exp(Enumerable.Range(first, size).Sum(d => query[d] * k[place][d]) / Math.Sqrt(size))).ToArray();
            return (float)(seen.Zip(matches, (place, match) => match * v[place][feature]).Sum() / matches.Sum());
        }));
        var expected = Rows([.. joined.SelectMany(row => row)], weights[3]).SelectMany(row => row);
        LayerValues.AreNear(expected, LayerValues.Of(attention.Apply(x, context, isCausal), (x, asked), (context, given)));
    }

    [Fact]
    public void Self_attention_is_attention_to_oneself()
    {
        var attention = new Attention("attention", Features, 2, new RandomNumbers(1, 1));
        var (x, elements) = (Tensor.Input("x", [Batch, 4, Features]), LayerValues.Random(3, Batch * 4 * Features));
        Assert.Equal(LayerValues.Of(attention.Apply(x, x, isCausal: true), (x, elements)), LayerValues.Of(attention.Apply(x, isCausal: true), (x, elements)));
        Assert.Equal(4, attention.Variables.Select(variable => variable.Name).Distinct().Count());
    }

    [Fact]
    public void Mistakes_name_the_layer_and_the_shapes()
    {
        var random = new RandomNumbers(1, 1);
        Assert.Contains("choose a divisor", Assert.Throws<ArgumentOutOfRangeException>(() => new Attention("attention", 6, 4, random)).Message, StringComparison.Ordinal);
        var attention = new Attention("attention", 6, 2, random, contextFeatures: 3);
        var message = Assert.Throws<ShapeException>(() => attention.Apply(Tensor.Input("x", [2, 4, 6]))).Message;
        Assert.Contains("a context of [batch, length, 3]; Float32[2, 4, 6] and Float32[2, 4, 6]", message, StringComparison.Ordinal);
    }

    // Each row of a matrix times weights, in doubles.
    private static double[][] Rows(float[] elements, float[] weights)
    {
        var (inputs, outputs) = (weights.Length / Features, Features);
        return [.. Enumerable.Range(0, elements.Length / inputs).Select(row => Enumerable.Range(0, outputs)
            .Select(o => Enumerable.Range(0, inputs).Sum(i => (double)elements[(row * inputs) + i] * weights[(i * outputs) + o])).ToArray())];
    }
}
