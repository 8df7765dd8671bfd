using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Objectives;
using Elbo.Tests.Models;
using static Elbo.Compute.TensorMath;

namespace Elbo.Tests.Diagnostics;

/// <summary>
/// z ~ N(0, I), x ~ N(b + Wz, σ² I), q(z|x) = N(Ax + a, diag): probabilistic principal components, of which all is known in closed form.
/// Columns of W that are not orthogonal make posteriors that are not in the family of q.
/// </summary>
internal sealed class LinearGaussianModel : LatentNetwork
{
    private readonly Variable _decoder;
    private readonly Variable _decoderBias;
    private readonly Variable _encoder;
    private readonly Variable _encoderBias;
    private readonly Variable _logVariance;

    public LinearGaussianModel(int size, int latent, double scale, ulong seed, double correlation = 0, int? seen = null)
    {
        var random = new RandomNumbers(seed, 1);
        (Size, LatentSize, Seen) = (size, latent, seen ?? size);
        (_decoder, _decoderBias) = (new("W", [latent, size]), new("b", [size]));
        (_encoder, _encoderBias, _logVariance) = (new("A", [Seen, latent]), new("a", [latent]), new("s", [latent]));
        Observation = new GaussianObservation(size, scale);
        var w = _decoder.AsSpan<float>();
        for (var i = 0; i < w.Length; i++)
            w[i] = (float)random.NextNormal();
        for (var i = size; i < w.Length; i++)
            w[i] = (float)(correlation * w[i % size] + Math.Sqrt(1 - correlation * correlation) * w[i]);
        foreach (ref var b in _decoderBias.AsSpan<float>())
            b = (float)random.NextNormal();
        if (Seen == size)
            Amortise();
    }

    public GaussianObservation Observation { get; }

    /// <summary>A model of it, on one thread.</summary>
    public Vae Vae(int threads = 1) => new(this, Observation, threads: threads);

    public int Size { get; }

    public int LatentSize { get; }

    /// <summary>Numbers of a row, from the first, that the encoder sees.</summary>
    public int Seen { get; }

    public override IReadOnlyList<LatentGroup> Groups => [new("z", LatentSize)];

    public override IReadOnlyList<string> DivergenceTerms => [.. Enumerable.Range(1, LatentSize).Select(i => $"z{i}")];

    public override IReadOnlyList<Variable> EncoderVariables => [_encoder, _encoderBias, _logVariance];

    public override IReadOnlyList<Variable> DecoderVariables => [_decoder, _decoderBias];

    /// <summary>The posterior's covariance, (I + WᵀW/σ²)⁻¹.</summary>
    public double[,] PosteriorCovariance => DenseGaussian.Inverse(Precision);

    private double[,] Precision
    {
        get
        {
            var precision = new double[LatentSize, LatentSize];
            for (var i = 0; i < LatentSize; i++)
            {
                for (var j = 0; j < LatentSize; j++)
                {
                    precision[i, j] = i == j ? 1 : 0;
                    for (var k = 0; k < Size; k++)
                        precision[i, j] += Loading(i, k) * Loading(j, k) / (Scale * Scale);
                }
            }
            return precision;
        }
    }

    private double Scale => Observation.Scale;

    private double[] Bias => [.. _decoderBias.AsSpan<float>().ToArray().Select(v => (double)v)];

    private double[,] Covariance
    {
        get
        {
            var covariance = new double[Size, Size];
            for (var a = 0; a < Size; a++)
            {
                for (var b = 0; b < Size; b++)
                {
                    covariance[a, b] = a == b ? Scale * Scale : 0;
                    for (var i = 0; i < LatentSize; i++)
                        covariance[a, b] += Loading(i, a) * Loading(i, b);
                }
            }
            return covariance;
        }
    }

    /// <summary>Makes q the best of its family: the posterior's means, and one over the diagonal of its precision; then moves and widens it.</summary>
    public void Amortise(double shift = 0, double shiftOfLogVariance = 0)
    {
        var (posterior, precision) = (PosteriorCovariance, Precision);
        var a = _encoder.AsSpan<float>();
        var bias = _encoderBias.AsSpan<float>();
        var s = _logVariance.AsSpan<float>();
        for (var i = 0; i < LatentSize; i++)
        {
            s[i] = (float)(-Math.Log(precision[i, i]) + shiftOfLogVariance);
            var offset = shift;
            for (var k = 0; k < Size; k++)
            {
                var weight = 0.0;
                for (var j = 0; j < LatentSize; j++)
                    weight += posterior[i, j] * Loading(j, k) / (Scale * Scale);
                a[k * LatentSize + i] = (float)weight;
                offset -= weight * Bias[k];
            }
            bias[i] = (float)offset;
        }
    }

    /// <summary>ln p(x), exactly.</summary>
    public double LogEvidence(ReadOnlySpan<double> row) => new DenseGaussian(Bias, Covariance).LogDensity(row);

    /// <summary>KL between the best independent normals and the posterior, the same for all rows: ½ (Σ ln precision_ii − ln det precision).</summary>
    public double ApproximationGap
    {
        get
        {
            var (precision, gap) = (Precision, 0.0);
            var factor = DenseGaussian.Cholesky(precision);
            for (var i = 0; i < LatentSize; i++)
                gap += 0.5 * Math.Log(precision[i, i]) - Math.Log(factor[i, i]);
            return gap;
        }
    }

    /// <summary>What q loses by being moved and widened as told: ½ δᵀPδ + ½ Σ (e^s − 1 − s).</summary>
    public double AmortisationGap(double shift, double shiftOfLogVariance)
    {
        var gap = 0.5 * LatentSize * (Math.Exp(shiftOfLogVariance) - 1 - shiftOfLogVariance);
        foreach (var entry in Precision)
            gap += 0.5 * shift * shift * entry;
        return gap;
    }

    /// <summary>Draws of rows.</summary>
    public VectorRows Draw(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 2);
        var rows = new float[count * Size];
        for (var row = 0; row < count; row++)
        {
            double[] z = [.. Enumerable.Range(0, LatentSize).Select(_ => random.NextNormal())];
            for (var k = 0; k < Size; k++)
                rows[row * Size + k] = (float)(Bias[k] + z.Select((v, i) => v * Loading(i, k)).Sum() + Scale * random.NextNormal());
        }
        return new(Size, rows);
    }

    public override CodeDraw Infer(Tensor features, Tensor noise)
    {
        var (draws, rows) = (noise.Shape[0], noise.Shape[1]);
        var mean = (features.Slice(1, 0, Seen).MatMul(_encoder) + _encoderBias).Reshape([1, rows, LatentSize]);
        var logVariance = _logVariance.Value.Reshape([1, 1, LatentSize]).BroadcastTo(mean.Shape);
        var z = mean + Exp(0.5 * logVariance) * noise;
        var (logPrior, parameters) = Score(z.Reshape([draws * rows, LatentSize]));
        Tensor LogNormal(Tensor m, Tensor s) => (-0.5 * (Square(z - m) / Exp(s) + s + Math.Log(2 * Math.PI))).Sum(2);
        return new(z, parameters.Reshape([draws, rows, Size]), logPrior.Reshape([draws, rows]), LogNormal(mean, logVariance), GaussianDivergence.ToStandardNormal(mean, logVariance), mean, logVariance)
        {
            LogPosteriorHeld = LogNormal(StopGradient(mean), StopGradient(logVariance)),
        };
    }

    public override (Tensor LogPrior, Tensor Parameters) Score(Tensor z) =>
        ((-0.5 * (Square(z) + Math.Log(2 * Math.PI))).Sum(1), z.MatMul(_decoder) + _decoderBias);

    public override Tensor FromPrior(Tensor noise) => noise;

    private double Loading(int latent, int column) => _decoder.AsSpan<float>()[latent * Size + column];
}

/// <summary>Independent normals of one known scale around the outputs.</summary>
internal sealed class GaussianObservation(int size, double scale) : Observation
{
    public double Scale => scale;

    public override int Size => size;

    public override int FeatureCount => size;

    public override int ParameterCount => size;

    public override IReadOnlyList<string> Terms => [.. Enumerable.Range(1, size).Select(i => $"x{i}")];

    public override int TermOf(int number) => number;

    public override Tensor Features(Tensor values, Tensor? mask) => values;

    public override Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask) =>
        -0.5 * Square((values.Reshape([1, values.Shape[0], size]) - parameters) / scale) - (Math.Log(scale) + 0.5 * Math.Log(2 * Math.PI));

    public override void Mean(ReadOnlySpan<float> parameters, Span<float> values) => parameters.CopyTo(values);

    public override void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random)
    {
        for (var i = 0; i < size; i++)
            values[i] = (float)(parameters[i] + scale * random.NextNormal());
    }
}

/// <summary>Rows of numbers in memory, none missing.</summary>
internal sealed class VectorRows(int size, float[] values) : IRows
{
    public int Count => values.Length / size;

    public int Size => size;

    public bool HasMissing => false;

    public double[] Row(int row) => [.. values.Skip(row * size).Take(size).Select(v => (double)v)];

    public void Fill(ReadOnlySpan<int> rows, Span<float> into, Span<float> mask)
    {
        for (var i = 0; i < rows.Length; i++)
            values.AsSpan(rows[i] * size, size).CopyTo(into[(i * size)..]);
        into[(rows.Length * size)..].Clear();
    }
}
