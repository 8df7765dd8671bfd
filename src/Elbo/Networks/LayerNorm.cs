using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Networks;

/// <summary>Shifts and scales each row to mean 0 and variance 1, then by learnt amounts for each feature (Ba, Kiros and Hinton, 2016).</summary>
public sealed class LayerNorm
{
    private readonly Variable _gain;
    private readonly Variable _bias;
    private readonly double _epsilon;

    /// <summary>A norm over the last axis, which at first leaves what it normalised as it is: gains of 1 and biases of 0.</summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="features">The size of the last axis.</param>
    /// <param name="epsilon">Added to the variance, so that equal features do not divide by 0.</param>
    public LayerNorm(string name, int features, double epsilon = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epsilon);
        (_gain, _bias, _epsilon) = (new Variable($"{name}.gain", [features]), new Variable($"{name}.bias", [features]), epsilon);
        _gain.AsSpan<float>().Fill(1);
    }

    /// <summary>Gain and bias.</summary>
    public IEnumerable<Variable> Variables => [_gain, _bias];

    /// <summary>The layer's value, of the shape of <paramref name="x"/>: [..., features].</summary>
    /// <exception cref="ShapeException">The last axis is of another size.</exception>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank < 1 || x.Shape[-1] != _gain.Shape[0])
            throw new ShapeException($"Layer norm '{_gain.Name}' normalises rows of {_gain.Shape[0]} features; {x.Type}{x.Shape} was given.");
        return Standardise(x, _epsilon, -1) * _gain + _bias;
    }
}
