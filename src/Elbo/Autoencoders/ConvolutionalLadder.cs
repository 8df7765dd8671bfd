using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>
/// A ladder of latent layers along residual convolutional networks. On the way down, a layer is drawn from the state there, z = m + s·u, with u
/// standard normal in the prior and normal by what encoder and state say in the posterior; then it is added to the state.
/// </summary>
internal sealed class ConvolutionalLadder : LatentNetwork
{
    // Pixels of the data along a side that are channels of the first scale.
    private const int Fold = 2;

    private readonly RowShape _rows;
    private readonly int _channels;
    private readonly int _parameters;
    private readonly int _top;
    private readonly LadderStage[] _scales;
    private readonly ImageLayer _in;
    private readonly ImageLayer _out;
    private readonly LadderPosterior _topPosterior;
    private readonly AffineLayer _fromTop;

    public ConvolutionalLadder(ResidualLadder recipe, LatentSetting setting, double decoderScale)
    {
        (_rows, _top) = (setting.Rows, recipe.Top);
        (_channels, _parameters) = (setting.Features / (_rows.Height * _rows.Width), setting.Parameters / (_rows.Height * _rows.Width));
        var random = setting.Random;
        _scales = new LadderStage[recipe.Scales.Count];
        for (var s = 0; s < _scales.Length; s++)
        {
            var (height, width) = ConvolutionalArchitecture.After(_rows, s + 1);
            _scales[s] = new($"{s + 1}", recipe.Scales[s], s > 0 ? recipe.Scales[s - 1].Channels : 0, height, width, recipe.IsCorrelated, random);
        }
        var (first, last) = (recipe.Scales[0].Channels, _scales[^1]);
        _in = new("encoder.in", 3, Fold * Fold * _channels, first, 1.5, random);
        _topPosterior = new("encoder.top", last.Size, _top, 0.3, recipe.IsCorrelated, random);
        _fromTop = new("decoder.top", _top, last.Size, 1, random);
        _out = new("decoder.out", 3, first, Fold * Fold * _parameters, FanInWeights.Silu * 3 * decoderScale, random);
        Groups = [.. recipe.Scales.SelectMany(s => s.Latents).Append(_top).Select((size, l) => new LatentGroup($"z{l + 1}", size))];
    }

    public override IReadOnlyList<LatentGroup> Groups { get; }

    public override IReadOnlyList<string> DivergenceTerms => [.. Groups.Select(g => g.Name)];

    public override IReadOnlyList<Variable> EncoderVariables => [.. _in.Variables, .. _scales.SelectMany(s => s.EncoderVariables), .. _topPosterior.Variables];

    public override IReadOnlyList<Variable> DecoderVariables => [.. _fromTop.Variables, .. _scales.Reverse().SelectMany(s => s.DecoderVariables), .. _out.Variables];

    public override CodeDraw Infer(Tensor features, Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(noise);
        var (draws, rows) = (noise.Shape[0], noise.Shape[1]);
        var (seen, top) = Up(features);
        var noises = Parts(noise.Reshape([draws * rows, Latent]));
        var draw = Down(draws * rows, (index, prior, place) =>
        {
            var posterior = place is var (layer, scale, state)
                ? layer.Posterior(Repeated(seen[scale], draws), state, prior)
                : LadderPosterior.Relative(Repeated(_topPosterior.Apply(top), draws), prior);
            return (posterior.Draw(noises[index]), posterior);
        });
        Tensor[] divergences = [.. draw.Posteriors.Select((q, l) => q.DivergenceFrom(draw.Priors[l]).Sum(1).Reshape([draws, rows, 1]))];
        return new(
            Shaped(Tensor.Concatenate(1, draw.Z)),
            Shaped(draw.Parameters),
            LogDensity(draw.Priors, draw.Z).Reshape([draws, rows]),
            draw.Posteriors.Select((q, l) => q.LogDensityOfDraw(noises[l])).Aggregate((a, b) => a + b).Reshape([draws, rows]),
            Tensor.Concatenate(2, divergences),
            Shaped(Tensor.Concatenate(1, [.. draw.Posteriors.Select(q => q.Mean)])),
            Shaped(Tensor.Concatenate(1, [.. draw.Posteriors.Select(q => q.LogVariances)])));

        Tensor Shaped(Tensor x) => x.Reshape([draws, rows, x.Shape[1]]);
    }

    public override (Tensor LogPrior, Tensor Parameters) Score(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        var parts = Parts(z);
        var draw = Down(z.Shape[0], (index, _, _) => (parts[index], default));
        return (LogDensity(draw.Priors, parts), draw.Parameters);
    }

    public override Tensor FromPrior(Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(noise);
        var parts = Parts(noise);
        return Tensor.Concatenate(1, Down(noise.Shape[0], (index, prior, _) => (prior.Draw(parts[index]), default)).Z);
    }

    public override void Start(FirstLook data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Outputs is not { } outputs)
            return;
        // A convolution has one bias for each channel, whatever the pixel.
        var bias = _out.Bias.AsSpan<float>();
        for (var i = 0; i < bias.Length; i++)
            bias[i] = outputs.Where((_, at) => at % _parameters == i % _parameters).Average();
    }

    /// <summary>What each scale saw on the way up, [rows, height, width, channels], and all of the last in a row.</summary>
    private (Tensor[] Seen, Tensor Top) Up(Tensor features)
    {
        var rows = features.Shape[0];
        var (height, width) = ConvolutionalArchitecture.After(_rows, 1);
        // Each block of 2 x 2 pixels becomes one with four times the channels; an odd image has a line of zeros more.
        var x = features.Reshape([rows, _rows.Height, _rows.Width, _channels]);
        x = (2.0 * x - 1.0).Pad([0, 0, 0, 0], [0, Fold * height - _rows.Height, Fold * width - _rows.Width, 0]);
        x = x.Reshape([rows, height, Fold, width, Fold, _channels]).Transpose(0, 1, 3, 2, 4, 5).Reshape([rows, height, width, Fold * Fold * _channels]);
        x = _in.Apply(x);
        var seen = new Tensor[_scales.Length];
        for (var s = 0; s < seen.Length; s++)
            seen[s] = Activation.Silu.Apply(x = _scales[s].Up(x));
        return (seen, seen[^1].Reshape([rows, _scales[^1].Size]));
    }

    // How a layer is drawn: its number from the data up, its prior, and for all but the topmost where it joins.
    private delegate (Tensor Z, CorrelatedNormal Posterior) LayerDraw(int index, DiagonalNormal prior, (LadderLayer Layer, int Scale, Tensor State)? place);

    private (Tensor[] Z, DiagonalNormal[] Priors, CorrelatedNormal[] Posteriors, Tensor Parameters) Down(int codes, LayerDraw draw)
    {
        var next = Groups.Count - 1;
        var (z, priors, posteriors) = (new Tensor[Groups.Count], new DiagonalNormal[Groups.Count], new CorrelatedNormal[Groups.Count]);
        var last = _scales[^1];
        var state = _fromTop.Apply(Visit(DiagonalNormal.Standard([codes, _top]), null)).Reshape([codes, last.Height, last.Width, last.Channels]);
        for (var s = _scales.Length - 1; s >= 0; s--)
        {
            var scale = _scales[s];
            if (s < _scales.Length - 1)
                state = _scales[s + 1].Double(state, scale.Height, scale.Width);
            for (var l = scale.Layers.Length - 1; l >= 0; l--)
            {
                var layer = scale.Layers[l];
                state = layer.Join(state, Visit(layer.Prior(state), (layer, s, state)));
                state = scale.Down(l, state);
            }
            if (scale.Layers.Length == 0)
                state = scale.Down(0, state);
        }
        return (z, priors, posteriors, Unfold(_out.Apply(Activation.Silu.Apply(state))));

        Tensor Visit(DiagonalNormal prior, (LadderLayer, int, Tensor)? place)
        {
            priors[next] = prior;
            (z[next], posteriors[next]) = draw(next, prior, place);
            return z[next--];
        }
    }

    private Tensor Unfold(Tensor x)
    {
        var (codes, height, width) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        x = x.Reshape([codes, height, width, Fold, Fold, _parameters]).Transpose(0, 1, 3, 2, 4, 5).Reshape([codes, Fold * height, Fold * width, _parameters]);
        return x.Slice(1, 0, _rows.Height).Slice(2, 0, _rows.Width).Reshape([codes, _rows.Height * _rows.Width * _parameters]);
    }

    private Tensor[] Parts(Tensor codes)
    {
        var (parts, start) = (new Tensor[Groups.Count], 0);
        for (var l = 0; l < parts.Length; start += Groups[l].Size, l++)
            parts[l] = codes.Slice(1, start, Groups[l].Size);
        return parts;
    }

    private static Tensor LogDensity(DiagonalNormal[] layers, Tensor[] z) => layers.Select((layer, l) => layer.LogDensity(z[l])).Aggregate((a, b) => a + b);

    // What rows say, once for each draw.
    private static Tensor Repeated(Tensor x, int draws)
    {
        if (draws == 1)
            return x;
        int[] sizes = [.. x.Shape];
        return x.Reshape([1, .. sizes]).BroadcastTo([draws, .. sizes]).Reshape([draws * sizes[0], .. sizes[1..]]);
    }
}
