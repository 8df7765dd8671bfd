using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>Codes of all layers, from the data up, and the factors of q(z|x) they were drawn from: [draws, rows, numbers] and [draws or 1, rows, numbers].</summary>
/// <param name="Z">The codes.</param>
/// <param name="Posteriors">The factors.</param>
/// <param name="Held">The factors with weights as constants; null where they share weights with the prior.</param>
internal sealed record HierarchyCode(Tensor[] Z, DiagonalNormal[] Posteriors, DiagonalNormal[]? Held);

/// <summary>q(z|x) of a hierarchy.</summary>
internal abstract class HierarchyEncoder
{
    public abstract IEnumerable<Variable> Variables { get; }

    /// <summary>Whether each factor is of a layer given those above alone, so that its divergence from the prior is known.</summary>
    public virtual bool HasClosedDivergence => true;

    /// <summary>Draws codes.</summary>
    /// <param name="features">[rows, features].</param>
    /// <param name="noise">For each layer, [draws, rows, numbers].</param>
    /// <param name="prior">p(z_l|z_{l+1}) of a layer, from 0, given the one above.</param>
    public abstract HierarchyCode Draw(Tensor features, Tensor[] noise, Func<int, Tensor, DiagonalNormal> prior);

    public static HierarchyEncoder Of(HierarchyPosterior posterior, int features, int[] sizes, IReadOnlyList<int> hidden, Activation activation, RandomNumbers random) => posterior switch
    {
        HierarchyPosterior.MeanField => new ChainEncoder(features, sizes, hidden, activation, random, Order.Apart),
        HierarchyPosterior.BottomUp => new ChainEncoder(features, sizes, hidden, activation, random, Order.Up),
        HierarchyPosterior.TopDown => new ChainEncoder(features, sizes, hidden, activation, random, Order.Down),
        HierarchyPosterior.Ladder => new LadderEncoder(features, sizes, hidden, activation, random),
        _ => throw new ArgumentOutOfRangeException(nameof(posterior), posterior, "No such factorisation."),
    };

    private enum Order
    {
        Apart,
        Up,
        Down,
    }

    /// <summary>Each layer by itself, or given its neighbour below or above.</summary>
    private sealed class ChainEncoder : HierarchyEncoder
    {
        private readonly ConditionalNormal[] _layers;
        private readonly Order _order;

        public ChainEncoder(int features, int[] sizes, IReadOnlyList<int> hidden, Activation activation, RandomNumbers random, Order order)
        {
            _order = order;
            // From the data up, a layer above the first sees what the data are through the one below.
            _layers = [.. sizes.Select((size, l) => new ConditionalNormal(
                $"encoder.z{l + 1}", order == Order.Up && l > 0 ? 0 : features, Neighbour(l, sizes.Length) is { } n ? sizes[n] : 0, hidden, size, activation, random))];
        }

        public override IEnumerable<Variable> Variables => _layers.SelectMany(l => l.Variables);

        public override bool HasClosedDivergence => _order != Order.Up;

        public override HierarchyCode Draw(Tensor features, Tensor[] noise, Func<int, Tensor, DiagonalNormal> prior)
        {
            var count = _layers.Length;
            var (z, posteriors, held) = (new Tensor[count], new DiagonalNormal[count], new DiagonalNormal[count]);
            for (var step = 0; step < count; step++)
            {
                var l = _order == Order.Up ? step : count - 1 - step;
                var neighbour = Neighbour(l, count) is { } n ? z[n] : null;
                var read = _order == Order.Up && l > 0 ? null : _layers[l].Read(features);
                posteriors[l] = _layers[l].Given(read, neighbour);
                held[l] = neighbour is null ? posteriors[l].Held() : _layers[l].Given(read, neighbour, held: true);
                z[l] = posteriors[l].Draw(noise[l]);
            }
            return new(z, posteriors, held);
        }

        private int? Neighbour(int layer, int count) => _order switch
        {
            Order.Up when layer > 0 => layer - 1,
            Order.Down when layer < count - 1 => layer + 1,
            _ => null,
        };
    }

    /// <summary>A deterministic way up, and on the way down the prior times what was seen on the way up.</summary>
    private sealed class LadderEncoder : HierarchyEncoder
    {
        private readonly Mlp?[] _up;
        private readonly Mlp[] _seen;
        private readonly Activation _activation;

        public LadderEncoder(int features, int[] sizes, IReadOnlyList<int> hidden, Activation activation, RandomNumbers random)
        {
            _activation = activation;
            (_up, _seen) = (new Mlp?[sizes.Length], new Mlp[sizes.Length]);
            var width = features;
            for (var l = 0; l < sizes.Length; l++)
            {
                if (hidden.Count > 0)
                    (_up[l], width) = (new Mlp($"encoder.up{l + 1}", [width, .. hidden], activation, random), hidden[^1]);
                _seen[l] = new Mlp($"encoder.z{l + 1}", [width, 2 * sizes[l]], activation, random);
            }
        }

        public override IEnumerable<Variable> Variables => _up.OfType<Mlp>().Concat(_seen).SelectMany(m => m.Variables);

        public override HierarchyCode Draw(Tensor features, Tensor[] noise, Func<int, Tensor, DiagonalNormal> prior)
        {
            var seen = new DiagonalNormal[_seen.Length];
            for (var (l, state) = (0, features); l < seen.Length; l++)
            {
                state = _up[l] is { } up ? _activation.Apply(up.Apply(state)) : state;
                var outputs = _seen[l].Apply(state);
                seen[l] = DiagonalNormal.Of(outputs.Reshape([1, outputs.Shape[0], outputs.Shape[1]]));
            }
            var (z, posteriors) = (new Tensor[seen.Length], new DiagonalNormal[seen.Length]);
            for (var l = seen.Length - 1; l >= 0; l--)
            {
                posteriors[l] = l == seen.Length - 1 ? seen[l] : seen[l].Times(prior(l, z[l + 1]));
                z[l] = posteriors[l].Draw(noise[l]);
            }
            return new(z, posteriors, null);
        }
    }
}
