using Elbo.Compute.Tests.Reference;
using FsCheck;
using FsCheck.Fluent;
using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Engine;

/// <summary>Every derivative rule, once and twice, against differences over random shapes.</summary>
public class GradientTests
{
    private static readonly Gen<Shape> Shapes = Gen.Choose(1, 3).SelectMany(rank => Gen.Choose(1, 4).ArrayOf(rank)).Select(sizes => Shape.Create(sizes));

    // Where each function is smooth and its derivatives are moderate.
    public static TheoryData<string, double, double> Functions => new()
    {
        { nameof(Unary.Negate), -2, 2 }, { nameof(Unary.Abs), 0.1, 2 }, { nameof(Unary.Sqrt), 0.5, 4 }, { nameof(Unary.Exp), -2, 2 }, { nameof(Unary.Expm1), -2, 2 },
        { nameof(Unary.Log), 0.5, 4 }, { nameof(Unary.Log1p), -0.5, 3 }, { nameof(Unary.Sin), -3, 3 }, { nameof(Unary.Cos), -3, 3 }, { nameof(Unary.Tanh), -3, 3 },
        { nameof(Unary.Sigmoid), -4, 4 }, { nameof(Unary.Softplus), -4, 4 }, { nameof(Unary.Erf), -2, 2 }, { nameof(Unary.Erfc), -2, 2 }, { nameof(Unary.ErfInv), -0.8, 0.8 },
        { nameof(Unary.LogNormalCdf), -6, 3 }, { nameof(Unary.NormalQuantile), 0.1, 0.9 }, { nameof(Unary.LogGamma), 0.5, 9 }, { nameof(Unary.Copy), -2, 2 },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void Functions_of_one(string name, double low, double high) =>
        ForAll(8, (shape, seed) => FiniteDifferences.Agree(seed, x => Tensor.Map(Enum.Parse<Unary>(name), x[0]), (shape, low, high)));

    [Fact]
    public void Functions_of_negative_arguments()
    {
        ForAll(4, (shape, seed) => FiniteDifferences.Agree(seed, x => Abs(x[0]) * x[0], (shape, -2, -0.1)));
        ForAll(4, (shape, seed) => FiniteDifferences.Agree(seed, x => Pow(x[0], 3), (shape, -2, -0.1)));
    }

    [Theory]
    [InlineData(nameof(Binary.Add))]
    [InlineData(nameof(Binary.Subtract))]
    [InlineData(nameof(Binary.Multiply))]
    [InlineData(nameof(Binary.Divide))]
    [InlineData(nameof(Binary.Power))]
    [InlineData(nameof(Binary.Maximum))]
    [InlineData(nameof(Binary.Minimum))]
    public void Functions_of_two(string name)
    {
        var function = Enum.Parse<Binary>(name);
        ForAll(8, (shape, seed) =>
        {
            FiniteDifferences.Agree(seed, x => Tensor.Map(function, x[0], x[1]), (shape, 0.6, 1.4), (shape, 1.6, 2.4));
            FiniteDifferences.Agree(seed, x => Tensor.Map(function, x[0], x[1]), (shape, 1.6, 2.4), (shape, 0.6, 1.4));
            FiniteDifferences.Agree(seed, x => Tensor.Map(function, x[0], x[0] * 1.5), (shape, 0.6, 1.4));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Derivatives_of_digamma(int order) => ForAll(4, (shape, seed) => FiniteDifferences.Agree(seed, x => Polygamma(order, x[0]), (shape, 1.5, 8)));

    [Fact]
    public void Broadcasts_and_selections() => ForAll(12, (shape, seed) =>
    {
        var random = new Random(seed);
        var part = Shape.Create([.. shape.Skip(random.Next(shape.Rank)).Select(size => random.Next(2) == 0 ? 1 : size)]);
        FiniteDifferences.Agree(seed, x => x[0] * x[1] + Sin(x[1]), (shape, -2, 2), (part, -2, 2));
        FiniteDifferences.Agree(seed, x => Where(Tensor.Iota(shape, 0).Convert(DType.Float64) < 1.0, Exp(x[0]), x[1]), (shape, -2, 2), (part, -2, 2));
        FiniteDifferences.Agree(seed, x => Exp(x[0].BroadcastTo([2, .. shape])), (shape, -1, 1));
    });

    [Fact]
    public void Movements_of_elements() => ForAll(12, (shape, seed) =>
    {
        var random = new Random(seed);
        var axes = Enumerable.Range(0, shape.Rank).ToArray();
        random.Shuffle(axes);
        var size = shape.Select(s => random.Next(1, s + 1)).ToArray();
        int[] start = [.. size.Zip(shape).Select(s => random.Next(s.Second - s.First + 1))];
        var argument = (shape, -1.0, 1.0);
        FiniteDifferences.Agree(seed, x => Exp(x[0].Transpose(axes)), argument);
        FiniteDifferences.Agree(seed, x => Exp(x[0].Reshape([shape.Elements, 1])), argument);
        FiniteDifferences.Agree(seed, x => Exp(x[0].Slice(start, Shape.Create(size))), argument);
        FiniteDifferences.Agree(seed, x => Exp(x[0].Pad(start, size)), argument);
        FiniteDifferences.Agree(seed, x => Exp(Tensor.Concatenate(random.Next(shape.Rank), x[0], x[1] * x[0], x[0])), argument, argument);
    });

    [Fact]
    public void Reductions_and_running_sums() => ForAll(12, (shape, seed) =>
    {
        var random = new Random(seed);
        int[] axes = [random.Next(shape.Rank)];
        FiniteDifferences.Agree(seed, x => Exp(x[0].Sum(axes) * 0.25) * x[0].Sum(), (shape, -1, 1));
        // Far enough apart that no step changes which is the greatest.
        var ramp = Tensor.FromArray([.. Enumerable.Range(0, shape.Elements).OrderBy(_ => random.Next()).Select(i => (double)i)], shape, DType.Float64);
        FiniteDifferences.Agree(seed, x => Exp((x[0] + ramp).Max(axes) * 0.1) + (x[0] - ramp).Max(), (shape, -0.2, 0.2));
        FiniteDifferences.Agree(seed, x => Exp(x[0].CumulativeSum(axes[0], seed % 2 == 0) * 0.5), (shape, -1, 1));
        FiniteDifferences.Agree(seed, x => LogSumExp(x[0], axes).Sum() * Softmax(x[0], axes[0]) + LogSoftmax(x[0], axes[0]), (shape, -1, 1));
    });

    [Fact]
    public void Matrix_products() => ForAll(16, (shape, seed) =>
    {
        var random = new Random(seed);
        var (left, right, batched) = (random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
        var (m, k, n) = (random.Next(1, 5), random.Next(1, 5), random.Next(1, 5));
        int[] a = left ? [k, m] : [m, k];
        int[] b = right ? [n, k] : [k, n];
        int[] batch = random.Next(2) == 0 ? [] : [shape[0]];
        FiniteDifferences.Agree(seed, x => Sin(x[0].MatMul(x[1], left, right)), (Shape.Create([.. batch, .. a]), -1, 1), (Shape.Create(batched ? [.. batch, .. b] : b), -1, 1));
    });

    [Fact]
    public void Gathers_and_scatters() => ForAll(8, (shape, seed) =>
    {
        var random = new Random(seed);
        Tensor Indices(Shape of, int limit) => Tensor.FromArray([.. Enumerable.Range(0, of.Elements).Select(_ => (double)random.Next(-1, limit + 1))], of, DType.Int32);
        var places = Indices([3, 2], shape[0]);
        FiniteDifferences.Agree(seed, x => Exp(x[0].Gather(places)), (shape, -1, 1));
        var targets = Indices([shape[0]], 3);
        FiniteDifferences.Agree(seed, x => Exp(x[0].ScatterAdd(targets, 3)), (shape, -1, 1));
    });

    [Fact]
    public void Factorisations_and_solutions() => ForAll(8, (shape, seed) =>
    {
        var (n, m) = (shape[0], 1 + seed % 3);
        int[] batch = shape.Rank > 1 ? [shape[1]] : [];
        Tensor Factor(Tensor x) => (x.MatMul(x, false, true) + PrimitiveTests.Identity(n)).Cholesky();
        FiniteDifferences.Agree(seed, x => Factor(x[0]), (Shape.Create([.. batch, n, n]), -1, 1));
        FiniteDifferences.Agree(seed, x => Factor(x[0]).TriangularSolve(x[1], seed % 2 == 0), (Shape.Create([.. batch, n, n]), -1, 1), (Shape.Create([.. batch, n, m]), -1, 1));
    });

    [Fact]
    public void A_log_determinant_has_the_inverse_as_its_derivative()
    {
        var experiment = new Experiment();
        var m = experiment.Input([4, 4]);
        var a = m.MatMul(m, false, true) + PrimitiveTests.Identity(4);
        var l = a.Cholesky();
        var logDeterminant = 2 * Log((l * PrimitiveTests.Identity(4)).Sum(1)).Sum();
        var gradient = Gradient.Of(logDeterminant, a)[0];
        using var cpu = new Cpu(1);
        var product = gradient.MatMul(a);
        using var function = cpu.Compile([product]);
        experiment.Run(function, product);
        for (var i = 0; i < 16; i++)
            Assert.Equal(i % 5 == 0 ? 1 : 0, function.Output<double>(product)[i], 1e-10);
    }

    [Fact]
    public void Floats_that_become_doubles_send_their_gradient_back()
    {
        var x = Tensor.FromArray([1, 2, 3], [3]);
        Assert.Equal([2, 4, 6], Evaluate(Gradient.Of((x.Convert(DType.Float64) * x.Convert(DType.Float64)).Sum(), x)[0]));
        var y = Tensor.FromArray([1, 2, 3], [3], DType.Float64);
        Assert.Equal([0, 0, 0], Evaluate(Gradient.Of((y.Convert(DType.Int32).Convert(DType.Float64) + Floor(y) + Sign(y) + Round(y) + StopGradient(y)).Sum(), y)[0]));
    }

    [Fact]
    public void Equal_maxima_share_the_gradient()
    {
        var x = Tensor.FromArray([1, 3, 3, 2, 3, 0], [2, 3], DType.Float64);
        Assert.Equal([0, 0.5, 0.5, 0, 1, 0], Evaluate(Gradient.Of(x.Max(1).Sum(), x)[0]));
        Assert.Equal([0, 1.0 / 3, 1.0 / 3, 0, 1.0 / 3, 0], Evaluate(Gradient.Of(x.Max(), x)[0]));
        var y = Tensor.FromArray([1, 4, 3, 2, 2, 0], [2, 3], DType.Float64);
        Assert.Equal([0.5, 0, 0.5, 0.5, 1, 0.5], Evaluate(Gradient.Of(Maximum(x, y).Sum(), x)[0]));
        Assert.Equal([0.5, 0, 0.5, 0.5, 1, 0.5], Evaluate(-Gradient.Of(Minimum(-x, -y).Sum(), x)[0]));
        Assert.Equal([0, 1, 1, 0, 1, 0], Evaluate(Gradient.Of(Maximum(x, Tensor.Scalar(2, DType.Float64)).Sum(), x)[0]));
        Assert.Equal([0, 1, 1, 0, 1, 0], Evaluate(Gradient.Of(Maximum(Tensor.Scalar(2, DType.Float64), x).Sum(), x)[0]));
        Assert.Equal([1, 1, 1, 1, 1, 0], Evaluate(Gradient.Of(Relu(x).Sum(), x)[0]));
    }

    [Fact]
    public void The_side_not_chosen_sends_no_gradient()
    {
        var x = Tensor.FromArray([-1, 0, 4], [3], DType.Float64);
        // The usual double where: the function is never asked where it has no value.
        var isPositive = x > 0.0;
        var safe = Where(isPositive, x, Tensor.Scalar(1, DType.Float64));
        Assert.Equal([0, 0, 0.25], Evaluate(Gradient.Of(Where(isPositive, Log(safe), Tensor.Scalar(0, DType.Float64)).Sum(), x)[0]));
        Assert.Equal([0, 0, 0.25], Evaluate(Gradient.Of(Where(isPositive, Sqrt(safe), x * 0.0).Sum(), x)[0]));
        Assert.Equal([0, 1, 0], Evaluate(Gradient.Of(Clamp(x, -0.5, 3).Sum(), x)[0]));
    }

    [Fact]
    public void Powers_at_zero()
    {
        var x = Tensor.FromArray([0, 2], [2], DType.Float64);
        Assert.Equal([0, 0], Evaluate(Gradient.Of(Pow(x, 0).Sum(), x)[0]));
        Assert.Equal([1, 1], Evaluate(Gradient.Of(Pow(x, 1).Sum(), x)[0]));
        Assert.Equal([0, 4], Evaluate(Gradient.Of(Pow(x, 2).Sum(), x)[0]));
        var y = Tensor.FromArray([2, 2], [2], DType.Float64);
        Assert.Equal([0, 4 * Math.Log(2)], Evaluate(Gradient.Of(Pow(x, y).Sum(), y)[0]), (a, b) => Math.Abs(a - b) < 1e-14);
    }

    [Fact]
    public void A_source_given_a_name_later_is_the_same_source()
    {
        var x = Tensor.FromArray([1, 2], [2], DType.Float64);
        var named = x.Named("x");
        Assert.Equal([2, 4], Evaluate(Gradient.Of((named * named).Sum(), x)[0]));
        Assert.Equal([2, 4], Evaluate(Gradient.Of((x * x).Sum(), named)[0]));
        var inner = Exp(x);
        Assert.Equal([1, 1], Evaluate(Gradient.Of(inner.Named("inner").Sum(), inner)[0]));
    }

    [Fact]
    public void Nodes_inside_the_graph_and_absent_ones()
    {
        var x = Tensor.FromArray([1, 2], [2], DType.Float64);
        var middle = Exp(x);
        var loss = Log(1.0 + middle).Sum() + x.Sum();
        var gradients = Gradient.Of(loss, middle, x, Tensor.FromArray([5], [1], DType.Float64), loss);
        Assert.Equal([1 / (1 + Math.E), 1 / (1 + Math.E * Math.E)], Evaluate(gradients[0]), (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.Equal([1 + Math.E / (1 + Math.E), 1 + Math.E * Math.E / (1 + Math.E * Math.E)], Evaluate(gradients[1]), (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.Equal([0], Evaluate(gradients[2]));
        Assert.Equal([1], Evaluate(gradients[3]));
    }

    private static void ForAll(int tests, Action<Shape, int> property) =>
        Prop.ForAll(Arb.From(Shapes), Arb.From(Gen.Choose(0, 1_000_000)), property).Check(Config.QuickThrowOnFailure.WithMaxTest(tests));

    private static double[] Evaluate(Tensor tensor)
    {
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([tensor]);
        function.Run();
        return Experiment.Read(function, tensor);
    }
}
