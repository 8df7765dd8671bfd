using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Networks;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Examples.Objectives;

/// <summary>Three losses of the same model.</summary>
internal static class Losses
{
    public const int Batch = 128;
    private const double Rate = 4e-3;

    /// <summary>−ln p(x): exact, as z is on a line.</summary>
    public static double MaximumLikelihood(Cpu cpu, Line model, Points data, int steps)
    {
        var points = Tensor.Input("points", [Batch, 2]);
        var loss = -model.LogDensity(points).Mean(0);
        using var step = new Descent(cpu, loss, model.Variables, Rate);
        return step.Run(steps, (function, random) => Fill(function.Input<float>(points), data, random));
    }

    /// <summary>The negative ELBO, with an encoder beside the model, q(z|x) = N(m(x), s²(x)).</summary>
    public static double Elbo(Cpu cpu, Line model, Points data, int steps, ulong seed)
    {
        var encoder = new Mlp("encoder", [2, 64, 64, 2], Activation.Tanh, new RandomNumbers(seed, 2));
        var (points, draw) = (Tensor.Input("points", [Batch, 2]), Tensor.Input("draw", [Batch, 1]));
        var code = encoder.Apply(points);
        var (mean, logVariance) = (code.Slice(1, 0, 1), Clamp(code.Slice(1, 1, 1), -14, 6));
        var z = mean + Exp(0.5 * logVariance) * draw;
        var divergence = 0.5 * (Square(mean) + Exp(logVariance) - 1.0 - logVariance).Sum(1);
        var reconstruction = Line.LogDensityAbout(model.Decoder.Apply(z), points);
        var loss = (divergence - reconstruction).Mean(0);
        using var step = new Descent(cpu, loss, [.. model.Variables, .. encoder.Variables], Rate);
        return step.Run(steps, (function, random) =>
        {
            Fill(function.Input<float>(points), data, random);
            Line.Normal(function.Input<float>(draw), random);
        });
    }

    /// <summary>What a second network can tell of samples and data (Goodfellow et al., 2014), each of the two in turn: only samples of the model are looked at, never a density.</summary>
    public static double Adversarial(Cpu cpu, Line model, Points data, int steps, ulong seed)
    {
        const double Penalty = 0.1;
        var critic = new Mlp("critic", [2, 64, 64, 1], Activation.Tanh, new RandomNumbers(seed, 3));
        var (points, z, noise) = (Tensor.Input("points", [Batch, 2]), Tensor.Input("z", [Batch, 1]), Tensor.Input("noise", [Batch, 2]));
        var samples = model.Generate(z, noise);
        // Its slope at data is held down, without which the two run in circles (Mescheder, Geiger and Nowozin, 2018, R1).
        var ofData = critic.Apply(points);
        var slope = Gradient.Of(ofData.Sum(), [points])[0];
        var tells = Softplus(-ofData).Mean() + Softplus(critic.Apply(StopGradient(samples))).Mean() + 0.5 * Penalty * Square(slope).Sum(1).Mean();
        var fools = Softplus(-critic.Apply(samples)).Mean();
        using var ofCritic = new Descent(cpu, tells, [.. critic.Variables], 0.5 * Rate) { Momentum = 0 };
        using var ofModel = new Descent(cpu, fools, model.Variables, 0.25 * Rate) { Momentum = 0 };
        var (random, last) = (new RandomNumbers(seed, 9), 0.0);
        for (var s = 0; s < steps; s++)
        {
            foreach (var one in new[] { ofCritic, ofModel })
            {
                if (one.Function.Reads(points))
                    Fill(one.Function.Input<float>(points), data, random);
                Line.Normal(one.Function.Input<float>(z), random);
                Line.Normal(one.Function.Input<float>(noise), random);
                last = one.Step(1 - (double)s / steps);
            }
        }
        return last;
    }

    private static void Fill(Span<float> points, Points data, RandomNumbers random)
    {
        for (var i = 0; i < Batch; i++)
            data[random.NextBelow(data.Count)].CopyTo(points[(2 * i)..]);
    }

    /// <summary>Steps of Adam down a loss.</summary>
    private sealed class Descent : IDisposable
    {
        private readonly Lazy<CompiledFunction> _function;
        private readonly Tensor _rate = Tensor.Input("rate", []);
        private readonly Tensor _loss;
        private readonly double _first;

        public Descent(Cpu cpu, Tensor loss, IReadOnlyList<Variable> variables, double rate)
        {
            (_loss, _first) = (loss, rate);
            _function = new(() =>
            {
                var adam = new Adam(variables) { Beta1 = Momentum };
                return cpu.Compile([loss], adam.Step(Gradient.Of(loss, [.. variables.Select(v => v.Value)]), _rate, IsFinite(loss)));
            });
        }

        public double Momentum { get; init; } = 0.9;

        public CompiledFunction Function => _function.Value;

        /// <summary>A step, of a share of the first step size. Returns the loss before it.</summary>
        public double Step(double share)
        {
            Function.Input<float>(_rate)[0] = (float)(_first * share);
            Function.Run();
            return Function.Scalar(_loss);
        }

        /// <summary>Steps that become ever smaller. Returns the mean loss over the last tenth.</summary>
        public double Run(int steps, Action<CompiledFunction, RandomNumbers> fill)
        {
            var (random, sum) = (new RandomNumbers(1, 9), 0.0);
            for (var s = 0; s < steps; s++)
            {
                fill(Function, random);
                var loss = Step(0.5 * (1 + Math.Cos(Math.PI * s / steps)));
                sum += s >= steps - steps / 10 ? loss : 0;
            }
            return sum / (steps / 10);
        }

        public void Dispose() => Function.Dispose();
    }
}
