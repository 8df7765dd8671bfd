using Elbo.Compute;
using Elbo.Distributions;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>
/// Gaussian, Student-t and log-normal columns: a location from the decoder, and a scale of the column that is learned, so that
/// the bound weighs each column by how well it can be known. (A squared error would fix every scale at the same number.)
/// </summary>
public sealed class RealLikelihood : Likelihood
{
    // No residual below this fraction of a column's standard deviation is believed: values with few digits repeat exactly,
    // and a density can be made as high as one likes by a scale that shrinks to them.
    private const double SmallestScale = 0.01;

    private readonly Variable _logScale;
    private readonly Variable? _logDegrees;

    /// <summary>A block of columns of one of the three families.</summary>
    public RealLikelihood(IReadOnlyList<ModelledColumn> columns) : base(columns, columns.Count)
    {
        var family = columns[0].Likelihood;
        _logScale = Share($"{family}.logScale", [columns.Count], Math.Log(0.7));
        if (family == LikelihoodKind.StudentT)
            _logDegrees = Share($"{family}.logDegrees", [columns.Count], Math.Log(5));
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values * mask;
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        var scale = Exp(_logScale) + SmallestScale;
        var z = (values - parameters) / scale;
        var jacobian = LogJacobian(values);
        if (_logDegrees is null)
            return -0.5 * (z * z) - Log(scale) - 0.5 * Math.Log(2 * Math.PI) + jacobian;
        var degrees = Degrees;
        var normaliser = LogGamma((degrees + 1.0) * 0.5) - LogGamma(degrees * 0.5) - 0.5 * Log(degrees * Math.PI) - Log(scale);
        return normaliser - (degrees + 1.0) * 0.5 * Log1p(z * z / degrees) + jacobian;
    }

    // ln d(encoded)/d(value): dividing by Scale, and by x + Shift where logarithms were taken.
    private Tensor LogJacobian(Tensor values)
    {
        var jacobian = PerColumn(c => -Math.Log(c.Scale));
        return Columns[0].Likelihood == LikelihoodKind.LogNormal ? jacobian - (values * PerColumn(c => c.Scale) + PerColumn(c => c.Location)) : jacobian;
    }

    /// <inheritdoc/>
    internal override Tensor LogDensityNear(Tensor features, Tensor values, Tensor logDeviation)
    {
        var z = (values - features) * Exp(-logDeviation);
        Shape shape = [values.Shape[0], Columns.Count];
        return -0.5 * (z * z) - logDeviation - 0.5 * Math.Log(2 * Math.PI) + LogJacobian(values.Reshape([1, .. shape])).BroadcastTo([1, .. shape]).Reshape(shape);
    }

    /// <inheritdoc/>
    internal override double ValueNear(int column, ReadOnlySpan<double> features, double deviation, RandomNumbers? random) =>
        Columns[column].Nearest(Columns[column].Decode(features[0] + (random is null ? 0 : deviation * random.NextNormal())));

    // A Student t is a normal of precision λ times as high, λ gamma distributed with mean 1. By equal steps of ln λ, whose density is
    // exponential in (ν/2)(ln λ − λ), sums are exact to far more than is needed; many degrees leave λ = 1 alone.
    private const double PrecisionStep = 0.5;
    private static readonly double[] LogPrecisions = [.. Enumerable.Range(-12, 17).Select(i => PrecisionStep * i)];

    /// <inheritdoc/>
    internal override NumberSpread Spread(Tensor parameters)
    {
        var scale = (Exp(_logScale) + SmallestScale).Reshape([1, 1, Columns.Count, 1]);
        if (_logDegrees is null)
            return new(parameters, scale, null);
        var shape = Shape.Create([1, 1, 1, LogPrecisions.Length]);
        var inverseRoots = Tensor.FromArray([.. LogPrecisions.Select(l => Math.Exp(-0.5 * l))], shape);
        var exponents = Tensor.FromArray([.. LogPrecisions.Select(l => l - Math.Exp(l) + 1)], shape);
        return new(parameters, scale * inverseRoots, LogSoftmax(0.5 * Degrees.Reshape([1, 1, Columns.Count, 1]) * exponents));
    }

    /// <inheritdoc/>
    internal override Tensor DrawNumbers(Tensor parameters, RandomDraws random)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var shape = parameters.Shape;
        var noise = random.Normal(shape, parameters.Type) * (Exp(_logScale) + SmallestScale);
        if (_logDegrees is null)
            return parameters + noise;
        var half = (0.5 * Degrees).BroadcastTo(shape);
        return parameters + noise * Exp(0.5 * (Log(half) - GammaDraws.Log(random, half, shape)));
    }

    // Above 2, so that there is a variance, whatever the data.
    private Tensor Degrees => Exp(_logDegrees!.Value) + 2.0;

    /// <inheritdoc/>
    public override void AddExpectation(int column, ReadOnlySpan<float> parameters, double weight, Span<double> statistics)
    {
        var model = Columns[column];
        var scale = ScaleOf(column);
        // The mean of a log-normal lies above its median, the exponential of its location. Where x + 1 stands for counts with many
        // zeros the family is a rough one, its spread is that between zeros and the rest, and its mean is far off: the median is used.
        var mean = model.Likelihood == LikelihoodKind.LogNormal && model.Shift == 0
            ? Math.Exp((parameters[column] * model.Scale) + model.Location + 0.5 * Math.Pow(scale * model.Scale, 2))
            : model.Decode(parameters[column]);
        statistics[0] += weight * Math.Clamp(mean, model.Minimum, model.Maximum);
    }

    /// <inheritdoc/>
    public override double Draw(int column, ReadOnlySpan<float> parameters, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var noise = random.NextNormal();
        if (_logDegrees is not null)
        {
            var degrees = Math.Exp(_logDegrees.AsSpan<float>()[column]) + 2;
            noise /= Math.Sqrt(2 * random.NextGamma(degrees / 2) / degrees);
        }
        return Columns[column].Nearest(Columns[column].Decode(parameters[column] + ScaleOf(column) * noise));
    }

    private double ScaleOf(int column) => Math.Exp(_logScale.AsSpan<float>()[column]) + SmallestScale;
}
