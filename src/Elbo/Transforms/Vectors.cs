using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Transforms;

public abstract partial class Transform
{
    /// <summary>From all vectors to the increasing ones: y₁ = x₁, yₖ = yₖ₋₁ + e^xₖ.</summary>
    public static Transform Ordered { get; } = new OrderedTransform(isPositive: false);

    /// <summary>From all vectors to the increasing positive ones: yₖ = yₖ₋₁ + e^xₖ with y₀ = 0.</summary>
    public static Transform PositiveOrdered { get; } = new OrderedTransform(isPositive: true);

    /// <summary>From vectors of K − 1 numbers to K probabilities, by breaking a stick (Stan Reference Manual, "Unit simplex"); 0 goes to the uniform ones.</summary>
    public static Transform StickBreaking { get; } = new StickBreakingTransform();

    /// <summary>From vectors of K − 1 numbers to K numbers that add up to 0, without change of lengths or volumes.</summary>
    public static Transform ZeroSum { get; } = new ZeroSumTransform();

    /// <summary>Elements of a vector in another order: element i of the result is element <c>order[i]</c>.</summary>
    /// <exception cref="ArgumentException">The numbers are not an order of 0 to n − 1.</exception>
    public static Transform Permutation(params ReadOnlySpan<int> order) => new PermutationTransform(order.ToArray());

    private sealed class OrderedTransform(bool isPositive) : Transform
    {
        public override string Name => isPositive ? "positive ordered" : "ordered";
        public override int RankFrom => 1;

        public override Tensor Forward(Tensor x) => Steps(x).CumulativeSum(-1);

        public override Tensor Inverse(Tensor y)
        {
            var n = y.Shape[-1];
            var first = y.Slice(-1, 0, 1);
            first = isPositive ? Log(first) : first;
            return n == 1 ? first : Tensor.Concatenate(-1, first, Log(y.Slice(-1, 1, n - 1) - y.Slice(-1, 0, n - 1)));
        }

        public override Tensor LogJacobian(Tensor x, Tensor y)
        {
            var n = x.Shape[-1];
            if (isPositive)
                return x.Sum(-1);
            return n == 1 ? Tensor.Full(Shape.Create(x.Shape.AsSpan()[..^1]), 0, x.Type) : x.Slice(-1, 1, n - 1).Sum(-1);
        }

        private Tensor Steps(Tensor x)
        {
            var n = x.Shape[-1];
            return isPositive ? TensorMath.Exp(x) : n == 1 ? x : Tensor.Concatenate(-1, x.Slice(-1, 0, 1), TensorMath.Exp(x.Slice(-1, 1, n - 1)));
        }
    }

    private sealed class StickBreakingTransform : Transform
    {
        public override string Name => "stick-breaking";
        public override int RankFrom => 1;
        public override Shape ForwardShape(Shape shape) => shape.With(shape.Rank - 1, shape[-1] + 1);

        public override Shape InverseShape(Shape shape) => shape[-1] > 1 ? shape.With(shape.Rank - 1, shape[-1] - 1)
            : throw new ShapeException($"Probabilities of a single category are not free: {shape} has nothing to infer.");

        public override Tensor Forward(Tensor x)
        {
            var (logLeft, logBroken) = Sticks(x);
            // The last piece is what is left after all breaks.
            var n = x.Shape[-1];
            var last = (logLeft + -TensorMath.Softplus(Centred(x))).Slice(-1, n - 1, 1);
            return TensorMath.Exp(Tensor.Concatenate(-1, logLeft + logBroken, last));
        }

        public override Tensor Inverse(Tensor y)
        {
            var n = y.Shape[-1] - 1;
            // What is left before each break, added up from the end so that little is not the difference of much.
            var left = y.CumulativeSum(-1, reverse: true);
            return Log(y.Slice(-1, 0, n)) - Log(left.Slice(-1, 1, n)) + Offsets(n, y.Type);
        }

        public override Tensor LogJacobian(Tensor x, Tensor y)
        {
            var (logLeft, logBroken) = Sticks(x);
            return (logLeft + logBroken - TensorMath.Softplus(Centred(x))).Sum(-1);
        }

        // ln of the stick before each break, and of the share broken off it.
        private static (Tensor Left, Tensor Broken) Sticks(Tensor x)
        {
            var centred = Centred(x);
            var logKept = -TensorMath.Softplus(centred);
            return (logKept.CumulativeSum(-1) - logKept, LogSigmoid(centred));
        }

        private static Tensor Centred(Tensor x) => x - Offsets(x.Shape[-1], x.Type);

        // ln(K − k): with it, 0 breaks all pieces equal.
        private static Tensor Offsets(int n, DType type) => Tensor.FromArray([.. Enumerable.Range(0, n).Select(k => Math.Log(n - k))], [n], type);
    }

    private sealed class ZeroSumTransform : Transform
    {
        public override string Name => "zero-sum";
        public override int RankFrom => 1;
        public override Shape ForwardShape(Shape shape) => shape.With(shape.Rank - 1, shape[-1] + 1);
        public override Shape InverseShape(Shape shape) => shape.With(shape.Rank - 1, shape[-1] - 1);
        public override Tensor Forward(Tensor x) => TimesMatrix(x, Basis(x.Shape[-1] + 1, x.Type), transposed: false);
        public override Tensor Inverse(Tensor y) => TimesMatrix(y, Basis(y.Shape[-1], y.Type), transposed: true);
        public override Tensor LogJacobian(Tensor x, Tensor y) => Tensor.Full(Shape.Create(x.Shape.AsSpan()[..^1]), 0, x.Type);

        // Helmert's orthonormal contrasts: row k compares element k + 1 with the mean of those before it.
        private static Tensor Basis(int n, DType type)
        {
            var basis = new double[(n - 1) * n];
            for (var k = 1; k < n; k++)
            {
                var scale = 1 / Math.Sqrt((double)k * (k + 1));
                for (var j = 0; j < k; j++)
                    basis[(k - 1) * n + j] = scale;
                basis[(k - 1) * n + k] = -k * scale;
            }
            return Tensor.FromArray(basis, [n - 1, n], type);
        }
    }

    private sealed class PermutationTransform : Transform
    {
        private readonly int[] _order;

        public PermutationTransform(int[] order)
        {
            if (!order.Order().SequenceEqual(Enumerable.Range(0, order.Length)))
                throw new ArgumentException($"({string.Join(", ", order)}) is not an order of 0 to {order.Length - 1}.", nameof(order));
            _order = order;
        }

        public override string Name => "permutation";
        public override int RankFrom => 1;
        public override Tensor Forward(Tensor x) => Pick(x, _order);
        public override Tensor Inverse(Tensor y) => Pick(y, [.. Enumerable.Range(0, _order.Length).Select(i => Array.IndexOf(_order, i))]);
        public override Tensor LogJacobian(Tensor x, Tensor y) => Tensor.Full(Shape.Create(x.Shape.AsSpan()[..^1]), 0, x.Type);

        private static Tensor Pick(Tensor x, int[] order)
        {
            int[] lastFirst = [x.Rank - 1, .. Enumerable.Range(0, x.Rank - 1)];
            int[] back = [.. Enumerable.Range(1, x.Rank - 1), 0];
            return x.Transpose(lastFirst).Gather(Tensor.FromArray([.. order], [order.Length], DType.Int32)).Transpose(back);
        }
    }

    // The last axis of x times a fixed matrix.
    private static Tensor TimesMatrix(Tensor x, Tensor matrix, bool transposed)
    {
        var rows = x.Rank > 1 ? x : x.Reshape([1, x.Shape[0]]);
        var product = rows.MatMul(matrix, transposeRight: transposed);
        return x.Rank > 1 ? product : product.Reshape([product.Shape[1]]);
    }
}
