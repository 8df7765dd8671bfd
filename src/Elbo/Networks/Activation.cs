using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Networks;

/// <summary>The nonlinearity between layers.</summary>
public enum Activation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>x·σ(x) (Elfwing, Uchibe and Doya, 2018).</summary>
    Silu,

    /// <summary>x above 0, eˣ − 1 below (Clevert, Unterthiner and Hochreiter, 2016).</summary>
    Elu,
}

internal static class Activations
{
    public static Tensor Apply(this Activation activation, Tensor x) => activation switch
    {
        Activation.Relu => Relu(x),
        Activation.Tanh => Tanh(x),
        Activation.Silu => x * Sigmoid(x),
        Activation.Elu => Where(x > 0.0, x, Expm1(Minimum(x, Tensor.Scalar(0, x.Type)))),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No such activation."),
    };
}
