using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Optimisers;

/// <summary>Adam (Kingma and Ba, 2015), with decay of the weights apart from the gradient (Loshchilov and Hutter, 2019).</summary>
public sealed class Adam : OptimiserState
{
    private readonly Variable[] _first;
    private readonly Variable[] _second;

    /// <summary>An optimiser of some parameters.</summary>
    /// <param name="parameters">Float variables of one type.</param>
    public Adam(IEnumerable<Variable> parameters) : this("adam", parameters)
    {
    }

    /// <param name="name">Begins the names of its variables, where there are several optimisers beside each other.</param>
    /// <param name="parameters">Float variables of one type.</param>
    internal Adam(string name, IEnumerable<Variable> parameters) : base(name, parameters) => (_first, _second) = (Beside("first"), Beside("second"));

    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The fraction of a matrix that a step of rate 1 takes away; vectors are left alone.</summary>
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    protected override IEnumerable<(Variable Variable, Tensor Value)> Changes(IReadOnlyList<Tensor> gradients, Tensor rate, Tensor count)
    {
        var correction1 = -Expm1(count * Math.Log(Beta1));
        var correction2 = -Expm1(count * Math.Log(Beta2));
        var size = rate / correction1;
        var root = 1.0 / Sqrt(correction2);
        for (var i = 0; i < Parameters.Count; i++)
        {
            var (p, m, v) = (Parameters[i].Value, _first[i].Value, _second[i].Value);
            var g = gradients[i];
            var m1 = m + (1 - Beta1) * (g - m);
            var v1 = v + (1 - Beta2) * (g * g - v);
            var change = size * m1 / (Sqrt(v1) * root + Epsilon);
            if (WeightDecay > 0 && p.Rank > 1)
                change += rate * WeightDecay * p;
            yield return (_first[i], m1);
            yield return (_second[i], v1);
            yield return (Parameters[i], p - change);
        }
    }
}
