namespace Elbo.Autoencoders;

/// <summary>A scale of a convolutional ladder: images half as high and wide as those of the scale below.</summary>
/// <param name="Channels">Channels of its images.</param>
/// <param name="Latents">Numbers of the latent layers that join at this scale, from the data up; none where the way is deterministic.</param>
public sealed record LadderScale(int Channels, params IReadOnlyList<int> Latents)
{
    /// <summary>Residual blocks on the way up.</summary>
    public int EncoderBlocks { get; init; } = 1;

    /// <summary>Residual blocks on the way down, after each latent layer.</summary>
    public int DecoderBlocks { get; init; } = 1;

    /// <summary>Residual blocks where the ways meet, before the posterior of each latent layer.</summary>
    public int MergeBlocks { get; init; }

    internal string Text => $"{Channels} channels, latent ({string.Join(", ", Latents)})";
}

/// <summary>
/// Layers of latent numbers along convolutional networks: a way up from the data, and one way down that prior and posterior share; the
/// posterior of a layer sees both (Sønderby et al., 2016), and is told relative to the prior (Vahdat and Kautz, 2020).
/// </summary>
/// <param name="Top">Numbers of the topmost layer.</param>
/// <param name="Scales">From the data up; the first has half the height and width of the data.</param>
public sealed record ResidualLadder(int Top, IReadOnlyList<LadderScale> Scales) : Hierarchy
{
    /// <summary>Three layers of 32, 16 and 8 numbers for small images, such as digits.</summary>
    public static ResidualLadder Small { get; } = new(8,
    [
        new(32) { DecoderBlocks = 2 },
        new(48, 32) { DecoderBlocks = 2 },
        new(48, 16) { MergeBlocks = 1 },
    ]);

    /// <summary>The family of q(z_l|x, z_{&gt;l}) of a layer: <see cref="CodePosterior.Diagonal"/> or <see cref="CodePosterior.FullCovariance"/>.</summary>
    public CodePosterior Posterior { get; init; } = CodePosterior.Diagonal;

    internal bool IsCorrelated => Posterior is FullCovariancePosterior;

    internal override void Check()
    {
        if (Posterior is not (DiagonalPosterior or FullCovariancePosterior))
            throw new ArgumentException($"Layers of a ladder have a Diagonal or FullCovariance posterior, not {Posterior}.");
        if (Top < 1 || Scales.Count == 0 || Scales.Any(s => s.Channels < 1 || s.Latents.Any(n => n < 1) || s.EncoderBlocks < 0 || s.DecoderBlocks < 0 || s.MergeBlocks < 0))
            throw new ArgumentException($"A ladder needs at least one scale with at least one channel, and at least one number in each latent layer; {Top} on top of {string.Join("; ", Scales.Select(s => s.Text))} was asked for.");
    }

    internal override LatentNetwork Begin(LatentSetting setting, double decoderScale)
    {
        var (height, width) = (setting.Rows.Height, setting.Rows.Width);
        if (height == 1 || setting.Features % (height * width) != 0)
            throw new ArgumentException("Convolutional ladders are for images, and these rows are none; use Hierarchy.FullyConnected.");
        if (Math.Min(height, width) * 2 < 1 << Scales.Count)
            throw new ArgumentException($"{Scales.Count} scales halve an image of {height} x {width} pixels to nothing; use fewer.");
        return new ConvolutionalLadder(this, setting, decoderScale);
    }
}
