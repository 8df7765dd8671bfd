using Elbo.Compute;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>The last maps of the posterior of a layer of a ladder, which is told in units of the prior.</summary>
internal sealed class LadderPosterior
{
    // What single precision can learn from.
    private const double LargestLogRatio = 6;

    private readonly AffineLayer _apart;
    private readonly AffineLayer? _below;

    /// <param name="name">Of the maps.</param>
    /// <param name="inputs">Numbers that they see.</param>
    /// <param name="size">Numbers of the layer.</param>
    /// <param name="scale">Of the first weights.</param>
    /// <param name="isCorrelated">Whether its numbers are correlated.</param>
    /// <param name="random">Where weights come from.</param>
    public LadderPosterior(string name, int inputs, int size, double scale, bool isCorrelated, RandomNumbers random)
    {
        _apart = new(name, inputs, 2 * size, scale, random);
        // One number has nothing to be correlated with; several begin nearly independent, so that the noise of many does not add up in the first steps.
        _below = isCorrelated && size > 1 ? new($"{name}.below", inputs, size * size, 0.1 / Math.Sqrt(size), random) : null;
    }

    public IReadOnlyList<Variable> Variables => [.. _apart.Variables, .. _below?.Variables ?? []];

    /// <summary>What <see cref="Relative"/> makes the posterior of, [rows, numbers].</summary>
    public Tensor Apply(Tensor x) => _below is null ? _apart.Apply(x) : Tensor.Concatenate(1, _apart.Apply(x), _below.Apply(x));

    /// <summary>How many deviations of the prior the mean is off, the logarithm of the ratio of variances, and what each number shares with those before it, in its own deviations.</summary>
    public static CorrelatedNormal Relative(Tensor outputs, DiagonalNormal prior)
    {
        var size = prior.Mean.Shape[1];
        var mean = prior.Mean + Exp(0.5 * prior.LogVariance) * outputs.Slice(1, 0, size);
        var logVariance = prior.LogVariance + Bounded(outputs.Slice(1, size, size), LargestLogRatio);
        return new(mean, logVariance, outputs.Shape[1] == 2 * size ? null : outputs.Slice(1, 2 * size, size * size).Reshape([outputs.Shape[0], size, size]) * CorrelatedNormal.PlacesBelow(size));
    }

    public static Tensor Bounded(Tensor x, double limit) => limit * Tanh(x * (1 / limit));
}
