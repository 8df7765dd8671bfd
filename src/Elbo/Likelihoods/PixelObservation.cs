using Elbo.Compute;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>The family of each number of an image, from 0 to 1, given the code.</summary>
public enum PixelLikelihood
{
    /// <summary>Black or white, by the log-odds. Grey images are made binary first: <see cref="Binarisation"/>.</summary>
    Bernoulli,

    /// <summary>Any shade, by the natural parameter of a continuous Bernoulli (Loaiza-Ganem and Cunningham, 2019): ln p is of the density.</summary>
    ContinuousBernoulli,

    /// <summary>One of 256 shades, or of as many as are said, by location and scale of a logistic that is cut into them (Salimans, Karpathy, Chen and Kingma, 2017): ln p is of the probability of the shade, so −ln p/ln 2 is bits.</summary>
    DiscretisedLogistic,

    /// <summary>Any number, by mean and scale of a normal: ln p is of the density.</summary>
    Gaussian,
}

/// <summary>How grey images become binary.</summary>
public enum Binarisation
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>White from one half up.</summary>
    Threshold,

    /// <summary>White with the probability that the shade is, drawn anew each time that an image is seen in training (Salakhutdinov and Murray, 2008).</summary>
    Draw,
}

/// <summary>The likelihood of images: each number of a pixel of the same family.</summary>
public sealed class PixelObservation : Observation
{
    // Blocks of pixels that the reconstruction is reported in, along each side.
    private const int BlocksASide = 4;

    // A scale below a tenth of the distance of two shades says nothing more about shades.
    private const double SmallestLogScale = -8;
    private const double LargestLogScale = 2;

    // What a decoder that gives 0 means: a scale that covers the range.
    private const double UsualLogScale = -1.5;

    private readonly RowShape _shape;
    private readonly int _shades;

    /// <summary>The likelihood of images of a shape.</summary>
    /// <param name="shape">Height, width, channels.</param>
    /// <param name="likelihood">The family.</param>
    /// <param name="binarisation">How images become binary; for Bernoulli images that are not so already.</param>
    /// <param name="shades">How many shades there are in equal steps from 0 to 1, for <see cref="PixelLikelihood.DiscretisedLogistic"/>.</param>
    /// <exception cref="ArgumentException">Only Bernoulli images are binary.</exception>
    public PixelObservation(RowShape shape, PixelLikelihood likelihood, Binarisation binarisation = Binarisation.None, int shades = 256)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(shades, 2);
        if (binarisation != Binarisation.None && likelihood != PixelLikelihood.Bernoulli)
            throw new ArgumentException($"A {likelihood} likelihood is of shades, and binary images have none. Leave the binarisation out, or use the Bernoulli likelihood.", nameof(binarisation));
        (_shape, Likelihood, Binarisation, _shades) = (shape, likelihood, binarisation, shades);
    }

    /// <summary>The family.</summary>
    public PixelLikelihood Likelihood { get; }

    /// <summary>How images become binary.</summary>
    public Binarisation Binarisation { get; }

    /// <inheritdoc/>
    public override int Size => _shape.Size;

    /// <inheritdoc/>
    public override int FeatureCount => Size;

    /// <inheritdoc/>
    public override int ParameterCount => Size * Each;

    private double HalfShade => 0.5 / (_shades - 1);

    private int Each => Likelihood is PixelLikelihood.DiscretisedLogistic or PixelLikelihood.Gaussian ? 2 : 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Terms => [.. Enumerable.Range(0, RowBlocks * ColumnBlocks).Select(b => $"{Range("rows", b / ColumnBlocks, RowBlocks, _shape.Height)}, {Range("columns", b % ColumnBlocks, ColumnBlocks, _shape.Width)}")];

    private int RowBlocks => Math.Min(BlocksASide, _shape.Height);

    private int ColumnBlocks => Math.Min(BlocksASide, _shape.Width);

    /// <inheritdoc/>
    public override int TermOf(int number)
    {
        var pixel = number / _shape.Channels;
        return pixel / _shape.Width * RowBlocks / _shape.Height * ColumnBlocks + pixel % _shape.Width * ColumnBlocks / _shape.Width;
    }

    private static string Range(string what, int block, int blocks, int size) =>
        $"{what} {(block * size + blocks - 1) / blocks + 1}-{((block + 1) * size + blocks - 1) / blocks}";

    /// <inheritdoc/>
    public override Tensor Observe(Tensor values, Func<Shape, Tensor> uniform)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(uniform);
        return Binarisation switch
        {
            Binarisation.Threshold => (values >= 0.5).Convert(values.Type),
            Binarisation.Draw => (uniform(values.Shape) < values).Convert(values.Type),
            _ => values,
        };
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        return mask is null ? values : values * mask;
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        var (draws, rows) = (parameters.Shape[0], parameters.Shape[1]);
        var x = values.Reshape([1, rows, Size]);
        var logDensity = Likelihood switch
        {
            PixelLikelihood.Bernoulli => x * parameters - Softplus(parameters),
            PixelLikelihood.ContinuousBernoulli => x * parameters - LogNormaliser(parameters),
            PixelLikelihood.DiscretisedLogistic => LogShade(Part(parameters, 0), Part(parameters, 1), x),
            _ => LogNormal(Part(parameters, 0), Part(parameters, 1), x),
        };
        return mask is null ? logDensity : Where(mask.Reshape([1, rows, Size]).BroadcastTo([draws, rows, Size]) > 0.0, logDensity, Tensor.Scalar(0));
    }

    private Tensor Part(Tensor parameters, int part)
    {
        var (draws, rows) = (parameters.Shape[0], parameters.Shape[1]);
        return parameters.Reshape([draws, rows, Size, 2]).Slice(3, part, 1).Reshape([draws, rows, Size]);
    }

    // ln ∫₀¹ e^(ηx) dx = ln((e^η − 1)/η) = η/2 + ln(sinh(η/2)/(η/2)), whose second part is even, and near 0 is u²/6 − u⁴/180.
    private static Tensor LogNormaliser(Tensor eta)
    {
        const double Near = 0.25;
        var u = Abs(0.5 * eta);
        var far = Maximum(u, Tensor.Scalar(Near));
        var square = Square(Minimum(u, Tensor.Scalar(Near)));
        return 0.5 * eta + Where(u < Near, square * (1.0 / 6 - square * (1.0 / 180 - square / 2835)), far + Log(-Expm1(-2.0 * far) / (2.0 * far)));
    }

    private static Tensor Location(Tensor output) => 0.5 * output + 0.5;

    private static Tensor LogScale(Tensor output) => Clamp(output + UsualLogScale, SmallestLogScale, LargestLogScale);

    // The probability of a shade is the logistic's between half a shade below and above it, all below for black and all above for white:
    // σ(a) − σ(b) = σ(a)σ(−b)(1 − e^(b − a)), exact where a and b are far out.
    private Tensor LogShade(Tensor location, Tensor scale, Tensor x)
    {
        var inverse = Exp(-LogScale(scale));
        var centred = x - Location(location);
        var (above, below) = ((centred + HalfShade) * inverse, (centred - HalfShade) * inverse);
        var isWhite = x > 1 - HalfShade;
        var isBlack = x < HalfShade;
        var zero = Tensor.Scalar(0);
        return Where(isWhite, zero, LogSigmoid(above)) + Where(isBlack, zero, LogSigmoid(-below))
            + Where(isWhite | isBlack, zero, Log(-Expm1(-2 * HalfShade * inverse)));
    }

    private static Tensor LogNormal(Tensor location, Tensor scale, Tensor x)
    {
        var logScale = LogScale(scale);
        var z = (x - Location(location)) * Exp(-logScale);
        return -0.5 * (z * z) - logScale - 0.5 * Math.Log(2 * Math.PI);
    }

    /// <inheritdoc/>
    public override float[]? FirstOutputs(ReadOnlySpan<double> means)
    {
        var outputs = new float[ParameterCount];
        for (var i = 0; i < Size; i++)
        {
            var mean = Math.Clamp(means[i], 0.01, 0.99);
            outputs[i * Each] = (float)(Each == 2 ? 2 * mean - 1 : Likelihood == PixelLikelihood.Bernoulli ? Math.Log(mean / (1 - mean)) : 0);
        }
        return outputs;
    }

    /// <inheritdoc/>
    public override Tensor Means(Tensor parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Likelihood switch
        {
            PixelLikelihood.Bernoulli => Sigmoid(parameters),
            PixelLikelihood.ContinuousBernoulli => ShadeMean(parameters),
            _ => Location(Part(parameters, 0)),
        };
    }

    // d/dη ln((e^η − 1)/η) = 1/(1 − e^(−η)) − 1/η, near 0 ½ + η/12.
    private static Tensor ShadeMean(Tensor eta)
    {
        var isNear = Abs(eta) < 0.1;
        var far = Where(isNear, Tensor.Scalar(1), eta);
        return Where(isNear, 0.5 + eta * (1.0 / 12 - eta * eta / 720), -1.0 / Expm1(-far) - 1.0 / far);
    }

    /// <inheritdoc/>
    public override void Mean(ReadOnlySpan<float> parameters, Span<float> values)
    {
        for (var i = 0; i < Size; i++)
        {
            double p = parameters[i * Each];
            values[i] = (float)(Likelihood switch
            {
                PixelLikelihood.Bernoulli => 1 / (1 + Math.Exp(-p)),
                PixelLikelihood.ContinuousBernoulli => Math.Abs(p) < 1e-3 ? 0.5 + p / 12 : 1 / -double.ExpM1(-p) - 1 / p,
                _ => Math.Clamp(0.5 * p + 0.5, 0, 1),
            });
        }
    }

    /// <inheritdoc/>
    public override void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        for (var i = 0; i < Size; i++)
        {
            double p = parameters[i * Each];
            if (Likelihood == PixelLikelihood.Gaussian)
            {
                values[i] = (float)(0.5 * p + 0.5 + Math.Exp(ScaleOf(parameters, i)) * random.NextNormal());
                continue;
            }
            var u = random.NextUniform();
            values[i] = (float)(Likelihood switch
            {
                PixelLikelihood.Bernoulli => u < 1 / (1 + Math.Exp(-p)) ? 1 : 0,
                PixelLikelihood.ContinuousBernoulli => Math.Abs(p) < 1e-6 ? u : p > 0 ? 1 + double.LogP1((1 - u) * double.ExpM1(-p)) / p : double.LogP1(u * double.ExpM1(p)) / p,
                _ => Math.Round((_shades - 1) * Math.Clamp(0.5 * p + 0.5 + Math.Exp(ScaleOf(parameters, i)) * Math.Log(u / (1 - u)), 0, 1)) / (_shades - 1),
            });
        }
    }

    private static double ScaleOf(ReadOnlySpan<float> parameters, int number) => Math.Clamp(parameters[2 * number + 1] + UsualLogScale, SmallestLogScale, LargestLogScale);
}
