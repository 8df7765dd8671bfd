using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Networks;

/// <summary>
/// Shifts and scales each image's channels, group by group and over all places, to mean 0 and variance 1, then by learnt amounts for
/// each channel (Wu and He, 2018). Unlike a norm over a batch it does not tie rows together.
/// </summary>
public sealed class GroupNorm
{
    private readonly Variable _gain;
    private readonly Variable _bias;
    private readonly int _groups;
    private readonly double _epsilon;

    /// <summary>A norm which at first leaves what it normalised as it is: gains of 1 and biases of 0.</summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="channels">The size of the last axis.</param>
    /// <param name="groups">How many groups of neighbouring channels: a divisor of their number.</param>
    /// <param name="epsilon">Added to the variance, so that equal channels do not divide by 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">Channels cannot be parted into so many groups.</exception>
    public GroupNorm(string name, int channels, int groups, double epsilon = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epsilon);
        if (channels % groups != 0)
            throw new ArgumentOutOfRangeException(nameof(groups), groups, $"Group norm '{name}': {channels} channels cannot be parted into {groups} groups of one size; choose a divisor.");
        (_gain, _bias, _groups, _epsilon) = (new Variable($"{name}.gain", [channels]), new Variable($"{name}.bias", [channels]), groups, epsilon);
        _gain.AsSpan<float>().Fill(1);
    }

    /// <summary>Gain and bias.</summary>
    public IEnumerable<Variable> Variables => [_gain, _bias];

    /// <summary>The layer's value, of the shape of <paramref name="x"/>: [batch, ..., channels].</summary>
    /// <exception cref="ShapeException">There is no batch, or the last axis is of another size.</exception>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var channels = _gain.Shape[0];
        if (x.Rank < 2 || x.Shape[-1] != channels)
            throw new ShapeException($"Group norm '{_gain.Name}' normalises {channels} channels in [batch, ..., channels]; {x.Type}{x.Shape} was given.");
        var places = x.Shape.Elements / (x.Shape[0] * channels);
        var images = x.Reshape([x.Shape[0], places, channels]);
        var centred = images - GroupMeans(images);
        var scale = 1 / Sqrt(GroupMeans(centred * centred) + _epsilon);
        return (centred * (scale * _gain) + _bias).Reshape(x.Shape);
    }

    // First over places, channel by channel, which is long and reads memory as it lies; then the few channels of each group.
    private Tensor GroupMeans(Tensor x)
    {
        var (batch, channels) = (x.Shape[0], x.Shape[-1]);
        var means = x.Mean(1).Reshape([batch, _groups, channels / _groups]);
        return means.Mean(2).Reshape([batch, _groups, 1]).BroadcastTo(means.Shape).Reshape([batch, 1, channels]);
    }
}
