using Elbo.Compute;
using Elbo.Distributions;
using Elbo.Networks;
using Elbo.Transforms;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>The family of p(z): a recipe.</summary>
public abstract record CodePrior
{
    private protected CodePrior()
    {
    }

    /// <summary>N(0, I).</summary>
    public static CodePrior StandardNormal { get; } = new StandardNormalPrior();

    /// <summary>A mixture of normals with learned weights, means and standard deviations.</summary>
    /// <param name="components">How many.</param>
    public static CodePrior Mixture(int components = 10) => new MixturePrior(components);

    /// <summary>The mean of q(z|u) over learned pseudo-inputs u (VampPrior; Tomczak and Welling, 2018), which begin as rows of the data.</summary>
    /// <param name="pseudoInputs">How many.</param>
    public static CodePrior Vamp(int pseudoInputs = 500) => new VampPrior(pseudoInputs);

    /// <summary>N(0, I) bent by coupling layers (RealNVP; Dinh, Sohl-Dickstein and Bengio, 2017).</summary>
    /// <param name="layers">How many, at least 2, so that each number is bent by others.</param>
    /// <param name="hidden">Hidden units of each.</param>
    public static CodePrior Flow(int layers = 6, int hidden = 64) => new FlowPrior(layers, hidden);

    /// <exception cref="ArgumentException">A size is out of its range.</exception>
    internal virtual void Check(int latent, CodePosterior posterior)
    {
    }

    internal abstract PriorFamily Begin(PriorSetting setting);
}

/// <summary>N(0, I).</summary>
public sealed record StandardNormalPrior : CodePrior
{
    internal override PriorFamily Begin(PriorSetting setting) => new StandardNormalFamily(setting.Latent);
}

/// <summary>A mixture of normals.</summary>
/// <param name="Components">How many.</param>
public sealed record MixturePrior(int Components) : CodePrior
{
    internal override void Check(int latent, CodePosterior posterior)
    {
        if (Components < 1)
            throw new ArgumentException($"A mixture needs at least one component; {Components} were asked for.");
    }

    internal override PriorFamily Begin(PriorSetting setting) => new NormalMixtureFamily(setting, Components);
}

/// <summary>The mean of q(z|u) over learned pseudo-inputs u.</summary>
/// <param name="PseudoInputs">How many.</param>
public sealed record VampPrior(int PseudoInputs) : CodePrior
{
    internal override void Check(int latent, CodePosterior posterior)
    {
        if (PseudoInputs < 1)
            throw new ArgumentException($"A VampPrior needs at least one pseudo-input; {PseudoInputs} were asked for.");
        if (posterior is not DiagonalPosterior)
            throw new ArgumentException("A VampPrior is a mixture of the normals that the encoder gives, and this posterior has other shapes; use CodePosterior.Diagonal, or another prior.");
    }

    internal override PriorFamily Begin(PriorSetting setting) => new VampFamily(setting, PseudoInputs);
}

/// <summary>N(0, I) bent by coupling layers.</summary>
/// <param name="Layers">How many.</param>
/// <param name="Hidden">Hidden units of each.</param>
public sealed record FlowPrior(int Layers, int Hidden) : CodePrior
{
    internal override void Check(int latent, CodePosterior posterior)
    {
        if (Layers < 2 || Hidden < 1)
            throw new ArgumentException($"A flow prior needs at least two layers with one hidden unit, so that each number is bent by others; {Layers} and {Hidden} were asked for.");
        if (latent < 2)
            throw new ArgumentException("A flow prior bends some latent numbers by others, and this code has one; use CodePrior.Mixture.");
    }

    internal override PriorFamily Begin(PriorSetting setting) => new FlowPriorFamily(setting.Latent, Layers, Hidden, setting.Random);
}

/// <summary>What a prior is made for.</summary>
/// <param name="Latent">Latent numbers.</param>
/// <param name="Random">Where its first weights come from.</param>
/// <param name="FeatureCount">Numbers of a row that the encoder sees.</param>
/// <param name="Encode">Mean and log-variance of q(z|·), [rows, latent], for features [rows, features].</param>
internal sealed record PriorSetting(int Latent, RandomNumbers Random, int FeatureCount, Func<Tensor, (Tensor Mean, Tensor LogVariance)> Encode);

/// <summary>A family of p(z) at work.</summary>
internal abstract class PriorFamily(int latent)
{
    public int Latent => latent;

    public virtual IReadOnlyList<Variable> Variables => [];

    /// <summary>Standard normal numbers that a draw takes.</summary>
    public virtual int NoiseWidth => Latent;

    public virtual bool IsStandardNormal => false;

    /// <summary>Rows of features that it wants to begin with.</summary>
    public virtual int FirstRows => 0;

    /// <summary>Begins with so many rows of features.</summary>
    public virtual void Start(ReadOnlySpan<float> features)
    {
    }

    /// <summary>ln p(z) for [codes, latent]: [codes].</summary>
    public abstract Tensor LogDensity(Tensor z);

    /// <summary>Draws for [codes, noise] of standard normal noise.</summary>
    public abstract Tensor Draw(Tensor noise);
}

internal sealed class StandardNormalFamily(int latent) : PriorFamily(latent)
{
    public override bool IsStandardNormal => true;

    public override Tensor LogDensity(Tensor z) => -0.5 * (z * z).Sum(1) - Latent * Normal.HalfLogTwoPi;

    public override Tensor Draw(Tensor noise) => noise;
}

/// <summary>What mixtures of normals share: one number more of noise chooses the component.</summary>
internal abstract class MixtureFamily(int latent) : PriorFamily(latent)
{
    public override int NoiseWidth => Latent + 1;

    /// <summary>Logarithms of weights [components], and means and log-variances [components, latent].</summary>
    protected abstract (Tensor LogWeights, Tensor Mean, Tensor LogVariance) Components();

    public override Tensor LogDensity(Tensor z)
    {
        var (logWeights, mean, logVariance) = Components();
        var (codes, components) = (z.Shape[0], logWeights.Shape[0]);
        var standardised = (z.Reshape([codes, 1, Latent]) - mean.Reshape([1, components, Latent])) * Exp(-0.5 * logVariance).Reshape([1, components, Latent]);
        var ofComponents = -0.5 * (standardised * standardised).Sum(2) + (logWeights - 0.5 * logVariance.Sum(1)).Reshape([1, components]);
        return LogSumExp(ofComponents, 1) - Latent * Normal.HalfLogTwoPi;
    }

    public override Tensor Draw(Tensor noise)
    {
        var (logWeights, mean, logVariance) = Components();
        var (codes, components) = (noise.Shape[0], logWeights.Shape[0]);
        // The component is the one in whose share of [0, 1] the uniform number Φ(ε) lies.
        var uniform = 0.5 * Erfc(-Math.Sqrt(0.5) * noise.Slice(1, Latent, 1));
        var below = Exp(logWeights).CumulativeSum(0).Reshape([1, components]);
        var chosen = Minimum((uniform > below).Convert(noise.Type).Sum(1), Tensor.Scalar(components - 1)).Convert(DType.Int32);
        return mean.Gather(chosen) + Exp(0.5 * logVariance.Gather(chosen)) * noise.Slice(1, 0, Latent);
    }
}

internal sealed class NormalMixtureFamily : MixtureFamily
{
    private readonly Variable _logits;
    private readonly Variable _mean;
    private readonly Variable _logVariance;

    public NormalMixtureFamily(PriorSetting setting, int components) : base(setting.Latent)
    {
        (_logits, _mean, _logVariance) = (new("prior.logits", [components]), new("prior.mean", [components, Latent]), new("prior.logVariance", [components, Latent]));
        foreach (ref var mean in _mean.AsSpan<float>())
            mean = (float)setting.Random.NextNormal();
    }

    public override IReadOnlyList<Variable> Variables => [_logits, _mean, _logVariance];

    protected override (Tensor LogWeights, Tensor Mean, Tensor LogVariance) Components() => (LogSoftmax(_logits.Value), _mean.Value, Clamp(_logVariance.Value, -10, 6));
}

internal sealed class VampFamily : MixtureFamily
{
    private readonly Variable[] _pseudoInputs;
    private readonly Func<Tensor, (Tensor Mean, Tensor LogVariance)> _encode;

    public VampFamily(PriorSetting setting, int count) : base(setting.Latent)
    {
        _encode = setting.Encode;
        _pseudoInputs = [new("prior.pseudoInputs", [count, setting.FeatureCount])];
        foreach (ref var value in _pseudoInputs[0].AsSpan<float>())
            value = (float)(0.1 * setting.Random.NextNormal());
    }

    public override IReadOnlyList<Variable> Variables => _pseudoInputs;

    public override int FirstRows => _pseudoInputs[0].Shape[0];

    public override void Start(ReadOnlySpan<float> features) => features.CopyTo(_pseudoInputs[0].AsSpan<float>());

    protected override (Tensor LogWeights, Tensor Mean, Tensor LogVariance) Components()
    {
        var count = _pseudoInputs[0].Shape[0];
        var (mean, logVariance) = _encode(_pseudoInputs[0].Value);
        return (Tensor.Full([count], -Math.Log(count)), mean, logVariance);
    }
}

internal sealed class FlowPriorFamily : PriorFamily
{
    private readonly VariableWeights _weights = new(DType.Float32);
    private readonly Transform _flow;

    public FlowPriorFamily(int latent, int layers, int hidden, RandomNumbers random) : base(latent)
    {
        // The halves take turns, and reversing mixes them.
        var reverse = Transform.Permutation([.. Enumerable.Range(0, latent).Reverse()]);
        var kept = latent / 2;
        var flow = Transform.Identity;
        for (var layer = 0; layer < layers; layer++)
        {
            var network = new Mlp($"prior.flow{layer}", [kept, hidden, (latent - kept) * ElementMap.Affine.Parameters], Activation.Tanh, random, _weights.Add, outputScale: 0);
            flow = flow.Then(Transform.Coupling(kept, network.Apply)).Then(reverse);
        }
        _flow = flow;
    }

    public override IReadOnlyList<Variable> Variables => _weights.All;

    public override Tensor LogDensity(Tensor z)
    {
        var noise = _flow.Inverse(z);
        return -0.5 * (noise * noise).Sum(1) - Latent * Normal.HalfLogTwoPi - _flow.LogJacobian(noise, z);
    }

    public override Tensor Draw(Tensor noise) => _flow.Forward(noise);
}
