using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>
/// Several layers of latent numbers, p(z_L)…p(z₁|z₂)p(x|z₁), of fully connected networks, any depth: p(z_L) is standard normal, p(z_l|z_{l+1})
/// and the factors of q(z|x) are normals with independent numbers whose means and variances networks give.
/// </summary>
public sealed class GaussianHierarchy : LatentNetwork
{
    private readonly int[] _sizes;
    private readonly ConditionalNormal[] _priors;
    private readonly Mlp _decoder;
    private readonly HierarchyEncoder _encoder;

    /// <summary>A hierarchy with weights drawn at random.</summary>
    /// <param name="features">Numbers of a row that the encoder sees.</param>
    /// <param name="parameters">Numbers of a row that the decoder gives.</param>
    /// <param name="latents">Numbers of each layer, from the data up; at least one layer.</param>
    /// <param name="hidden">Hidden layers of each network; none for affine maps.</param>
    /// <param name="posterior">How q(z|x) is factorised.</param>
    /// <param name="random">Where weights come from.</param>
    /// <param name="activation">The nonlinearity between layers.</param>
    /// <param name="decoderScale">Multiplies the initial weights of the last layer of p(x|z₁).</param>
    /// <exception cref="ArgumentException">There is no layer, or a size is below 1.</exception>
    public GaussianHierarchy(
        int features, int parameters, IReadOnlyList<int> latents, IReadOnlyList<int> hidden, HierarchyPosterior posterior, RandomNumbers random,
        Activation activation = Activation.Tanh, double decoderScale = 0.1)
    {
        ArgumentNullException.ThrowIfNull(latents);
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentNullException.ThrowIfNull(random);
        if (latents.Count == 0 || latents.Any(n => n < 1) || hidden.Any(n => n < 1))
            throw new ArgumentException($"A hierarchy needs at least one layer of at least one number, and hidden layers of at least one unit; layers ({string.Join(", ", latents)}) and hidden layers ({string.Join(", ", hidden)}) were asked for.");
        _sizes = [.. latents];
        Groups = [.. _sizes.Select((size, l) => new LatentGroup($"z{l + 1}", size))];
        _encoder = HierarchyEncoder.Of(posterior, features, _sizes, hidden, activation, random);
        _decoder = new Mlp("decoder", [_sizes[0], .. hidden.Reverse(), parameters], activation, random, decoderScale);
        _priors = [.. Enumerable.Range(0, _sizes.Length - 1).Select(l => new ConditionalNormal($"prior.z{l + 1}", 0, _sizes[l + 1], hidden, _sizes[l], activation, random, decoderScale))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LatentGroup> Groups { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DivergenceTerms => [.. Groups.SelectMany(g => Enumerable.Range(1, g.Size).Select(i => $"{g.Name}.{i}"))];

    /// <inheritdoc/>
    public override IReadOnlyList<Variable> EncoderVariables => [.. _encoder.Variables];

    /// <inheritdoc/>
    public override IReadOnlyList<Variable> DecoderVariables => [.. _decoder.Variables, .. _priors.SelectMany(p => p.Variables)];

    /// <inheritdoc/>
    public override CodeDraw Infer(Tensor features, Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(noise);
        var (draws, rows) = (noise.Shape[0], noise.Shape[1]);
        var code = _encoder.Draw(features, Parts(noise), Prior);
        var priors = Priors(code.Z);
        Tensor[] divergences = [.. priors.Select((prior, l) => Wide(_encoder.HasClosedDivergence
            ? code.Posteriors[l].DivergenceFrom(prior)
            : code.Posteriors[l].LogDensities(code.Z[l]) - prior.LogDensities(code.Z[l]), draws))];
        var parameters = _decoder.Apply(code.Z[0].Reshape([draws * rows, _sizes[0]]));
        return new(
            Tensor.Concatenate(2, code.Z),
            parameters.Reshape([draws, rows, parameters.Shape[1]]),
            LogDensity(priors, code.Z),
            LogDensity(code.Posteriors, code.Z),
            Tensor.Concatenate(2, divergences),
            Tensor.Concatenate(2, [.. code.Posteriors.Select(q => Wide(q.Mean, draws))]),
            Tensor.Concatenate(2, [.. code.Posteriors.Select(q => Wide(q.LogVariance, draws))]))
        {
            LogPosteriorHeld = code.Held is { } held ? LogDensity(held, code.Z) : null,
        };
    }

    /// <inheritdoc/>
    public override (Tensor LogPrior, Tensor Parameters) Score(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        var codes = z.Shape[0];
        var parts = Parts(z.Reshape([1, codes, Latent]));
        return (LogDensity(Priors(parts), parts).Reshape([codes]), _decoder.Apply(parts[0].Reshape([codes, _sizes[0]])));
    }

    /// <inheritdoc/>
    public override Tensor FromPrior(Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(noise);
        var codes = noise.Shape[0];
        var parts = Parts(noise.Reshape([1, codes, Latent]));
        for (var l = parts.Length - 2; l >= 0; l--)
            parts[l] = Prior(l, parts[l + 1]).Draw(parts[l]);
        return Tensor.Concatenate(2, parts).Reshape([codes, Latent]);
    }

    /// <inheritdoc/>
    public override void Start(FirstLook data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Outputs is { } outputs)
            outputs.ToArray().CopyTo(_decoder.OutputBias.AsSpan<float>());
    }

    // p(z_l|z_{l+1}) of a layer, from 0, that is not the topmost.
    private DiagonalNormal Prior(int layer, Tensor above) => _priors[layer].Given(null, above);

    private DiagonalNormal[] Priors(Tensor[] z) =>
        [.. z.Select((codes, l) => l + 1 < z.Length ? Prior(l, z[l + 1]) : DiagonalNormal.Standard(codes.Shape))];

    private Tensor[] Parts(Tensor codes)
    {
        var (parts, start) = (new Tensor[_sizes.Length], 0);
        for (var l = 0; l < parts.Length; start += _sizes[l], l++)
            parts[l] = codes.Slice(2, start, _sizes[l]);
        return parts;
    }

    private static Tensor LogDensity(DiagonalNormal[] layers, Tensor[] z) =>
        layers.Select((layer, l) => layer.LogDensity(z[l])).Aggregate((a, b) => a + b);

    // What does not depend on draws is repeated for each of them.
    private static Tensor Wide(Tensor x, int draws) => x.BroadcastTo([draws, x.Shape[1], x.Shape[2]]);
}
