using Elbo.Compute;
using Elbo.Networks;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Tests.Networks;

/// <summary>Recurrent layers against their equations, number by number, and at work.</summary>
public class RecurrentTests
{
    private const int Steps = 5;
    private const int Rows = 3;
    private const int Inputs = 4;
    private const int Units = 6;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Long_short_term_memory_is_its_equations(bool reverse)
    {
        var layer = new Lstm("lstm", Inputs, Units, new RandomNumbers(1, 1));
        var variables = layer.Variables.ToArray();
        Assert.Equal(Enumerable.Repeat(1f, Units), variables[2].AsSpan<float>().Slice(Units, Units).ToArray());
        Perturb(variables[2]);
        var (x, h0, c0) = (Tensor.Input("x", [Steps, Rows, Inputs]), Tensor.Input("h", [Rows, Units]), Tensor.Input("c", [Rows, Units]));
        var (outputs, last) = layer.Apply(x, new(h0, c0), new() { Reverse = reverse });
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([outputs, last.Hidden, last.Cell]);
        var (xs, h, c) = (Fill(function, x), Fill(function, h0), Fill(function, c0));
        function.Run();

        for (var step = 0; step < Steps; step++)
        {
            var t = reverse ? Steps - 1 - step : step;
            var before = (double[])h.Clone();
            for (var row = 0; row < Rows; row++)
            {
                for (var unit = 0; unit < Units; unit++)
                {
                    double Gate(int gate) => Affine(variables, xs, before, t, row, gate * Units + unit, 4) + variables[2].AsSpan<float>()[gate * Units + unit];
                    var at = row * Units + unit;
                    c[at] = Logistic(Gate(1)) * c[at] + Logistic(Gate(0)) * Math.Tanh(Gate(2));
                    h[at] = Logistic(Gate(3)) * Math.Tanh(c[at]);
                }
            }
            AreNear(h, function.Output<float>(outputs).Slice(t * Rows * Units, Rows * Units));
        }
        AreNear(h, function.Output<float>(last.Hidden));
        AreNear(c, function.Output<float>(last.Cell));
    }

    [Fact]
    public void A_gated_recurrent_layer_is_its_equations()
    {
        var layer = new Gru("gru", Inputs, Units, new RandomNumbers(1, 1));
        var variables = layer.Variables.ToArray();
        Perturb(variables[2]);
        Perturb(variables[3]);
        var (x, h0) = (Tensor.Input("x", [Steps, Rows, Inputs]), Tensor.Input("h", [Rows, Units]));
        var (outputs, last) = layer.Apply(x, h0);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([outputs, last]);
        var (xs, h) = (Fill(function, x), Fill(function, h0));
        function.Run();

        for (var t = 0; t < Steps; t++)
        {
            var before = (double[])h.Clone();
            for (var row = 0; row < Rows; row++)
            {
                for (var unit = 0; unit < Units; unit++)
                {
                    double Gate(int gate) => Affine(variables, xs, before, t, row, gate * Units + unit, 3) + variables[2].AsSpan<float>()[gate * Units + unit];
                    var fromState = Affine(variables, null, before, t, row, 2 * Units + unit, 3);
                    var (reset, update) = (Logistic(Gate(0)), Logistic(Gate(1)));
                    var candidate = Math.Tanh(Gate(2) - fromState + reset * (fromState + variables[3].AsSpan<float>()[unit]));
                    h[row * Units + unit] = (1 - update) * candidate + update * before[row * Units + unit];
                }
            }
            AreNear(h, function.Output<float>(outputs).Slice(t * Rows * Units, Rows * Units));
        }
        AreNear(h, function.Output<float>(last));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weights_of_the_state_are_orthogonal_gate_by_gate(bool isLstm)
    {
        var variables = isLstm ? new Lstm("layer", Inputs, Units, new RandomNumbers(2, 1)).Variables.ToArray() : [.. new Gru("layer", Inputs, Units, new RandomNumbers(2, 1)).Variables];
        var (gates, weights) = (isLstm ? 4 : 3, variables[1].AsSpan<float>().ToArray());
        for (var gate = 0; gate < gates; gate++)
        {
            for (var i = 0; i < Units; i++)
            {
                for (var j = 0; j < Units; j++)
                {
                    var product = Enumerable.Range(0, Units).Sum(k => (double)weights[i * gates * Units + gate * Units + k] * weights[j * gates * Units + gate * Units + k]);
                    Assert.Equal(i == j ? 1 : 0, product, 1e-6);
                }
            }
        }
        Assert.All(variables[0].AsSpan<float>().ToArray(), weight => Assert.InRange(Math.Abs(weight), 0, Math.Sqrt(6.0 / (Inputs + Units))));
    }

    // The gradient of the compiled layer, against differences of the layer itself in single precision.
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Gradients_agree_with_differences(bool isLstm, bool recompute)
    {
        var random = new RandomNumbers(3, 1);
        var (lstm, gru) = (new Lstm("lstm", Inputs, Units, random), new Gru("gru", Inputs, Units, random));
        var variables = isLstm ? lstm.Variables.ToArray() : [.. gru.Variables];
        var x = Tensor.Input("x", [Steps, Rows, Inputs]);
        var options = new ScanOptions { Recompute = recompute };
        var outputs = isLstm ? lstm.Apply(x, null, options).Outputs : gru.Apply(x, null, options).Outputs;
        var weight = Tensor.FromArray([.. Enumerable.Range(0, outputs.Shape.Elements).Select(_ => random.NextNormal())], outputs.Shape);
        var value = (outputs * weight).Sum();
        var gradients = Gradient.Of(value, [.. variables.Select(v => v.Value)]);
        // At a random place, along a random line: the derivative along it in one number.
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([value, .. gradients]);
        Fill(function, x);
        foreach (var (variable, gradient) in variables.Zip(gradients))
        {
            var start = variable.AsSpan<float>().ToArray();
            var line = start.Select(_ => random.NextNormal()).ToArray();
            double At(double step)
            {
                for (var i = 0; i < start.Length; i++)
                    variable.AsSpan<float>()[i] = (float)(start[i] + step * line[i]);
                function.Run();
                return function.Scalar(value);
            }
            const double Step = 0.02;
            var slope = (8 * (At(Step) - At(-Step)) - (At(2 * Step) - At(-2 * Step))) / (12 * Step);
            At(0);
            Assert.Equal(slope, function.Output<float>(gradient).ToArray().Zip(line, (g, l) => g * l).Sum(), 2e-3 * (1 + Math.Abs(slope)));
        }
    }

    // The first symbol comes back after a delay full of other symbols: nothing but memory can tell it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_layer_learns_to_remember(bool isLstm)
    {
        const int Length = 12;
        const int Batch = 32;
        var random = new RandomNumbers(4, 1);
        var (lstm, gru, head) = (new Lstm("lstm", 2, 12, random), new Gru("gru", 2, 12, random), new Mlp("head", [12, 1], Activation.Tanh, random));
        var x = Tensor.Input("x", [Length, Batch, 2]);
        var last = isLstm ? lstm.Apply(x).Last.Hidden : gru.Apply(x).Last;
        var sign = x.Slice([0, 0, 0], [1, Batch, 1]).Reshape([Batch, 1]);
        var loss = Softplus(-sign * head.Apply(last)).Mean();
        Variable[] variables = [.. isLstm ? lstm.Variables : gru.Variables, .. head.Variables];
        var adam = new Adam(variables);
        using var cpu = new Cpu(2);
        using var function = cpu.Compile([loss], adam.Step(Gradient.Of(loss, [.. variables.Select(v => v.Value)]), Tensor.Scalar(0.02), Tensor.Scalar(1).EqualTo(1)));
        var losses = new List<double>();
        for (var step = 0; step < 200; step++)
        {
            var data = function.Input<float>(x);
            for (var i = 0; i < data.Length; i += 2)
                (data[i], data[i + 1]) = (random.NextBelow(2) * 2 - 1, i < 2 * Batch ? 1 : 0);
            function.Run();
            losses.Add(function.Scalar(loss));
        }
        Assert.InRange(losses[0], 0.5, 1.2);
        Assert.InRange(losses.TakeLast(10).Average(), 0, 0.05);
    }

    [Fact]
    public void A_sequence_of_another_shape_is_named()
    {
        var error = Assert.Throws<ShapeException>(() => new Gru("gru", 3, 4, new RandomNumbers(1, 1)).Apply(Tensor.Input("x", [7, 5])));
        Assert.Contains("[steps, rows, 3], not [7, 5]", error.Message, StringComparison.Ordinal);
    }

    // What inputs and state contribute to a gate of a unit.
    private static double Affine(Variable[] variables, double[]? xs, double[] h, int t, int row, int column, int gates)
    {
        var fromInput = variables[0].AsSpan<float>();
        var fromState = variables[1].AsSpan<float>();
        var sum = 0.0;
        for (var k = 0; xs is not null && k < Inputs; k++)
            sum += xs[(t * Rows + row) * Inputs + k] * fromInput[k * gates * Units + column];
        for (var k = 0; k < Units; k++)
            sum += h[row * Units + k] * fromState[k * gates * Units + column];
        return sum;
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Fill(CompiledFunction function, Tensor input)
    {
        var random = new RandomNumbers(9, (ulong)input.Shape.Elements);
        foreach (ref var element in function.Input<float>(input))
            element = (float)random.NextNormal();
        return [.. function.Input<float>(input).ToArray().Select(e => (double)e)];
    }

    private static void Perturb(Variable variable)
    {
        var random = new RandomNumbers(8, 1);
        foreach (ref var element in variable.AsSpan<float>())
            element += (float)(0.3 * random.NextNormal());
    }

    private static void AreNear(double[] expected, ReadOnlySpan<float> actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 3e-6);
    }
}
