using Elbo.Compute;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>A latent layer of a ladder, between what the way up saw and the state of the way down.</summary>
internal sealed class LadderLayer
{
    // Channels of the images that means and variances are affine maps of.
    private const int ReadChannels = 16;

    // What single precision can learn from.
    private const double LargestLogRatio = 6;
    private const double LargestLogScale = 3;

    // The ways that meet are added.
    private static readonly double _halfVariance = 0.7 * FanInWeights.Silu;

    private readonly int _pixels;
    private readonly ImageLayer _fromUp;
    private readonly ImageLayer _fromDown;
    private readonly ResidualBlocks _merge;
    private readonly ImageLayer _readPosterior;
    private readonly AffineLayer _posterior;
    private readonly ImageLayer _readPrior;
    private readonly AffineLayer _prior;
    private readonly AffineLayer _join;

    public LadderLayer(string name, int pixels, int channels, int size, int mergeBlocks, RandomNumbers random)
    {
        _pixels = pixels;
        _fromUp = new($"encoder.{name}.up", 1, channels, channels, _halfVariance, random);
        _fromDown = new($"encoder.{name}.down", 1, channels, channels, _halfVariance, random);
        _merge = new($"encoder.{name}.merge", channels, mergeBlocks, random);
        _readPosterior = new($"encoder.{name}.read", 1, channels, ReadChannels, FanInWeights.Silu, random);
        _posterior = new($"encoder.{name}.code", pixels * ReadChannels, 2 * size, 0.5, random);
        _readPrior = new($"decoder.{name}.read", 1, channels, ReadChannels, FanInWeights.Silu, random);
        _prior = new($"decoder.{name}.prior", pixels * ReadChannels, 2 * size, 0.1, random);
        _join = new($"decoder.{name}.join", size, pixels * channels, 1, random);
    }

    public IEnumerable<Variable> EncoderVariables => [.. _fromUp.Variables, .. _fromDown.Variables, .. _merge.Variables, .. _readPosterior.Variables, .. _posterior.Variables];

    public IEnumerable<Variable> DecoderVariables => [.. _readPrior.Variables, .. _prior.Variables, .. _join.Variables];

    /// <summary>p(z_l|z_{&gt;l}) by the state, [codes, numbers].</summary>
    public DiagonalNormal Prior(Tensor state)
    {
        var outputs = Read(_readPrior, _prior, Activation.Silu.Apply(state));
        var size = outputs.Shape[1] / 2;
        return new(outputs.Slice(1, 0, size), 2 * Bounded(outputs.Slice(1, size, size), LargestLogScale));
    }

    /// <summary>What <see cref="Relative"/> makes the posterior of, by what the way up saw and the state.</summary>
    public Tensor Posterior(Tensor seen, Tensor state)
    {
        var both = _merge.Apply(_fromUp.Apply(seen) + _fromDown.Apply(Activation.Silu.Apply(state)));
        return Read(_readPosterior, _posterior, Activation.Silu.Apply(both));
    }

    /// <summary>A posterior in units of the prior: how many deviations its mean is off, and the logarithm of the ratio of variances.</summary>
    public static DiagonalNormal Relative(Tensor outputs, DiagonalNormal prior)
    {
        var size = outputs.Shape[1] / 2;
        var shift = outputs.Slice(1, 0, size);
        return new(prior.Mean + Exp(0.5 * prior.LogVariance) * shift, prior.LogVariance + Bounded(outputs.Slice(1, size, size), LargestLogRatio));
    }

    /// <summary>The state with codes added.</summary>
    public Tensor Join(Tensor state, Tensor z) => state + _join.Apply(z).Reshape(state.Shape);

    private Tensor Read(ImageLayer read, AffineLayer map, Tensor x) => map.Apply(Activation.Silu.Apply(read.Apply(x)).Reshape([x.Shape[0], _pixels * ReadChannels]));

    private static Tensor Bounded(Tensor x, double limit) => limit * Tanh(x * (1 / limit));
}
