using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>A latent layer of a ladder, between what the way up saw and the state of the way down.</summary>
internal sealed class LadderLayer
{
    // Channels of the images that means and variances are affine maps of.
    private const int ReadChannels = 16;

    // What single precision can learn from.
    private const double LargestLogScale = 3;

    // The ways that meet are added.
    private static readonly double _halfVariance = 0.7 * FanInWeights.Silu;

    private readonly int _pixels;
    private readonly ImageLayer _fromUp;
    private readonly ImageLayer _fromDown;
    private readonly ResidualBlocks _merge;
    private readonly ImageLayer _readPosterior;
    private readonly LadderPosterior _posterior;
    private readonly ImageLayer _readPrior;
    private readonly AffineLayer _prior;
    private readonly AffineLayer _join;

    public LadderLayer(string name, int pixels, int channels, int size, int mergeBlocks, bool isCorrelated, RandomNumbers random)
    {
        _pixels = pixels;
        _fromUp = new($"encoder.{name}.up", 1, channels, channels, _halfVariance, random);
        _fromDown = new($"encoder.{name}.down", 1, channels, channels, _halfVariance, random);
        _merge = new($"encoder.{name}.merge", channels, mergeBlocks, random);
        _readPosterior = new($"encoder.{name}.read", 1, channels, ReadChannels, FanInWeights.Silu, random);
        _posterior = new($"encoder.{name}.code", pixels * ReadChannels, size, 0.5, isCorrelated, random);
        _readPrior = new($"decoder.{name}.read", 1, channels, ReadChannels, FanInWeights.Silu, random);
        _prior = new($"decoder.{name}.prior", pixels * ReadChannels, 2 * size, 0.1, random);
        _join = new($"decoder.{name}.join", size, pixels * channels, 1, random);
    }

    public IEnumerable<Variable> EncoderVariables => [.. _fromUp.Variables, .. _fromDown.Variables, .. _merge.Variables, .. _readPosterior.Variables, .. _posterior.Variables];

    public IEnumerable<Variable> DecoderVariables => [.. _readPrior.Variables, .. _prior.Variables, .. _join.Variables];

    /// <summary>p(z_l|z_{&gt;l}) by the state, [codes, numbers].</summary>
    public DiagonalNormal Prior(Tensor state)
    {
        var outputs = _prior.Apply(InRows(_readPrior, Activation.Silu.Apply(state)));
        var size = outputs.Shape[1] / 2;
        return new(outputs.Slice(1, 0, size), 2 * LadderPosterior.Bounded(outputs.Slice(1, size, size), LargestLogScale));
    }

    /// <summary>q(z_l|x, z_{&gt;l}) by what the way up saw, the state and the prior that follows from it.</summary>
    public CorrelatedNormal Posterior(Tensor seen, Tensor state, DiagonalNormal prior)
    {
        var both = _merge.Apply(_fromUp.Apply(seen) + _fromDown.Apply(Activation.Silu.Apply(state)));
        return LadderPosterior.Relative(_posterior.Apply(InRows(_readPosterior, Activation.Silu.Apply(both))), prior);
    }

    /// <summary>The state with codes added.</summary>
    public Tensor Join(Tensor state, Tensor z) => state + _join.Apply(z).Reshape(state.Shape);

    private Tensor InRows(ImageLayer read, Tensor x) => Activation.Silu.Apply(read.Apply(x)).Reshape([x.Shape[0], _pixels * ReadChannels]);
}
