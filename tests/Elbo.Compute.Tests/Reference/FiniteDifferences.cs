namespace Elbo.Compute.Tests.Reference;

/// <summary>Derivatives by differences of what a graph means, against derivatives by rule as compiled.</summary>
internal static class FiniteDifferences
{
    // Five points: the error of the formula and of rounding are both near 1e-11.
    private const double Step = 2e-3;

    /// <summary>Asserts first derivatives of a random projection of <paramref name="function"/>, and second ones along a random direction.</summary>
    public static void Agree(int seed, Func<Tensor[], Tensor> function, params (Shape Shape, double Low, double High)[] arguments)
    {
        var experiment = new Experiment(seed);
        Tensor[] x = [.. arguments.Select(a => experiment.Input(a.Shape, DType.Float64, a.Low, a.High))];
        var value = function(x);
        var scalar = (value * experiment.Input(value.Shape)).Sum();
        var gradients = Gradient.Of(scalar, x);
        AreDerivatives(experiment, scalar, x, gradients, 1e-7);

        var direction = Tensor.Scalar(0, DType.Float64);
        foreach (var gradient in gradients)
            direction += (gradient * experiment.Input(gradient.Shape)).Sum();
        AreDerivatives(experiment, direction, x, Gradient.Of(direction, x), 1e-6);
    }

    public static void AreDerivatives(Experiment experiment, Tensor scalar, Tensor[] sources, Tensor[] gradients, double tolerance)
    {
        using var cpu = new Cpu(1);
        using var function = cpu.Compile(gradients, options: new() { Verify = true });
        experiment.Run(function, gradients);
        for (var k = 0; k < sources.Length; k++)
        {
            Assert.Equal((sources[k].Shape, sources[k].Type), (gradients[k].Shape, gradients[k].Type));
            var byRule = Experiment.Read(function, gradients[k]);
            var elements = experiment.Elements(sources[k]);
            for (var i = 0; i < elements.Length; i++)
            {
                var byDifference = Difference(experiment, scalar, elements, i);
                Assert.True(Math.Abs(byRule[i] - byDifference) <= tolerance * (1 + Math.Abs(byDifference)),
                    $"The derivative by element {i} of argument {k}, {sources[k]}, is {byRule[i]:R} by rule and {byDifference:R} by differences.");
            }
        }
        experiment.Meaning.Forget();
    }

    private static double Difference(Experiment experiment, Tensor scalar, double[] elements, int i)
    {
        var x = elements[i];
        double At(double step)
        {
            elements[i] = x + step;
            experiment.Meaning.Forget();
            return experiment.Meaning.Evaluate(scalar)[0];
        }
        var slope = (8 * (At(Step) - At(-Step)) - (At(2 * Step) - At(-2 * Step))) / (12 * Step);
        elements[i] = x;
        return slope;
    }
}
