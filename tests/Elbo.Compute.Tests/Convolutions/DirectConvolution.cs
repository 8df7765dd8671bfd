namespace Elbo.Compute.Tests.Convolutions;

/// <summary>Convolutions of [batch, rows, columns, channels] in plain loops, from their definition.</summary>
internal static class DirectConvolution
{
    /// <summary>What a convolution makes, and its shape; a spatial axis more or less is one of size one.</summary>
    public static (int[] Shape, double[] Elements) Convolve(
        int[] shape, double[] x, int[] kernel, double[] w, (int Stride, int Before, int After, int Dilation) rows, (int Stride, int Before, int After, int Dilation) columns)
    {
        var (outRows, outColumns) = (Count(shape[1], kernel[0], rows), Count(shape[2], kernel[1], columns));
        int[] result = [shape[0], outRows, outColumns, kernel[3]];
        var y = new double[shape[0] * outRows * outColumns * kernel[3]];
        Visit(shape, kernel, rows, columns, outRows, outColumns, (i, k, o) => y[o] += x[i] * w[k]);
        return (result, y);
    }

    /// <summary>The transpose: what every element of y sends back to a result of the given shape.</summary>
    public static double[] Transposed(
        int[] shape, double[] y, int[] kernel, double[] w, (int Stride, int Before, int After, int Dilation) rows, (int Stride, int Before, int After, int Dilation) columns)
    {
        var x = new double[shape.Aggregate(1, (a, b) => a * b)];
        Visit(shape, kernel, rows, columns, Count(shape[1], kernel[0], rows), Count(shape[2], kernel[1], columns), (i, k, o) => x[i] += y[o] * w[k]);
        return x;
    }

    private static int Count(int size, int taps, (int Stride, int Before, int After, int Dilation) axis) =>
        ((size + axis.Before + axis.After - (axis.Dilation * (taps - 1)) - 1) / axis.Stride) + 1;

    private static void Visit(
        int[] shape, int[] kernel, (int Stride, int Before, int After, int Dilation) rows, (int Stride, int Before, int After, int Dilation) columns, int outRows, int outColumns, Action<int, int, int> meet)
    {
        var outputs = Shape.Create([shape[0], outRows, outColumns, kernel[3]]);
        for (var o = 0; o < outputs.Elements; o++)
        {
            var (b, r, s, f) = (o / kernel[3] / outColumns / outRows, o / kernel[3] / outColumns % outRows, o / kernel[3] % outColumns, o % kernel[3]);
            for (var tap = 0; tap < kernel[0] * kernel[1]; tap++)
            {
                var (row, column) = ((r * rows.Stride) + (tap / kernel[1] * rows.Dilation) - rows.Before, (s * columns.Stride) + (tap % kernel[1] * columns.Dilation) - columns.Before);
                if (row < 0 || row >= shape[1] || column < 0 || column >= shape[2])
                    continue;
                for (var c = 0; c < shape[3]; c++)
                    meet((((((b * shape[1]) + row) * shape[2]) + column) * shape[3]) + c, (((tap * shape[3]) + c) * kernel[3]) + f, o);
            }
        }
    }
}
