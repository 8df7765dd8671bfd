using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diagnostics;

/// <summary>Squared Euclidean distances of points, a block of them at a time by a matrix product in double precision.</summary>
internal static class SquaredDistances
{
    private const int FromBlock = 128;
    private const int ToBlock = 4096;

    // What is left of |x − y|² by rounding where x = y is below this share of |x|² + |y|²; single precision cannot tell such points apart.
    private const double Rounding = 1e-13;

    /// <summary>All of them: [from, to] in single precision, as whole matrices are large.</summary>
    public static float[] All(Points from, Points to, int? threads)
    {
        var all = new float[(long)from.Count * to.Count];
        Each(from, to, threads, (row, first, distances) =>
        {
            for (var i = 0; i < distances.Length; i++)
                all[(long)row * to.Count + first + i] = (float)distances[i];
        });
        return all;
    }

    /// <summary>From each point to the nearest of others.</summary>
    public static double[] ToNearest(Points from, Points to, int? threads)
    {
        var least = new double[from.Count];
        least.AsSpan().Fill(double.PositiveInfinity);
        Each(from, to, threads, (row, _, distances) =>
        {
            foreach (var distance in distances)
                least[row] = Math.Min(least[row], distance);
        });
        return least;
    }

    // Told of each row of each block: the point it is from, the first point it is to, and the distances.
    private static void Each(Points from, Points to, int? threads, Action<int, int, ReadOnlySpan<double>> told)
    {
        var (d, rows, columns) = (from.Dimensions, Math.Min(FromBlock, from.Count), Math.Min(ToBlock, to.Count));
        var left = Tensor.Input("left", [rows, d], DType.Float64);
        var right = Tensor.Input("right", [columns, d], DType.Float64);
        var norms = Square(left).SumKeeping(1) + Square(right).Sum(1);
        var direct = norms - 2 * left.MatMul(right, transposeRight: true);
        var squared = Where(direct < Rounding * norms, Tensor.Scalar(0, DType.Float64), direct);
        using var cpu = new Cpu(threads);
        using var function = cpu.Compile([squared]);

        // Around their mean, so that less is lost where all of them are far from 0.
        var centre = new double[d];
        for (var i = 0; i < to.Values.Length; i++)
            centre[i % d] += to.Values[i] / (double)to.Count;
        for (var column = 0; column < to.Count; column += columns)
        {
            Fill(to, column, centre, function.Input<double>(right));
            for (var row = 0; row < from.Count; row += rows)
            {
                Fill(from, row, centre, function.Input<double>(left));
                function.Run();
                for (var i = 0; i < rows && row + i < from.Count; i++)
                    told(row + i, column, function.Output<double>(squared).Slice(i * columns, Math.Min(columns, to.Count - column)));
            }
        }
    }

    private static void Fill(Points points, int first, double[] centre, Span<double> block)
    {
        var values = points.Values[(first * points.Dimensions)..];
        for (var i = 0; i < block.Length; i++)
            block[i] = i < values.Length ? values[i] - centre[i % centre.Length] : 0;
    }
}
