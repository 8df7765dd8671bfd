using Elbo.Compute;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>
/// What a network is told of a row beside its numbers: the level of noise as waves of many lengths (Vaswani et al., 2017; Ho, Jain and Abbeel, 2020), and the class,
/// through two layers.
/// </summary>
internal sealed class LevelEmbedding
{
    // Waves from one over the whole schedule to one over a thousandth of it.
    private const double ShortestWave = 1e-3;

    private readonly int _waves;
    private readonly AffineLayer _first;
    private readonly AffineLayer _second;
    private readonly AffineLayer? _classes;

    public LevelEmbedding(string name, int width, int classes, RandomNumbers random)
    {
        (Width, _waves) = (width, Math.Clamp(width / 4, 4, 64));
        _first = new($"{name}.first", 2 * _waves + 1, width, 1, random);
        _second = new($"{name}.second", width, width, FanInWeights.Silu, random);
        _classes = classes > 0 ? new($"{name}.classes", classes, width, 1, random) : null;
    }

    public int Width { get; }

    public IEnumerable<Variable> Variables => [.. _first.Variables, .. _second.Variables, .. _classes?.Variables ?? []];

    /// <summary>[rows, width], after a nonlinearity.</summary>
    public Tensor Apply(Tensor place, Tensor? classes)
    {
        var frequencies = new double[_waves];
        for (var i = 0; i < _waves; i++)
            frequencies[i] = Math.PI * Math.Pow(1 / ShortestWave, i / (double)(_waves - 1));
        var angles = place * Tensor.FromArray(frequencies, [1, _waves]);
        var told = _first.Apply(Tensor.Concatenate(1, 2.0 * place - 1.0, Sin(angles), Cos(angles)));
        if (_classes is not null && classes is not null)
            told += _classes.Apply(classes);
        return Activation.Silu.Apply(_second.Apply(Activation.Silu.Apply(told)));
    }
}
