using System.Globalization;
using Elbo.Compute;
using MathNet.Numerics.LinearAlgebra;

namespace Elbo.Diagnostics;

/// <summary>What points are compared by: their own numbers, or numbers computed from them.</summary>
public sealed class FeatureSpace
{
    private readonly Func<Points, Points> _map;

    /// <summary>Features of one's own, such as the last layer of a classifier.</summary>
    /// <param name="name">What they are, to be said beside every figure.</param>
    /// <param name="map">The features of points, one for one.</param>
    public FeatureSpace(string name, Func<Points, Points> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        (Name, _map) = (name, map);
    }

    /// <summary>The numbers as they are.</summary>
    public static FeatureSpace Raw { get; } = new("raw numbers", points => points);

    /// <summary>What they are.</summary>
    public string Name { get; }

    /// <summary>The directions in which a data set varies most, in its own units.</summary>
    /// <param name="data">What they are found from.</param>
    /// <param name="dimensions">How many, at most as many as the data have numbers.</param>
    /// <param name="threads">Null for all the machine has. Results do not depend on it.</param>
    public static FeatureSpace Principal(Points data, int dimensions, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, data.Dimensions);
        var moments = PointMoments.Of(data, threads);
        var eigen = moments.Covariance.Evd(Symmetricity.Symmetric);
        var d = data.Dimensions;
        // Eigenvalues are in ascending order.
        var directions = eigen.EigenVectors.SubMatrix(0, d, d - dimensions, dimensions);
        var share = Enumerable.Range(d - dimensions, dimensions).Sum(i => eigen.EigenValues[i].Real) / moments.Covariance.Trace();
        var name = string.Create(CultureInfo.InvariantCulture, $"{dimensions} principal components of the data, {share:P0} of their variance");
        return new(name, points => Project(points, moments.Mean, directions, threads));
    }

    /// <summary>The features of points.</summary>
    public Points Apply(Points points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return _map(points);
    }

    /// <summary>What they are.</summary>
    public override string ToString() => Name;

    private static Points Project(Points points, double[] mean, Matrix<double> directions, int? threads)
    {
        var features = new float[points.Count * directions.ColumnCount];
        var columns = directions.ToColumnArrays();
        Parallel.For(0, points.Count, new ParallelOptions { MaxDegreeOfParallelism = threads ?? -1 }, i =>
        {
            var point = points[i];
            for (var k = 0; k < columns.Length; k++)
            {
                var sum = 0.0;
                for (var j = 0; j < mean.Length; j++)
                    sum += (point[j] - mean[j]) * columns[k][j];
                features[i * columns.Length + k] = (float)sum;
            }
        });
        return new(features, columns.Length);
    }
}

/// <summary>Mean and covariance of points.</summary>
/// <param name="Mean">[dimensions].</param>
/// <param name="Covariance">[dimensions, dimensions], with n − 1 as the divisor.</param>
internal sealed record PointMoments(double[] Mean, Matrix<double> Covariance)
{
    private const int Block = 256;

    public static PointMoments Of(Points points, int? threads)
    {
        var (n, d) = (points.Count, points.Dimensions);
        var mean = new double[d];
        for (var i = 0; i < points.Values.Length; i++)
            mean[i % d] += points.Values[i] / (double)n;
        using var cpu = new Cpu(threads);
        var block = Tensor.Input("block", [Math.Min(Block, n), d], DType.Float64);
        var products = block.MatMul(block, transposeLeft: true);
        using var function = cpu.Compile([products]);
        var sums = new double[d * d];
        for (var first = 0; first < n; first += block.Shape[0])
        {
            var values = points.Values[(first * d)..];
            var input = function.Input<double>(block);
            for (var i = 0; i < input.Length; i++)
                input[i] = i < values.Length ? values[i] - mean[i % d] : 0;
            function.Run();
            var output = function.Output<double>(products);
            for (var i = 0; i < sums.Length; i++)
                sums[i] += output[i] / (n - 1);
        }
        return new(mean, Matrix<double>.Build.Dense(d, d, sums));
    }
}
