using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Objectives;
using static Elbo.Compute.TensorMath;

namespace Elbo.Examples.Autoencoders;

/// <summary>Points of the plane along a curve: one latent number z ~ N(0, 1), a network from it to the place, noise around that. ln p(x) is an integral over a line.</summary>
internal sealed class Curve : LatentNetwork
{
    private readonly Mlp _encoder;
    private readonly Mlp _decoder;

    /// <param name="encoderHidden">Hidden layers of the encoder; none for an affine one.</param>
    /// <param name="seed">Of the first weights.</param>
    public Curve(int[] encoderHidden, ulong seed)
    {
        _decoder = new("decoder", [1, 32, 32, 2], Activation.Tanh, new RandomNumbers(seed, 1));
        _encoder = new("encoder", [2, .. encoderHidden, 2], Activation.Tanh, new RandomNumbers(seed, 2));
    }

    public override IReadOnlyList<LatentGroup> Groups => [new("z", 1)];

    public override IReadOnlyList<string> DivergenceTerms => ["z"];

    public override IReadOnlyList<Variable> EncoderVariables => [.. _encoder.Variables];

    public override IReadOnlyList<Variable> DecoderVariables => [.. _decoder.Variables];

    public override CodeDraw Infer(Tensor features, Tensor noise)
    {
        var (draws, rows) = (noise.Shape[0], noise.Shape[1]);
        var code = _encoder.Apply(features);
        var mean = code.Slice(1, 0, 1).Reshape([1, rows, 1]);
        var logVariance = Clamp(code.Slice(1, 1, 1), -14, 6).Reshape([1, rows, 1]);
        var z = mean + Exp(0.5 * logVariance) * noise;
        var (logPrior, parameters) = Score(z.Reshape([draws * rows, 1]));
        Tensor LogNormal(Tensor m, Tensor s) => (-0.5 * (Square(z - m) * Exp(-s) + s + Math.Log(2 * Math.PI))).Sum(2);
        return new(z, parameters.Reshape([draws, rows, 2]), logPrior.Reshape([draws, rows]), LogNormal(mean, logVariance), GaussianDivergence.ToStandardNormal(mean, logVariance), mean, logVariance)
        {
            LogPosteriorHeld = LogNormal(StopGradient(mean), StopGradient(logVariance)),
        };
    }

    public override (Tensor LogPrior, Tensor Parameters) Score(Tensor z) => ((-0.5 * (Square(z) + Math.Log(2 * Math.PI))).Sum(1), _decoder.Apply(z));

    public override Tensor FromPrior(Tensor noise) => noise;
}

/// <summary>A place in the plane, with noise of one scale in both directions, which is learned.</summary>
internal sealed class Place : Observation
{
    public Place() => Variables[0].AsSpan<float>()[0] = -1;

    public double Scale => Math.Exp(Variables[0].AsSpan<float>()[0]);

    public override int Size => 2;

    public override int FeatureCount => 2;

    public override int ParameterCount => 2;

    /// <summary>The logarithm of the scale; an autoencoder takes it over.</summary>
    public override IReadOnlyList<Variable> Variables { get; } = [new("logScale", [])];

    public override IReadOnlyList<string> Terms => ["x", "y"];

    public override int TermOf(int number) => number;

    public override Tensor Features(Tensor values, Tensor? mask) => values;

    public override Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask)
    {
        var logScale = Variables[0].Value;
        return -0.5 * Square(values.Reshape([1, values.Shape[0], 2]) - parameters) * Exp(-2.0 * logScale) - logScale - 0.5 * Math.Log(2 * Math.PI);
    }

    public override void Mean(ReadOnlySpan<float> parameters, Span<float> values) => parameters.CopyTo(values);

    public override void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random)
    {
        for (var i = 0; i < 2; i++)
            values[i] = (float)(parameters[i] + Scale * random.NextNormal());
    }
}

/// <summary>Points of the plane.</summary>
internal sealed class Places(double[] x, double[] y) : IRows
{
    public double[] X => x;

    public double[] Y => y;

    public int Count => x.Length;

    public int Size => 2;

    public bool HasMissing => false;

    public void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        for (var i = 0; i < rows.Length; i++)
            (values[2 * i], values[2 * i + 1]) = ((float)x[rows[i]], (float)y[rows[i]]);
        values[(2 * rows.Length)..].Clear();
    }
}
