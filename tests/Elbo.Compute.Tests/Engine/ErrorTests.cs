using System.Runtime.CompilerServices;
using Elbo.Compute.Tests.Reference;
using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Engine;

/// <summary>What a person reads who made a mistake.</summary>
public class ErrorTests
{
    private static readonly Tensor X = Tensor.Input("x", [3, 4]);

    [Fact]
    public void A_shape_mistake_names_the_operation_both_shapes_and_the_line()
    {
        var y = Tensor.Input("y", [5, 4]);
        Says(() => X + y, Line(), "Add", "[3, 4]", "[5, 4]", "3 and 5");
        Says(() => X.MatMul(y), Line(), "MatMul", "[3, 4]", "[5, 4]", "4 and 5");
        Says(() => X.MatMul(y, true, true), Line(), "MatMul", "[3, 4] transposed", "[5, 4] transposed");
        Says(() => X.Reshape([5]), Line(), "Reshape", "[3, 4]", "[5]", "12");
        Says(() => X.BroadcastTo([3, 5]), Line(), "BroadcastTo", "[3, 4]", "[3, 5]");
        Says(() => X.Slice(1, 3, 2), Line(), "Slice", "[3, 4]", "[0, 3]");
        Says(() => X.Slice(1, 0, 0), Line(), "Slice", "[3, 4]");
        Says(() => X.Transpose(0, 0), Line(), "Transpose", "[0, 0]", "[3, 4]");
        Says(() => X.Sum(2), Line(), "Sum", "axis 2", "[3, 4]");
        Says(() => X.Max(1, -1), Line(), "Max", "named twice", "[3, 4]");
        Says(() => Tensor.Concatenate(0, X, Tensor.Input("z", [2, 5])), Line(), "Concatenate", "[3, 4]", "[2, 5]");
        Says(() => X.Pad([1], [1]), Line(), "Pad", "[3, 4]");
        Says(() => Where(X < 0.0, X, Tensor.Input("z", [7])), Line(), "Where", "[3, 4]", "[7]");
        Says(() => X.Cholesky(), Line(), "Cholesky", "[3, 4]");
        Says(() => Tensor.Input("l", [3, 3]).TriangularSolve(y), Line(), "TriangularSolve", "[3, 3]", "[5, 4]");
        Says(() => X.ScatterAdd(Tensor.Input("i", [2], DType.Int32), 9), Line(), "ScatterAdd", "[3, 4]", "[2]");
        Says(() => Tensor.FromArray([1, 2, 3], [2, 2]), Line(), "3 elements", "[2, 2]");
    }

    [Fact]
    public void A_type_mistake_names_the_operation_and_both_types()
    {
        var wide = Tensor.Input("y", [3, 4], DType.Float64);
        var index = Tensor.Input("i", [3], DType.Int32);
        Says(() => X * wide, Line(), "Multiply", "Float32[3, 4]", "Float64[3, 4]", "Convert");
        Says(() => X.MatMul(wide), Line(), "MatMul", "Float32", "Float64");
        Says(() => Exp(index), Line(), "Exp", "Int32", "[3]", "Convert");
        Says(() => index / index, Line(), "Divide", "Int32");
        Says(() => X & X, Line(), "And", "Float32");
        Says(() => index.Sum(), Line(), "Sum", "Int32[3]");
        Says(() => X.Gather(X), Line(), "Gather", "Int32", "Float32[3, 4]");
        Says(() => Where(X, X, X), Line(), "Where", "truth values");
        Says(() => Where(X < 0.0, X, wide), Line(), "Where", "Float32", "Float64");
        Says(() => Gradient.Of(X, X)[0], Line(), "Only one float", "[3, 4]");
        Says(() => Gradient.Of(X.Sum(), index)[0], Line(), "Int32[3]");
        Says(() => new RandomSource(X, X).Normal([2], 1), Line(), "seed", "Float32[3, 4]");
    }

    [Fact]
    public void An_update_must_fit_its_variable()
    {
        using var variable = new Variable("weights", [2, 3]);
        using var cpu = new Cpu(1);
        var error = Assert.Throws<ShapeException>(() => cpu.Compile([], [new(variable, X)]));
        Assert.Contains("'weights', Float32[2, 3], is Float32[3, 4]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_and_outputs_are_asked_for_by_their_own_type_and_only_if_they_are_any()
    {
        var y = Exp(X);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([y]);
        Contains(Assert.Throws<ArgumentException>(() => { function.Input<double>(X); }), "Float32", "Double");
        Contains(Assert.Throws<ArgumentException>(() => { function.Output<int>(y); }), "Float32", "Int32");
        Contains(Assert.Throws<ArgumentException>(() => { function.Output<float>(Exp(X)); }), "is not an output");
        Contains(Assert.Throws<ArgumentException>(() => { function.Input<float>(Tensor.Input("z", [2])); }), "z", "It reads", "x");
        Contains(Assert.Throws<ArgumentException>(() => { function.Input<byte>(X); }), "Byte");
        using var variable = new Variable("v", [2]);
        Contains(Assert.Throws<ArgumentException>(() => { variable.AsSpan<double>(); }), "'v'", "Float32", "Double");
    }

    [Fact]
    public void The_first_operation_that_is_not_finite_is_named_with_its_label_place_and_operands()
    {
        var x = Tensor.Input("x", [2, 3], DType.Float64);
        var logarithm = Log(x - 1.0).Named("log rate");
        var after = (Exp(logarithm.Sum()) * x).Named("innocent");
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([after], options: new() { FindNonFinite = true });
        new double[] { 2, 3, 4, 5, 0.25, 7 }.CopyTo(function.Input<double>(x));
        var error = Assert.Throws<NonFiniteException>(function.Run);
        Contains(error, "Log 'log rate'", "[2, 3]", "NaN", "at [1, 1]", "Subtract", "= -0.75");
        function.Input<double>(x)[4] = 6;
        function.Run();
        Assert.True(double.IsFinite(function.Output<double>(after)[0]));
    }

    [Fact]
    public void Operands_are_told_as_they_were_although_memory_is_scarce()
    {
        var x = Tensor.Input("x", [4], DType.Float64);
        // A chain in which each value could be written over its only operand.
        var chain = (1.0 / (x * 2 - 4).Named("denominator")).Named("inverse");
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([chain * 2], options: new() { FindNonFinite = true });
        function.Input<double>(x).Fill(2);
        Contains(Assert.Throws<NonFiniteException>(function.Run), "Divide 'inverse'", "'denominator'", "= 0");
    }

    [Fact]
    public void A_label_outlives_the_rule_that_replaces_its_bearer()
    {
        var x = Tensor.Input("x", [4], DType.Float64);
        var y = Log(1 + x).Named("log of one more");
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([y], options: new() { FindNonFinite = true });
        function.Input<double>(x).Fill(-3);
        Contains(Assert.Throws<NonFiniteException>(function.Run), "Log1p 'log of one more'");
    }

    [Fact]
    public void A_run_that_stops_leaves_all_state_as_it_was()
    {
        using var a = new Variable("a", [3], DType.Float64);
        using var b = new Variable("b", [3], DType.Float64);
        a.AsSpan<double>().Fill(1);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([], [new(a, a.Value + 1), new(b, Log(b.Value - a - 1))], new() { FindNonFinite = true });
        Assert.Throws<NonFiniteException>(function.Run);
        Assert.Equal([1, 1, 1], Experiment.Read(a));
        Assert.Equal([0, 0, 0], Experiment.Read(b));
    }

    [Fact]
    public void Data_and_parameters_that_are_not_finite_are_told_from_what_is_made_of_them()
    {
        var x = Tensor.Input("price", [2]);
        using var v = new Variable("weight", [2]);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([x * v], options: new() { FindNonFinite = true });
        function.Input<float>(x)[1] = float.NaN;
        Contains(Assert.Throws<NonFiniteException>(function.Run), "price", "NaN", "[1]", "before the run");
        function.Input<float>(x)[1] = 0;
        v.AsSpan<float>()[0] = float.PositiveInfinity;
        Contains(Assert.Throws<NonFiniteException>(function.Run), "weight", "[0]", "before the run");
    }

    private static int Line([CallerLineNumber] int line = 0) => line;

    private static void Says(Func<Tensor> mistake, int line, params string[] parts)
    {
        var error = Assert.Throws<ShapeException>(mistake);
        Contains(error, [.. parts, $"(at ErrorTests.cs:{line})"]);
    }

    private static void Contains(Exception error, params string[] parts)
    {
        foreach (var part in parts)
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
