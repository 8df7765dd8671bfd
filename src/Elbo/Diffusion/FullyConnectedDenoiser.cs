using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Diffusion;

/// <summary>Residual fully connected layers, each told of the level of noise.</summary>
/// <param name="Width">Units of each layer.</param>
/// <param name="Blocks">Residual blocks of two layers.</param>
public sealed record FullyConnectedDenoiser(int Width, int Blocks) : Denoiser
{
    internal override void Check(RowShape rows)
    {
        if (Width < 1 || Blocks < 1)
            throw new ArgumentException($"A fully connected denoiser needs at least one unit and one block; {Width} units and {Blocks} blocks were asked for.");
    }

    internal override DenoisingNetwork Begin(RowShape rows, int outputsEach, int told, int classes, RandomNumbers random) =>
        new Network(this, rows.Size + told, rows.Size * outputsEach, classes, random);

    private sealed class Network : DenoisingNetwork
    {
        // A block that adds little at first lets many of them be learned.
        private const double FirstShare = 0.3;

        private readonly LevelEmbedding _embedding;
        private readonly AffineLayer _in;
        private readonly (AffineLayer First, AffineLayer Told, AffineLayer Second)[] _blocks;
        private readonly AffineLayer _out;

        public Network(FullyConnectedDenoiser recipe, int inputs, int outputs, int classes, RandomNumbers random)
        {
            var width = recipe.Width;
            _embedding = new("denoiser.level", width, classes, random);
            _in = new("denoiser.in", inputs, width, 1, random);
            _blocks =
            [
                .. Enumerable.Range(0, recipe.Blocks).Select(i => (
                    new AffineLayer($"denoiser.{i}.first", width, width, FanInWeights.Silu, random),
                    new AffineLayer($"denoiser.{i}.told", width, width, 1, random),
                    new AffineLayer($"denoiser.{i}.second", width, width, FanInWeights.Silu * FirstShare, random))),
            ];
            _out = new("denoiser.out", width, outputs, 0.1, random);
        }

        public override IReadOnlyList<Variable> Variables =>
            [.. _embedding.Variables, .. _in.Variables, .. _blocks.SelectMany(b => b.First.Variables.Concat(b.Told.Variables).Concat(b.Second.Variables)), .. _out.Variables];

        public override Tensor Apply(Tensor noisy, Tensor place, Tensor? classes)
        {
            var told = _embedding.Apply(place, classes);
            var x = _in.Apply(noisy);
            foreach (var (first, level, second) in _blocks)
                x += second.Apply(Activation.Silu.Apply(first.Apply(Activation.Silu.Apply(x)) + level.Apply(told)));
            return _out.Apply(Activation.Silu.Apply(x));
        }
    }
}
