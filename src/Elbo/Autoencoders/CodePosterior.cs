using Elbo.Compute;
using Elbo.Distributions;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Transforms;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>The family of q(z|x), whose parameters the encoder gives: a recipe.</summary>
public abstract record CodePosterior
{
    private protected CodePosterior()
    {
    }

    /// <summary>Independent normals.</summary>
    public static CodePosterior Diagonal { get; } = new DiagonalPosterior();

    /// <summary>A normal with all correlations, whose Cholesky factor the encoder gives.</summary>
    public static CodePosterior FullCovariance { get; } = new FullCovariancePosterior();

    /// <summary>Independent normals bent by inverse autoregressive flows that see the encoder's features (Kingma et al., 2016).</summary>
    /// <param name="layers">How many flows.</param>
    /// <param name="hidden">Hidden units of each.</param>
    public static CodePosterior Flow(int layers = 4, int hidden = 128) => new FlowPosterior(layers, hidden);

    /// <exception cref="ArgumentException">A size is out of its range.</exception>
    internal virtual void Check()
    {
    }

    internal abstract PosteriorFamily Begin(int latent, RandomNumbers random);
}

/// <summary>Independent normals.</summary>
public sealed record DiagonalPosterior : CodePosterior
{
    internal override PosteriorFamily Begin(int latent, RandomNumbers random) => new DiagonalFamily(latent);
}

/// <summary>A normal with all correlations.</summary>
public sealed record FullCovariancePosterior : CodePosterior
{
    internal override PosteriorFamily Begin(int latent, RandomNumbers random) => new FullCovarianceFamily(latent);
}

/// <summary>Independent normals bent by flows.</summary>
/// <param name="Layers">How many flows.</param>
/// <param name="Hidden">Hidden units of each.</param>
public sealed record FlowPosterior(int Layers, int Hidden) : CodePosterior
{
    internal override void Check()
    {
        if (Layers < 1 || Hidden < 1)
            throw new ArgumentException($"A flow needs at least one layer with one hidden unit; {Layers} and {Hidden} were asked for.");
    }

    internal override PosteriorFamily Begin(int latent, RandomNumbers random) => new FlowFamily(latent, Layers, Hidden, random);
}

/// <summary>A draw from a family of q(z|x). Shapes begin with [draws, rows].</summary>
/// <param name="Z">[draws, rows, latent].</param>
/// <param name="LogDensity">ln q(z|x), [draws, rows].</param>
/// <param name="LogDensityHeld">The same, with a gradient by z alone; null where there is none but by z's own noise.</param>
/// <param name="Mean">Of the normal, [1, rows, latent].</param>
/// <param name="LogVariance">Of the normal, [1, rows, latent].</param>
/// <param name="FromStandardNormal">KL(q‖N(0, I)) in parts, [1, rows, latent]; null where there is no closed form.</param>
internal sealed record PosteriorDraw(Tensor Z, Tensor LogDensity, Tensor? LogDensityHeld, Tensor Mean, Tensor LogVariance, Tensor? FromStandardNormal);

/// <summary>A family of q(z|x) at work.</summary>
internal abstract class PosteriorFamily(int latent)
{
    // A posterior this narrow or wide is beyond what single precision can learn from.
    private const double SmallestLogVariance = -14;
    private const double LargestLogVariance = 6;

    public int Latent => latent;

    /// <summary>Numbers of a row that the encoder gives.</summary>
    public virtual int ParameterCount => 2 * Latent;

    public virtual IReadOnlyList<Variable> Variables => [];

    /// <summary>A draw for each of [draws, rows, latent] noise.</summary>
    public abstract PosteriorDraw Draw(Tensor parameters, Tensor noise);

    public Tensor MeanOf(Tensor parameters) => parameters.Slice(1, 0, Latent);

    public Tensor LogVarianceOf(Tensor parameters) => Clamp(parameters.Slice(1, Latent, Latent), SmallestLogVariance, LargestLogVariance);

    private protected Tensor AsDraw(Tensor ofRows) => ofRows.Reshape([1, ofRows.Shape[0], Latent]);

    private protected static Tensor LogNormal(Tensor standardised, Tensor logVariance) =>
        (-0.5 * (standardised * standardised + logVariance)).Sum(2) - standardised.Shape[2] * Normal.HalfLogTwoPi;
}

internal sealed class DiagonalFamily(int latent) : PosteriorFamily(latent)
{
    public override PosteriorDraw Draw(Tensor parameters, Tensor noise)
    {
        var (mean, logVariance) = (AsDraw(MeanOf(parameters)), AsDraw(LogVarianceOf(parameters)));
        var z = mean + Exp(0.5 * logVariance) * noise;
        var (heldMean, heldLogVariance) = (StopGradient(mean), StopGradient(logVariance));
        return new(
            z, LogNormal(noise, logVariance.BroadcastTo(noise.Shape)),
            LogNormal((z - heldMean) * Exp(-0.5 * heldLogVariance), heldLogVariance.BroadcastTo(noise.Shape)),
            mean, logVariance, GaussianDivergence.ToStandardNormal(mean, logVariance));
    }
}

/// <summary>z = μ + L·ε with L lower triangular: exponentials on the diagonal, what the encoder gives in units of them below it.</summary>
internal sealed class FullCovarianceFamily(int latent) : PosteriorFamily(latent)
{
    public override int ParameterCount => 2 * Latent + Latent * Latent;

    public override PosteriorDraw Draw(Tensor parameters, Tensor noise)
    {
        var (draws, rows) = (noise.Shape[0], noise.Shape[1]);
        var (mean, logVariance) = (AsDraw(MeanOf(parameters)), AsDraw(LogVarianceOf(parameters)));
        // σᵢ·(εᵢ + Σ_{j<i} Bᵢⱼεⱼ): the part below the diagonal is strict, so |L| is that of the diagonal alone.
        var below = parameters.Slice(1, 2 * Latent, Latent * Latent).Reshape([rows, Latent, Latent]) * CorrelatedNormal.PlacesBelow(Latent);
        var byRow = noise.Transpose(1, 0, 2);
        var correlated = (byRow + byRow.MatMul(below, transposeRight: true)).Transpose(1, 0, 2);
        var deviation = Exp(0.5 * logVariance);
        var z = mean + deviation * correlated;
        // Both parts of KL = ½(tr LLᵀ + |μ|² − n) − ln|L| are sums over numbers.
        var trace = Exp(logVariance) * (1.0 + (below * below).Sum(2).Reshape([1, rows, Latent]));
        var divergence = 0.5 * (trace + mean * mean - 1.0 - logVariance);
        var held = Standardised(z, StopGradient(mean), StopGradient(deviation), StopGradient(below));
        return new(z, LogNormal(noise, logVariance.BroadcastTo(noise.Shape)), LogNormal(held, StopGradient(logVariance).BroadcastTo(noise.Shape)), mean, logVariance, divergence);
    }

    // ε of z, by (I + B)ε = (z − μ)/σ.
    private Tensor Standardised(Tensor z, Tensor mean, Tensor deviation, Tensor below)
    {
        var unit = Tensor.FromArray([.. Enumerable.Range(0, Latent * Latent).Select(i => i % Latent == i / Latent ? 1.0 : 0)], [1, Latent, Latent]);
        return (unit + below).TriangularSolve(((z - mean) / deviation).Transpose(1, 2, 0)).Transpose(2, 0, 1);
    }
}

internal sealed class FlowFamily : PosteriorFamily
{
    private readonly Transform _flow;
    private readonly VariableWeights _weights = new(DType.Float32);

    public FlowFamily(int latent, int layers, int hidden, RandomNumbers random) : base(latent)
    {
        var reverse = Transform.Permutation([.. Enumerable.Range(0, latent).Reverse()]);
        var flow = Transform.Identity;
        for (var layer = 0; layer < layers; layer++)
        {
            var next = Transform.InverseAutoregressive(new MaskedMlp($"posterior.flow{layer}", latent, ElementMap.Affine.Parameters, [hidden], Activation.Tanh, random, _weights.Add, outputScale: 0));
            flow = flow.Then(layer % 2 == 1 && latent > 1 ? reverse.Then(next).Then(reverse) : next);
        }
        _flow = flow;
    }

    public override IReadOnlyList<Variable> Variables => _weights.All;

    public override PosteriorDraw Draw(Tensor parameters, Tensor noise)
    {
        var (mean, logVariance) = (AsDraw(MeanOf(parameters)), AsDraw(LogVarianceOf(parameters)));
        var before = mean + Exp(0.5 * logVariance) * noise;
        var z = _flow.Forward(before);
        return new(z, LogNormal(noise, logVariance.BroadcastTo(noise.Shape)) - _flow.LogJacobian(before, z), null, mean, logVariance, null);
    }
}
