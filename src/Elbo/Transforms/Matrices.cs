using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Transforms;

public abstract partial class Transform
{
    /// <summary>From vectors of n(n + 1)/2 numbers to lower-triangular matrices with a positive diagonal, row by row; the diagonal is e^x.</summary>
    public static Transform CholeskyFactor { get; } = new CholeskyTransform();

    /// <summary>
    /// From vectors of n(n − 1)/2 numbers to Cholesky factors of correlation matrices (Lewandowski, Kurowicka and Joe, 2009): tanh of
    /// the numbers are partial correlations.
    /// </summary>
    public static Transform CorrelationCholesky { get; } = new CorrelationTransform();

    private sealed class CholeskyTransform : Transform
    {
        public override string Name => "Cholesky factor";
        public override int RankFrom => 1;
        public override int RankTo => 2;

        public override Shape ForwardShape(Shape shape) => Triangle.Matrix(shape, withDiagonal: true);
        public override Shape InverseShape(Shape shape) => Triangle.Vector(shape, withDiagonal: true);

        public override Tensor Forward(Tensor x)
        {
            var lower = Triangle.Spread(x, withDiagonal: true);
            return Where(Triangle.Diagonal(lower.Shape), TensorMath.Exp(lower), lower);
        }

        public override Tensor Inverse(Tensor y) => Triangle.Collect(Where(Triangle.Diagonal(y.Shape), Log(Where(Triangle.Diagonal(y.Shape), y, Tensor.Scalar(1, y.Type))), y), withDiagonal: true);

        public override Tensor LogJacobian(Tensor x, Tensor y)
        {
            var lower = Triangle.Spread(x, withDiagonal: true);
            return Where(Triangle.Diagonal(lower.Shape), lower, Tensor.Scalar(0, x.Type)).Sum(-1, -2);
        }
    }

    private sealed class CorrelationTransform : Transform
    {
        public override string Name => "correlation Cholesky factor";
        public override int RankFrom => 1;
        public override int RankTo => 2;

        public override Shape ForwardShape(Shape shape) => Triangle.Matrix(shape, withDiagonal: false);
        public override Shape InverseShape(Shape shape) => Triangle.Vector(shape, withDiagonal: false);

        // Lᵢⱼ = zᵢⱼ Πₖ<ⱼ √(1 − zᵢₖ²), with zᵢᵢ = 1.
        public override Tensor Forward(Tensor x)
        {
            var z = TensorMath.Tanh(Triangle.Spread(x, withDiagonal: false));
            var left = TensorMath.Exp(0.5 * LogLeft(x));
            return Where(Triangle.Diagonal(z.Shape), left, z * left);
        }

        public override Tensor Inverse(Tensor y)
        {
            // Below the diagonal; above it and on it, 0 over 1.
            var below = Where(Triangle.Below(y.Shape), y, Tensor.Scalar(0, y.Type));
            var squares = below * below;
            var left = 1.0 - (squares.CumulativeSum(-1) - squares);
            var z = below / Sqrt(left);
            return Triangle.Collect(0.5 * (Log1p(z) - Log1p(-z)), withDiagonal: false);
        }

        public override Tensor LogJacobian(Tensor x, Tensor y)
        {
            var ofTanh = 2.0 * (Math.Log(2) - x - TensorMath.Softplus(-2.0 * x));
            var left = LogLeft(x);
            return ofTanh.Sum(-1) + 0.5 * Where(Triangle.Below(left.Shape), left, Tensor.Scalar(0, x.Type)).Sum(-1, -2);
        }

        // ln Πₖ<ⱼ (1 − zᵢₖ²), by ln(1 − tanh²) = 2(ln 2 − x − softplus(−2x)), which is 0 at 0.
        private static Tensor LogLeft(Tensor x)
        {
            var spread = Triangle.Spread(x, withDiagonal: false);
            var each = 2.0 * (Math.Log(2) - spread - TensorMath.Softplus(-2.0 * spread));
            each = Where(Triangle.Below(each.Shape), each, Tensor.Scalar(0, x.Type));
            return each.CumulativeSum(-1) - each;
        }
    }
}

/// <summary>The lower triangle of square matrices as vectors, row by row.</summary>
internal static class Triangle
{
    public static Shape Matrix(Shape vector, bool withDiagonal)
    {
        var n = 1;
        while (Count(n, withDiagonal) < vector[-1])
            n++;
        if (Count(n, withDiagonal) != vector[-1])
            throw new ShapeException($"A vector of {vector[-1]} numbers does not fill the triangle of a square matrix{(withDiagonal ? "" : " below its diagonal")}.");
        return Shape.Create([.. vector.AsSpan()[..^1], n, n]);
    }

    public static Shape Vector(Shape matrix, bool withDiagonal)
    {
        if (matrix.Rank < 2 || matrix[-1] != matrix[-2])
            throw new ShapeException($"A triangle is that of a square matrix; {matrix} is none.");
        var count = Count(matrix[-1], withDiagonal);
        return count > 0 ? Shape.Create([.. matrix.AsSpan()[..^2], count]) : throw new ShapeException("A correlation matrix of a single variable has nothing to infer.");
    }

    /// <summary>A vector laid out in the lower triangle; zeros elsewhere.</summary>
    public static Tensor Spread(Tensor vector, bool withDiagonal)
    {
        var shape = Matrix(vector.Shape, withDiagonal);
        var (n, count) = (shape[-1], vector.Shape[-1]);
        return Rows(vector).MatMul(Places(n, count, withDiagonal, vector.Type)).Reshape(shape);
    }

    /// <summary>The lower triangle as a vector.</summary>
    public static Tensor Collect(Tensor matrix, bool withDiagonal)
    {
        var shape = Vector(matrix.Shape, withDiagonal);
        var (n, count) = (matrix.Shape[-1], shape[-1]);
        return matrix.Reshape([matrix.Shape.Elements / (n * n), n * n]).MatMul(Places(n, count, withDiagonal, matrix.Type), transposeRight: true).Reshape(shape);
    }

    public static Tensor Diagonal(Shape matrix) => Tensor.Iota(matrix, matrix.Rank - 2).EqualTo(Tensor.Iota(matrix, matrix.Rank - 1));

    public static Tensor Below(Shape matrix) => Tensor.Iota(matrix, matrix.Rank - 1) < Tensor.Iota(matrix, matrix.Rank - 2);

    private static int Count(int n, bool withDiagonal) => withDiagonal ? n * (n + 1) / 2 : n * (n - 1) / 2;

    private static Tensor Rows(Tensor vector) => vector.Reshape([vector.Shape.Elements / vector.Shape[-1], vector.Shape[-1]]);

    // A one for each entry of the triangle, at its place in the matrix.
    private static Tensor Places(int n, int count, bool withDiagonal, DType type)
    {
        var places = new double[count * n * n];
        var k = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; withDiagonal ? j <= i : j < i; j++)
                places[k++ * n * n + i * n + j] = 1;
        }
        return Tensor.FromArray(places, [count, n * n], type);
    }
}
