using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Engine;

/// <summary>Formulae as people write them, where evaluating them as written overflows or cancels; values and derivatives.</summary>
public class StabilityTests
{
    // Function, argument, value, derivative.
    public static TheoryData<string, double, double, double> Forms => new()
    {
        { "log(1 + exp)", 800, 800, 1 }, { "log(1 + exp)", -800, 0, 0 }, { "log(1 + exp)", -40, 4.248354255291589e-18, 4.248354255291589e-18 },
        { "log(exp + 1)", 800, 800, 1 },
        { "log1p(exp)", 800, 800, 1 },
        { "log(sigmoid)", -800, -800, 1 }, { "log(sigmoid)", 40, -4.248354255291589e-18, 4.248354255291589e-18 },
        { "log(1 - sigmoid)", 800, -800, -1 },
        { "log1p(-sigmoid)", 800, -800, -1 },
        { "log(1 / (1 + exp(-)))", -800, -800, 1 },
        { "1 / (1 + exp)", 800, 0, 0 }, { "1 / (1 + exp)", -800, 1, 0 },
        { "log(exp)", 800, 800, 1 },
        { "exp - 1", 1e-12, 1.0000000000005e-12, 1.000000000001 },
        { "exp + -1", 1e-12, 1.0000000000005e-12, 1.000000000001 },
        { "log(1 + x)", 1e-12, 9.999999999995e-13, 0.999999999999 },
        { "1 - erf", 6, 2.1519736712498913e-17, -2.617301239249265e-16 },
        { "1 - sigmoid", 50, 1.928749847963918e-22, -1.928749847963918e-22 },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Written_naively_it_is_finite_and_accurate(string form, double argument, double value, double derivative)
    {
        var x = Tensor.Input("x", [3], DType.Float64);
        var y = Form(form, x);
        var gradient = Gradient.Of(y.Sum(), x)[0];
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([y, gradient]);
        function.Input<double>(x).Fill(argument);
        function.Run();
        Assert.Equal(value, function.Output<double>(y)[1], 1e-12 * Math.Abs(value));
        Assert.Equal(derivative, function.Output<double>(gradient)[1], 1e-12 * Math.Abs(derivative));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(-1000)]
    [InlineData(0)]
    public void Log_sum_exp_of_large_numbers(double shift)
    {
        var x = Tensor.Input("x", [2, 4], DType.Float64);
        Tensor[] forms = [Log(Exp(x).Sum(1)), Log(Exp(x).SumKeeping(1)), LogSumExp(x, 1), Log(Exp(x).Mean(1)) + Math.Log(4), Log(Exp(x).Sum(1) * 0.25) - Math.Log(0.25)];
        var gradients = forms.Select(f => Gradient.Of(f.Sum(), x)[0]).ToArray();
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([.. forms, .. gradients]);
        new double[] { shift, shift + 1, shift - 1, shift, shift - 800, shift, shift, shift }.CopyTo(function.Input<double>(x));
        function.Run();
        var expected = shift + Math.Log(2 + Math.E + 1 / Math.E);
        foreach (var form in forms)
        {
            Assert.Equal(expected, function.Output<double>(form)[0], 1e-12 * (1 + Math.Abs(expected)));
            Assert.Equal(shift + Math.Log(3), function.Output<double>(form)[1], 1e-12 * (1 + Math.Abs(expected)));
        }
        foreach (var gradient in gradients)
        {
            Assert.Equal(Math.Exp(shift - expected), function.Output<double>(gradient)[0], 1e-11);
            Assert.Equal(1.0 / 3, function.Output<double>(gradient)[5], 1e-12);
        }
    }

    [Fact]
    public void A_maximum_somewhere_below_does_not_pass_for_the_shift()
    {
        var x = Tensor.Input("x", [4], DType.Float64);
        // Subtracts something that a maximum went into, but not the maximum of what is summed.
        var y = Log(Exp(x - Tanh(x.MaxKeeping(0))).Sum());
        var z = LogSumExp(x - LogSumExp(x * 0.001, 0).BroadcastTo([4]));
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([y, z]);
        function.Input<double>(x).Fill(2000);
        function.Run();
        Assert.Equal(1999 + Math.Log(4), function.Scalar(y), 1e-9);
        Assert.Equal(2000 - 2, function.Scalar(z), 1e-9);
    }

    [Fact]
    public void Only_minus_infinity_is_log_sum_exp_of_nothing()
    {
        var x = Tensor.FromArray([double.NegativeInfinity, double.NegativeInfinity, double.PositiveInfinity, 0, double.NegativeInfinity, 3], [3, 2], DType.Float64);
        var naive = Log(Exp(x).Sum(1));
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([naive]);
        function.Run();
        Assert.Equal([double.NegativeInfinity, double.PositiveInfinity, 3], function.Output<double>(naive).ToArray());
    }

    private static Tensor Form(string form, Tensor x) => form switch
    {
        "log(1 + exp)" => Log(1 + Exp(x)),
        "log(exp + 1)" => Log(Exp(x) + 1),
        "log1p(exp)" => Log1p(Exp(x)),
        "log(sigmoid)" => Log(Sigmoid(x)),
        "log(1 - sigmoid)" => Log(1 - Sigmoid(x)),
        "log1p(-sigmoid)" => Log1p(-Sigmoid(x)),
        "log(1 / (1 + exp(-)))" => Log(1 / (1 + Exp(-x))),
        "1 / (1 + exp)" => 1 / (1 + Exp(x)),
        "log(exp)" => Log(Exp(x)),
        "exp - 1" => Exp(x) - 1,
        "exp + -1" => Exp(x) + -1,
        "log(1 + x)" => Log(1 + x),
        "1 - erf" => 1 - Erf(x),
        "1 - sigmoid" => 1 - Sigmoid(x),
        _ => throw new ArgumentOutOfRangeException(nameof(form)),
    };
}
