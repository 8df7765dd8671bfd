using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Optimisers;

/// <summary>
/// Adam (Kingma and Ba, 2015), with decay of the weights apart from the gradient (Loshchilov and Hutter, 2019). Its state is
/// variables like any other, so a checkpoint of variables is a checkpoint of the optimiser.
/// </summary>
public sealed class Adam
{
    private readonly Variable[] _parameters;
    private readonly Variable[] _first;
    private readonly Variable[] _second;

    /// <summary>An optimiser of some parameters.</summary>
    /// <param name="parameters">Float variables of one type.</param>
    public Adam(IEnumerable<Variable> parameters)
    {
        _parameters = [.. parameters];
        _first = [.. _parameters.Select(p => new Variable($"adam.first.{p.Name}", p.Shape, p.Type))];
        _second = [.. _parameters.Select(p => new Variable($"adam.second.{p.Name}", p.Shape, p.Type))];
        Steps = new Variable("adam.steps", [], DType.Int32);
    }

    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The fraction of a matrix that a step of rate 1 takes away; vectors are left alone.</summary>
    public double WeightDecay { get; init; }

    /// <summary>How many steps were taken.</summary>
    public Variable Steps { get; }

    /// <summary>Everything but the parameters that changes from step to step.</summary>
    public IEnumerable<Variable> State => [Steps, .. _first, .. _second];

    /// <summary>One step down the gradients of a loss; where <paramref name="accept"/> does not hold, everything stays as it is.</summary>
    /// <param name="gradients">One for each parameter, in order.</param>
    /// <param name="rate">The step size, a scalar.</param>
    /// <param name="accept">Whether to take the step, a scalar truth value.</param>
    public IReadOnlyList<Update> Step(IReadOnlyList<Tensor> gradients, Tensor rate, Tensor accept)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(rate);
        var step = Steps.Value + Tensor.Scalar(1, DType.Int32);
        var t = step.Convert(_parameters.Length > 0 ? _parameters[0].Type : DType.Float32);
        var correction1 = -Expm1(t * Math.Log(Beta1));
        var correction2 = -Expm1(t * Math.Log(Beta2));
        var size = rate / correction1;
        var root = 1.0 / Sqrt(correction2);
        var updates = new List<Update> { new(Steps, Where(accept, step, Steps)) };
        for (var i = 0; i < _parameters.Length; i++)
        {
            var (p, m, v) = (_parameters[i].Value, _first[i].Value, _second[i].Value);
            var g = gradients[i];
            var m1 = m + (1 - Beta1) * (g - m);
            var v1 = v + (1 - Beta2) * (g * g - v);
            var change = size * m1 / (Sqrt(v1) * root + Epsilon);
            if (WeightDecay > 0 && p.Rank > 1)
                change += rate * WeightDecay * p;
            updates.Add(new(_first[i], Where(accept, m1, m)));
            updates.Add(new(_second[i], Where(accept, v1, v)));
            updates.Add(new(_parameters[i], Where(accept, p - change, p)));
        }
        return updates;
    }
}
