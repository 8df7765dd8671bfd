using Elbo.Compute;

namespace Elbo.Autoencoders;

/// <summary>A group of latent numbers that are drawn together.</summary>
/// <param name="Name">Such as z, or z1, z2 … from the data up.</param>
/// <param name="Size">How many numbers.</param>
public sealed record LatentGroup(string Name, int Size);

/// <summary>Codes drawn from q(z|x) for a batch of rows, with all that bounds are made of. Shapes begin with [draws, rows].</summary>
/// <param name="Z">The codes, [draws, rows, latent], the groups side by side in the order of <see cref="LatentNetwork.Groups"/>.</param>
/// <param name="Parameters">Outputs of the decoder for them, [draws, rows, parameters].</param>
/// <param name="LogPrior">ln p(z), [draws, rows], nats.</param>
/// <param name="LogPosterior">ln q(z|x), [draws, rows], nats.</param>
/// <param name="Divergence">The parts of KL(q(z|x)‖p(z)), [draws or 1, rows, terms]: exact where there is a closed form given the groups above, otherwise of the draw. Their sum has the divergence as its mean.</param>
/// <param name="Mean">Means of q(z|x) given the groups above, [draws or 1, rows, latent].</param>
/// <param name="LogVariance">Logarithms of the variances, of the same shape.</param>
public sealed record CodeDraw(Tensor Z, Tensor Parameters, Tensor LogPrior, Tensor LogPosterior, Tensor Divergence, Tensor Mean, Tensor LogVariance)
{
    /// <summary>ln q(z|x) whose gradient is that by z alone: the weights of the encoder count as constants in it. Null where that is not known.</summary>
    public Tensor? LogPosteriorHeld { get; init; }

    /// <summary>
    /// Logarithms of what the draws of a row count, [draws, rows], whose exponentials sum to 1: where some of what is latent is not drawn but gone through, value by
    /// value, each value counts by its probability under q. Null where all draws count alike.
    /// </summary>
    public Tensor? LogShares { get; init; }

    /// <summary>ln q(y|x) of the label of each row, [rows], nats, 0 where it has none; null where the model has no label.</summary>
    public Tensor? LogLabel { get; init; }

    /// <summary>1 for rows with a label and 0 for others, [rows]; null where the model has no label.</summary>
    public Tensor? IsLabelled { get; init; }

    /// <summary>The mean over the draws of each row, as they count: [rows] or [rows, numbers] of [draws or 1, rows] or [draws or 1, rows, numbers].</summary>
    internal Tensor OverDraws(Tensor each)
    {
        if (LogShares is null)
            return each.Mean(0);
        var shares = TensorMath.Exp(LogShares);
        return ((each.Rank == 3 ? shares.Reshape([shares.Shape[0], shares.Shape[1], 1]) : shares) * each).Sum(0);
    }
}

/// <summary>
/// What is latent and how it makes a row: p(z), the network behind p(x|z), and q(z|x), as expressions. What the outputs of the decoder mean is
/// said by an <see cref="Likelihoods.Observation"/>.
/// </summary>
public abstract class LatentNetwork
{
    /// <summary>The latent numbers, group by group, from the data up: those of the first are what the data depend on first.</summary>
    public abstract IReadOnlyList<LatentGroup> Groups { get; }

    /// <summary>Latent numbers in all.</summary>
    public int Latent => Groups.Sum(g => g.Size);

    /// <summary>Names of the terms of the divergence: those of latent numbers, or of groups where their numbers cannot be told apart.</summary>
    public abstract IReadOnlyList<string> DivergenceTerms { get; }

    /// <summary>What is learned of q(z|x).</summary>
    public abstract IReadOnlyList<Variable> EncoderVariables { get; }

    /// <summary>What is learned of p(z) and of the network behind p(x|z).</summary>
    public abstract IReadOnlyList<Variable> DecoderVariables { get; }

    /// <summary>All that is learned.</summary>
    public IReadOnlyList<Variable> Variables => [.. EncoderVariables, .. DecoderVariables];

    /// <summary>Whether q(z|x) is a normal with independent numbers, so that <see cref="CodeDraw.Mean"/> and <see cref="CodeDraw.LogVariance"/> say all of it.</summary>
    public virtual bool HasDiagonalPosterior => false;

    /// <summary>Whether p(z) is N(0, I).</summary>
    public virtual bool HasStandardNormalPrior => false;

    /// <summary>Classes of a label that is latent where it is not observed, and summed out; 0 where there is none.</summary>
    public virtual int Classes => 0;

    /// <summary>Draws codes for a batch of rows.</summary>
    /// <param name="features">What the encoder sees, [rows, features]; where there is a label, so many numbers more as it has classes: 1 at the label of a row, and zeros where it has none.</param>
    /// <param name="noise">Standard normal noise, [draws, rows, <see cref="Latent"/>].</param>
    /// <returns>The draws; where there is a label, as many times more: class by class for each noise.</returns>
    public abstract CodeDraw Infer(Tensor features, Tensor noise);

    /// <summary>ln p(z) [codes] in nats, and the outputs of the decoder [codes, parameters], for codes from anywhere.</summary>
    /// <param name="z">[codes, <see cref="Latent"/>].</param>
    public abstract (Tensor LogPrior, Tensor Parameters) Score(Tensor z);

    /// <summary>Standard normal numbers that a draw from the prior takes.</summary>
    public virtual int PriorNoise => Latent;

    /// <summary>Codes drawn from the prior, [codes, <see cref="Latent"/>].</summary>
    /// <param name="noise">Standard normal noise, [codes, <see cref="PriorNoise"/>].</param>
    public abstract Tensor FromPrior(Tensor noise);

    /// <summary>The same of one class of the label.</summary>
    /// <param name="noise">Standard normal noise, [codes, <see cref="PriorNoise"/>].</param>
    /// <param name="label">The class, from 0.</param>
    /// <exception cref="ArgumentException">There is no label.</exception>
    public virtual Tensor FromPrior(Tensor noise, int label) =>
        throw new ArgumentException("The model has no label, so there are no classes to draw from; fit one with a label.", nameof(label));

    /// <summary>Rows of features that it wants to begin with.</summary>
    public virtual int FirstRows => 0;

    /// <summary>Begins with what a first look at the data tells.</summary>
    public virtual void Start(FirstLook data)
    {
    }
}

/// <summary>What a first look at the data tells.</summary>
/// <param name="FeatureRows">Features of <see cref="LatentNetwork.FirstRows"/> rows drawn at random, row by row.</param>
/// <param name="Outputs">Decoder outputs that say the mean of all rows; null for zeros.</param>
public sealed record FirstLook(ReadOnlyMemory<float> FeatureRows, IReadOnlyList<float>? Outputs)
{
    internal ReadOnlySpan<float> Features => FeatureRows.Span;

    /// <summary>Has a decoder begin with these outputs whatever the code.</summary>
    internal void Begin(Networks.INetwork decoder)
    {
        if (Outputs is not { } outputs)
            return;
        // A convolution has one bias for each channel, whatever the pixel.
        var bias = decoder.OutputBias.AsSpan<float>();
        bias.Clear();
        for (var i = 0; i < outputs.Count; i++)
            bias[i % bias.Length] += outputs[i] * bias.Length / outputs.Count;
    }
}

/// <summary>What a latent network is made for.</summary>
/// <param name="Rows">How the numbers of a row lie.</param>
/// <param name="Features">Numbers of a row that the encoder sees.</param>
/// <param name="Parameters">Numbers of a row that the decoder gives.</param>
/// <param name="Random">Where the first weights come from.</param>
public sealed record LatentSetting(Networks.RowShape Rows, int Features, int Parameters, RandomNumbers Random);
