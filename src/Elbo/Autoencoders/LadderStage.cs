using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>A scale of a ladder at work: its part of the way up and of the way down, and the latent layers that join between.</summary>
internal sealed class LadderStage
{
    private readonly ImageLayer? _halve;
    private readonly DoublingLayer? _double;
    private readonly ResidualBlocks _up;
    private readonly ResidualBlocks[] _down;

    /// <param name="name">Of the scale.</param>
    /// <param name="recipe">Its sizes.</param>
    /// <param name="below">Channels of the scale below; 0 for the first.</param>
    /// <param name="height">Of its images.</param>
    /// <param name="width">Of its images.</param>
    /// <param name="isCorrelated">Whether numbers of a layer are correlated in the posterior.</param>
    /// <param name="random">Where weights come from.</param>
    public LadderStage(string name, LadderScale recipe, int below, int height, int width, bool isCorrelated, RandomNumbers random)
    {
        (Height, Width, Channels) = (height, width, recipe.Channels);
        if (below > 0)
        {
            _halve = new($"encoder.{name}.halve", 3, below, Channels, FanInWeights.Silu, random, stride: 2);
            _double = new($"decoder.{name}.double", Channels, below, FanInWeights.Silu, random);
        }
        _up = new($"encoder.{name}", Channels, recipe.EncoderBlocks, random);
        Layers = [.. recipe.Latents.Select((size, l) => new LadderLayer($"{name}.{l + 1}", height * width, Channels, size, recipe.MergeBlocks, isCorrelated, random))];
        _down = [.. Enumerable.Range(0, Math.Max(1, Layers.Length)).Select(l => new ResidualBlocks($"decoder.{name}.{l + 1}", Channels, recipe.DecoderBlocks, random))];
    }

    public int Height { get; }

    public int Width { get; }

    public int Channels { get; }

    /// <summary>Numbers of an image.</summary>
    public int Size => Height * Width * Channels;

    /// <summary>From the data up.</summary>
    public LadderLayer[] Layers { get; }

    public IEnumerable<Variable> EncoderVariables => [.. _halve?.Variables ?? [], .. _up.Variables, .. Layers.SelectMany(l => l.EncoderVariables)];

    public IEnumerable<Variable> DecoderVariables => [.. Layers.SelectMany(l => l.DecoderVariables), .. _down.SelectMany(d => d.Variables), .. _double?.Variables ?? []];

    /// <summary>From what the scale below saw, or of the first scale from the data.</summary>
    public Tensor Up(Tensor x) => _up.Apply(_halve is null ? x : _halve.Apply(Activation.Silu.Apply(x)));

    /// <summary>The way down after a layer has joined.</summary>
    public Tensor Down(int layer, Tensor state) => _down[layer].Apply(state);

    /// <summary>The state of the scale below.</summary>
    public Tensor Double(Tensor state, int height, int width) => _double!.Apply(Activation.Silu.Apply(state), height, width);
}
