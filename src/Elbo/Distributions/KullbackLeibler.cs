using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Distributions;

/// <summary>Closed forms of the Kullback–Leibler divergence KL(q‖p) = E_q[ln q − ln p], by pair of families.</summary>
public static class KullbackLeibler
{
    private static readonly Dictionary<(Type, Type), Func<Distribution, Distribution, Tensor>> Pairs = new()
    {
        [(typeof(Normal), typeof(Normal))] = (q, p) => NormalNormal((Normal)q, (Normal)p),
    };

    /// <summary>The pairs (q, p) that have a closed form here.</summary>
    public static IEnumerable<(Type Q, Type P)> Known => Pairs.Keys;

    /// <summary>KL(q‖p) in nats, one for each batch member; null where no closed form is known.</summary>
    public static Tensor? Between(Distribution q, Distribution p)
    {
        ArgumentNullException.ThrowIfNull(q);
        ArgumentNullException.ThrowIfNull(p);
        return Pairs.TryGetValue((q.GetType(), p.GetType()), out var form) ? form(q, p) : null;
    }

    // ln(σ_p/σ_q) + (σ_q² + (μ_q − μ_p)²)/(2σ_p²) − ½.
    private static Tensor NormalNormal(Normal q, Normal p)
    {
        var ratio = q.Scale / p.Scale;
        return 0.5 * (Square(ratio) + Square((q.Location - p.Location) / p.Scale) - 1.0) - Log(ratio);
    }
}
