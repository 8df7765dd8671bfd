using Elbo.Compute;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>Convolutions down to small images and back up, with what was seen on the way down beside it.</summary>
/// <param name="Channels">Channels at each scale; each but the first has half the height and width of the one before.</param>
/// <param name="Blocks">Residual blocks at each scale, on each way.</param>
/// <param name="Attends">Whether places attend to each other at the smallest scale.</param>
public sealed record UNetDenoiser(IReadOnlyList<int> Channels, int Blocks, bool Attends) : Denoiser
{
    // The shortest of so many has a period below the rounding of a number near 1.
    private const int MostWaves = 20;

    /// <summary>
    /// How many waves of each number the network sees beside the number, sin and cos of 2ⁿπz for n = 1, 2, … (Kingma, Salimans, Poole and Ho, 2021, section 5.2): they show it differences as small as the
    /// steps of shades, which is where most of the bound of images is. With 255 steps, 7 or 8.
    /// </summary>
    public int Waves { get; init; }

    internal override void Check(RowShape rows)
    {
        if (rows.Height == 1)
            throw new ArgumentException("A U-Net is for images, and these rows are none; use Denoiser.FullyConnected.");
        if (Channels.Count == 0 || Blocks < 1 || Channels.Any(c => c < UNetBlock.ChannelsAGroup || c % UNetBlock.ChannelsAGroup != 0))
            throw new ArgumentException($"A U-Net needs at least one scale and one block, and channels in multiples of {UNetBlock.ChannelsAGroup}; ({string.Join(", ", Channels)}) channels and {Blocks} blocks were asked for.");
        if (Waves is < 0 or > MostWaves)
            throw new ArgumentException($"A U-Net sees 0 to {MostWaves} waves of a number; {Waves} were asked for.");
        if (Math.Min(rows.Height, rows.Width) >> (Channels.Count - 1) < 2)
            throw new ArgumentException($"{Channels.Count} scales halve an image of {rows.Height} x {rows.Width} pixels to less than two; use fewer.");
    }

    internal override DenoisingNetwork Begin(RowShape rows, int outputsEach, int told, int classes, RandomNumbers random) => new UNetwork(this, rows, outputsEach, classes, random);
}

/// <summary>x + conv(σ(norm(conv(σ(norm(x))) + told))): a residual block that is told of the level of noise (Ho, Jain and Abbeel, 2020).</summary>
internal sealed class UNetBlock
{
    public const int ChannelsAGroup = 8;

    private readonly GroupNorm _firstNorm;
    private readonly ImageLayer _first;
    private readonly AffineLayer _told;
    private readonly GroupNorm _secondNorm;
    private readonly ImageLayer _second;
    private readonly ImageLayer? _skip;
    private readonly int _outputs;

    public UNetBlock(string name, int inputs, int outputs, int toldWidth, RandomNumbers random)
    {
        _outputs = outputs;
        _firstNorm = new($"{name}.first.norm", inputs, inputs / ChannelsAGroup);
        _first = new($"{name}.first", 3, inputs, outputs, FanInWeights.Silu, random);
        _told = new($"{name}.told", toldWidth, outputs, 1, random);
        _secondNorm = new($"{name}.second.norm", outputs, outputs / ChannelsAGroup);
        _second = new($"{name}.second", 3, outputs, outputs, 0.3, random);
        _skip = inputs == outputs ? null : new($"{name}.skip", 1, inputs, outputs, 1, random);
    }

    public IEnumerable<Variable> Variables => [.. _firstNorm.Variables, .. _first.Variables, .. _told.Variables, .. _secondNorm.Variables, .. _second.Variables, .. _skip?.Variables ?? []];

    public Tensor Apply(Tensor x, Tensor told)
    {
        var h = _first.Apply(Activation.Silu.Apply(_firstNorm.Apply(x))) + _told.Apply(told).Reshape([x.Shape[0], 1, 1, _outputs]);
        return (_skip?.Apply(x) ?? x) + _second.Apply(Activation.Silu.Apply(_secondNorm.Apply(h)));
    }
}

/// <summary>The network of a <see cref="UNetDenoiser"/>.</summary>
internal sealed class UNetwork : DenoisingNetwork
{
    private const int TapsOfHalving = 3;

    private readonly RowShape _rows;
    private readonly int _outputsEach;
    private readonly int _waves;
    private readonly LevelEmbedding _embedding;
    private readonly ImageLayer _in;
    private readonly List<UNetBlock[]> _down = [];
    private readonly List<ImageLayer> _halve = [];
    private readonly UNetBlock[] _middle;
    private readonly GroupNorm? _attentionNorm;
    private readonly Attention? _attention;
    private readonly List<DoublingLayer> _double = [];
    private readonly List<UNetBlock[]> _up = [];
    private readonly GroupNorm _outNorm;
    private readonly ImageLayer _out;

    public UNetwork(UNetDenoiser recipe, RowShape rows, int outputsEach, int classes, RandomNumbers random)
    {
        (_rows, _outputsEach, _waves) = (rows, outputsEach, recipe.Waves);
        var channels = recipe.Channels;
        _embedding = new("denoiser.level", 4 * channels[0], classes, random);
        UNetBlock Block(string name, int inputs, int outputs) => new($"denoiser.{name}", inputs, outputs, _embedding.Width, random);
        _in = new("denoiser.in", 3, rows.Channels * (1 + 2 * _waves), channels[0], 1, random);
        for (var s = 0; s < channels.Count; s++)
        {
            if (s > 0)
                _halve.Add(new($"denoiser.halve{s}", TapsOfHalving, channels[s - 1], channels[s], 1, random, stride: 2));
            _down.Add([.. Enumerable.Range(0, recipe.Blocks).Select(b => Block($"down{s}.{b}", channels[s], channels[s]))]);
        }
        _middle = [Block("middle.first", channels[^1], channels[^1]), Block("middle.second", channels[^1], channels[^1])];
        if (recipe.Attends)
        {
            _attentionNorm = new("denoiser.attention.norm", channels[^1], channels[^1] / UNetBlock.ChannelsAGroup);
            _attention = new("denoiser.attention", channels[^1], Math.Max(1, channels[^1] / 32), random);
        }
        for (var s = channels.Count - 1; s >= 0; s--)
        {
            _up.Add([.. Enumerable.Range(0, recipe.Blocks).Select(b => Block($"up{s}.{b}", 2 * channels[s], channels[s]))]);
            if (s > 0)
                _double.Add(new($"denoiser.double{s}", channels[s], channels[s - 1], 1, random));
        }
        _outNorm = new("denoiser.out.norm", channels[0], channels[0] / UNetBlock.ChannelsAGroup);
        _out = new("denoiser.out", 3, channels[0], rows.Channels * outputsEach, 0.1, random);
    }

    public override IReadOnlyList<Variable> Variables =>
    [
        .. _embedding.Variables, .. _in.Variables, .. _down.SelectMany(b => b).SelectMany(b => b.Variables), .. _halve.SelectMany(l => l.Variables),
        .. _middle.SelectMany(b => b.Variables), .. _attentionNorm?.Variables ?? [], .. _attention?.Variables ?? [],
        .. _double.SelectMany(l => l.Variables), .. _up.SelectMany(b => b).SelectMany(b => b.Variables), .. _outNorm.Variables, .. _out.Variables,
    ];

    public override Tensor Apply(Tensor noisy, Tensor place, Tensor? classes)
    {
        var rows = noisy.Shape[0];
        var told = _embedding.Apply(place, classes);
        var x = _in.Apply(WithWaves(noisy.Reshape([rows, _rows.Height, _rows.Width, _rows.Channels])));
        var seen = new Stack<Tensor>();
        for (var s = 0; s < _down.Count; s++)
        {
            if (s > 0)
                x = _halve[s - 1].Apply(x);
            foreach (var block in _down[s])
                seen.Push(x = block.Apply(x, told));
        }
        x = _middle[0].Apply(x, told);
        if (_attention is not null)
            x += _attention.Apply(_attentionNorm!.Apply(x).Reshape([rows, x.Shape[1] * x.Shape[2], x.Shape[3]])).Reshape(x.Shape);
        x = _middle[1].Apply(x, told);
        for (var s = 0; s < _up.Count; s++)
        {
            foreach (var block in _up[s])
                x = block.Apply(Tensor.Concatenate(3, x, seen.Pop()), told);
            if (s < _double.Count)
                x = _double[s].Apply(x, seen.Peek().Shape[1], seen.Peek().Shape[2]);
        }
        x = _out.Apply(Activation.Silu.Apply(_outNorm.Apply(x)));
        // From pixel by pixel, channels of each output side by side, to outputs one after the other.
        return x.Reshape([rows, _rows.Height * _rows.Width, _outputsEach, _rows.Channels]).Transpose(0, 2, 1, 3).Reshape([rows, _outputsEach * _rows.Size]);
    }

    private Tensor WithWaves(Tensor images)
    {
        var seen = new List<Tensor> { images };
        for (var n = 1; n <= _waves; n++)
        {
            var angle = Math.Pow(2, n) * Math.PI * images;
            seen.AddRange([Sin(angle), Cos(angle)]);
        }
        return seen.Count == 1 ? images : Tensor.Concatenate(3, [.. seen]);
    }
}
