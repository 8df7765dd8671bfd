using Elbo.Compute.Tests.Reference;
using FsCheck;
using FsCheck.Fluent;

namespace Elbo.Compute.Tests.Convolutions;

/// <summary>Convolutions against plain loops, their transposes against the definition of a transpose, derivatives against differences.</summary>
public class ConvolutionTests
{
    // Batch, input, taps, channels, outputs, stride, dilation, zeros before and after.
    private static readonly Gen<int[]> Cases = Gen.Choose(0, 1_000_000).Select(seed =>
    {
        var random = new Random(seed);
        int[] Pair(int low, int high) => [random.Next(low, high), random.Next(low, high)];
        return (int[])[seed, random.Next(1, 4), .. Pair(1, 14), .. Pair(1, 5), random.Next(1, 20), random.Next(1, 20), .. Pair(1, 4), .. Pair(1, 4), .. Pair(0, 4), .. Pair(0, 4)];
    });

    [Fact]
    public void Any_convolution_of_images_is_what_plain_loops_make_and_its_transpose_is_theirs() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(Cases.ToArbitrary(), parts =>
        {
            var (seed, batch, (channels, outputs)) = (parts[0], parts[1], (parts[6], parts[7]));
            var rows = (Stride: parts[8], Before: parts[12], After: parts[14], Dilation: parts[10]);
            var columns = (Stride: parts[9], Before: parts[13], After: parts[15], Dilation: parts[11]);
            // Every kernel fits.
            var (height, width) = (Math.Max(parts[2], (rows.Dilation * (parts[4] - 1)) + 1 - rows.Before - rows.After), Math.Max(parts[3], (columns.Dilation * (parts[5] - 1)) + 1 - columns.Before - columns.After));
            var type = seed % 2 == 0 ? DType.Float32 : DType.Float64;
            var experiment = new Experiment(seed);
            var (x, w) = (experiment.Input([batch, height, width, channels], type, -1, 1), experiment.Input([parts[4], parts[5], channels, outputs], type, -1, 1));
            var y = x.Convolve(w, [rows.Stride, columns.Stride], [Padding.Zeros(rows.Before, rows.After), Padding.Zeros(columns.Before, columns.After)], [rows.Dilation, columns.Dilation]);
            var (shape, expected) = DirectConvolution.Convolve([.. x.Shape], experiment.Elements(x), [.. w.Shape], experiment.Elements(w), rows, columns);
            Assert.Equal(shape, y.Shape);
            AreNear(expected, experiment.Meaning.Evaluate(y), 1e-12);

            var back = experiment.Input(y.Shape, type, -1, 1);
            var gradients = Gradient.Of((y * back).Sum(), x, w);
            AreNear(DirectConvolution.Transposed([.. x.Shape], experiment.Elements(back), [.. w.Shape], experiment.Elements(w), rows, columns), experiment.Meaning.Evaluate(gradients[0]), 1e-12);
            var tolerance = type == DType.Float32 ? 5e-5 : 1e-12;
            var widths = Experiment.Widths.ToList();
            experiment.Agrees(2, VectorWidths.Best, new() { Verify = true }, tolerance, y, gradients[0], gradients[1]);
            experiment.Agrees(1, widths[seed / 2 % widths.Count], new() { Verify = true }, tolerance, y, gradients[0], gradients[1]);
        }));

    private static void AreNear(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i])), $"Element {i} is {actual[i]:R}, not {expected[i]:R}.");
    }
}
