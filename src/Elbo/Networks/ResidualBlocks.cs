using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>Some residual blocks, x + conv(σ(conv(σ(x)))) with SiLUs as σ (He, Zhang, Ren and Sun, 2016), that to begin with change little.</summary>
internal sealed class ResidualBlocks
{
    private const double FirstShare = 0.4;
    private readonly (ImageLayer First, ImageLayer Second)[] _blocks;

    public ResidualBlocks(string name, int channels, int count, RandomNumbers random) => _blocks =
    [
        .. Enumerable.Range(0, count).Select(i => (
            new ImageLayer($"{name}.{i}.first", 3, channels, channels, FanInWeights.Silu, random),
            new ImageLayer($"{name}.{i}.second", 3, channels, channels, FanInWeights.Silu * FirstShare, random))),
    ];

    public IEnumerable<Variable> Variables => _blocks.SelectMany(b => b.First.Variables.Concat(b.Second.Variables));

    public Tensor Apply(Tensor x)
    {
        foreach (var (first, second) in _blocks)
            x += second.Apply(Activation.Silu.Apply(first.Apply(Activation.Silu.Apply(x))));
        return x;
    }
}
