using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Tests.Networks;

/// <summary>Norms against their formulas in plain loops.</summary>
public class NormTests
{
    [Fact]
    public void A_layer_norm_makes_every_row_even_and_then_what_was_learnt()
    {
        const int Rows = 6, Features = 7;
        var norm = new LayerNorm("norm", Features, epsilon: 0.01);
        Assert.Equal(["norm.gain", "norm.bias"], norm.Variables.Select(v => v.Name));
        var x = Tensor.Input("x", [2, 3, Features]);
        var elements = LayerValues.Random(1, Rows * Features);
        double Standard(int i)
        {
            var row = elements.Skip(i / Features * Features).Take(Features).Select(e => (double)e).ToArray();
            return (elements[i] - row.Average()) / Math.Sqrt(row.Average(e => Math.Pow(e - row.Average(), 2)) + 0.01);
        }
        LayerValues.AreNear(Enumerable.Range(0, Rows * Features).Select(Standard), LayerValues.Of(norm.Apply(x), (x, elements)));
        var learnt = LayerValues.Fill(norm.Variables);
        LayerValues.AreNear(Enumerable.Range(0, Rows * Features).Select(i => (Standard(i) * learnt[0][i % Features]) + learnt[1][i % Features]), LayerValues.Of(norm.Apply(x), (x, elements)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public void A_group_norm_makes_every_group_of_an_image_even_and_then_what_was_learnt(int groups)
    {
        const int Images = 2, Places = 12, Channels = 6;
        var norm = new GroupNorm("norm", Channels, groups, epsilon: 0.01);
        var x = Tensor.Input("x", [Images, 3, 4, Channels]);
        var elements = LayerValues.Random(2, Images * Places * Channels);
        var learnt = LayerValues.Fill(norm.Variables);
        var size = Channels / groups;
        double Expected(int i)
        {
            var (image, channel) = (i / (Places * Channels), i % Channels);
            var group = Enumerable.Range(0, Places * size)
                .Select(k => (double)elements[(((image * Places) + (k / size)) * Channels) + (channel / size * size) + (k % size)]).ToArray();
            var standard = (elements[i] - group.Average()) / Math.Sqrt(group.Average(e => Math.Pow(e - group.Average(), 2)) + 0.01);
            return (standard * learnt[0][channel]) + learnt[1][channel];
        }
        LayerValues.AreNear(Enumerable.Range(0, elements.Length).Select(Expected), LayerValues.Of(norm.Apply(x), (x, elements)));
    }

    [Fact]
    public void Mistakes_name_the_layer_and_the_shapes()
    {
        Assert.Contains("'norm.gain' normalises rows of 7 features; Float32[2, 6]", Assert.Throws<ShapeException>(() => new LayerNorm("norm", 7).Apply(Tensor.Input("x", [2, 6]))).Message, StringComparison.Ordinal);
        Assert.Contains("'norm.gain' normalises 6 channels", Assert.Throws<ShapeException>(() => new GroupNorm("norm", 6, 2).Apply(Tensor.Input("x", [6]))).Message, StringComparison.Ordinal);
        Assert.Contains("choose a divisor", Assert.Throws<ArgumentOutOfRangeException>(() => new GroupNorm("norm", 6, 4)).Message, StringComparison.Ordinal);
    }
}
