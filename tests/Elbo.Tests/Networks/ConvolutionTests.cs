using Elbo.Compute;
using Elbo.Networks;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Tests.Networks;

/// <summary>Convolutional layers, and small networks of them that learn.</summary>
public class ConvolutionTests
{
    [Fact]
    public void Layers_begin_within_the_bounds_of_their_source_and_give_the_shapes_they_say()
    {
        var random = new RandomNumbers(1, 1);
        var down = new Convolution("down", [3, 3], 2, 5, random, stride: 2, Padding.Same);
        var up = new TransposedConvolution("up", [4, 4], 5, 2, random, stride: 2, Padding.Same);
        var sequence = new Convolution("sequence", [3], 2, 4, random, padding: Padding.Same, dilation: 2);
        Assert.Equal(["down.weight: Float32[3, 3, 2, 5]", "down.bias: Float32[5]"], down.Variables.Select(v => v.ToString()));
        Assert.Equal(["up.weight: Float32[4, 4, 2, 5]", "up.bias: Float32[2]"], up.Variables.Select(v => v.ToString()));
        // Nine taps of two channels are summed; each of the five outputs reads an input with 9/4 taps on average.
        Within(down.Variables.First(), Math.Sqrt(6 / (18 + 45 / 4.0)));
        Within(up.Variables.First(), Math.Sqrt(6 / (16 / 4.0 * 5 + 32)));
        var x = Tensor.Input("x", [3, 9, 8, 2]);
        Assert.Equal([3, 5, 4, 5], down.Apply(x).Shape);
        Assert.Equal([3, 10, 8, 2], up.Apply(down.Apply(x)).Shape);
        Assert.Equal([3, 9, 4], sequence.Apply(Tensor.Input("y", [3, 9, 2])).Shape);
    }

    [Fact]
    public void Biases_are_added_to_each_channel()
    {
        var layer = new Convolution("layer", [3, 3], 1, 2, new RandomNumbers(1, 1), padding: Padding.Same);
        var back = new TransposedConvolution("back", [2, 2], 1, 2, new RandomNumbers(1, 1), stride: 2);
        foreach (var (value, variables, x) in new[] { (layer.Apply(Tensor.Input("x", [1, 2, 2, 1])), layer.Variables, 4), (back.Apply(Tensor.Input("x", [1, 2, 2, 1])), back.Variables, 16) })
        {
            ((float[])[3, 4]).CopyTo(variables.Last().AsSpan<float>());
            Assert.Equal(Enumerable.Range(0, 2 * x).Select(i => i % 2 == 0 ? 3f : 4f), LayerValues.Of(value));
        }
    }

    [Fact]
    public void A_small_network_learns_to_tell_lying_bars_from_standing_ones()
    {
        const int Images = 64, Side = 8;
        var random = new RandomNumbers(3, 1);
        var first = new Convolution("first", [3, 3], 1, 8, random, stride: 2, Padding.Same);
        var norm = new GroupNorm("norm", 8, 2);
        var second = new Convolution("second", [3, 3], 8, 2, random, padding: Padding.Same);
        var (x, isStanding) = (Tensor.Input("x", [Images, Side, Side, 1]), Tensor.Input("y", [Images, 2]));
        var logits = second.Apply(Relu(norm.Apply(first.Apply(x)))).Mean(1, 2);
        var loss = -(LogSoftmax(logits) * isStanding).Sum() / Images;

        // A bar of three pixels anywhere, on noise.
        var (pixels, classes) = (LayerValues.Random(4, Images * Side * Side).Select(p => 0.2f * p).ToArray(), new float[Images * 2]);
        for (var image = 0; image < Images; image++)
        {
            var (row, column, standing) = (image * 5 % (Side - 2), image * 3 % (Side - 2), image % 2);
            classes[(image * 2) + standing] = 1;
            for (var k = 0; k < 3; k++)
                pixels[(((image * Side) + row + (standing == 1 ? k : 0)) * Side) + column + (standing == 1 ? 0 : k)] += 1;
        }
        var losses = Train(loss, [.. first.Variables, .. norm.Variables, .. second.Variables], 0.03, 150, (x, pixels), (isStanding, classes));
        Assert.InRange(losses[0], 0.5, 3);
        Assert.InRange(losses[^1], 0, 0.05);
    }

    [Fact]
    public void A_transposed_convolution_learns_to_repeat_pixels()
    {
        var up = new TransposedConvolution("up", [2, 2], 1, 1, new RandomNumbers(3, 1), stride: 2);
        var x = Tensor.Input("x", [8, 4, 4, 1]);
        var larger = x.Reshape([8, 4, 1, 4, 1]).BroadcastTo([8, 4, 2, 4, 2]).Reshape([8, 8, 8, 1]);
        var losses = Train(Square(up.Apply(x) - larger).Mean(), [.. up.Variables], 0.05, 200, (x, LayerValues.Random(5, 8 * 16)));
        Assert.InRange(losses[^1], 0, 1e-4);
        Assert.All(up.Variables.First().AsSpan<float>().ToArray(), weight => Assert.Equal(1, weight, 0.02f));
    }

    private static void Within(Variable weights, double limit)
    {
        var largest = weights.AsSpan<float>().ToArray().Max(Math.Abs);
        Assert.InRange(largest, 0.9 * limit, limit);
    }

    private static double[] Train(Tensor loss, Variable[] variables, double rate, int steps, params (Tensor Input, float[] Elements)[] data)
    {
        var adam = new Adam(variables);
        using var cpu = new Cpu(2);
        var gradients = Gradient.Of(loss, [.. variables.Select(v => v.Value)]);
        using var function = cpu.Compile([loss], adam.Step(gradients, Tensor.Scalar(rate), Tensor.Scalar(1).EqualTo(1)));
        foreach (var (input, elements) in data)
            elements.CopyTo(function.Input<float>(input));
        var losses = new double[steps];
        for (var step = 0; step < steps; step++)
        {
            function.Run();
            losses[step] = function.Scalar(loss);
        }
        return losses;
    }
}
