using Elbo.Models;
using Elbo.Training;

namespace Elbo.Tests.Models;

/// <summary>
/// A trained table model with affine maps and Gaussian columns, read from its weights: x ~ N(b + W·z, Ψ) in the units of the data,
/// with exact evidence and exact ELBO, all in double precision.
/// </summary>
internal sealed class LinearTableModel
{
    private const double SmallestScale = 0.01;

    private readonly double[,] _encoder;
    private readonly double[] _encoderBias;
    private readonly TableVae _model;
    private readonly int _latent;

    public LinearTableModel(TableVae model)
    {
        _model = model;
        _latent = model.Description.Latent;
        var columns = model.Description.Columns;
        var weights = model.Weights.ToDictionary(w => w.Name, Floats);
        var (decoder, bias, logScale) = (weights["decoder.0.weight"], weights["decoder.0.bias"], weights["Gaussian.logScale"]);
        (_encoder, _encoderBias) = (new double[2 * columns.Count, 2 * _latent], weights["encoder.0.bias"]);
        for (var i = 0; i < _encoder.Length; i++)
            _encoder[i / (2 * _latent), i % (2 * _latent)] = weights["encoder.0.weight"][i];
        Loadings = new double[columns.Count, _latent];
        Means = new double[columns.Count];
        Variances = new double[columns.Count];
        for (var c = 0; c < columns.Count; c++)
        {
            Means[c] = columns[c].Decode(bias[c]);
            Variances[c] = Math.Pow(columns[c].Scale * (Math.Exp(logScale[c]) + SmallestScale), 2);
            for (var f = 0; f < _latent; f++)
                Loadings[c, f] = columns[c].Scale * decoder[f * columns.Count + c];
        }
    }

    public double[] Means { get; }

    public double[,] Loadings { get; }

    public double[] Variances { get; }

    public double[,] Covariance => FactorAnalysis.Covariance(Loadings, Variances);

    /// <summary>ln N(x; b, WWᵀ + Ψ).</summary>
    public double Evidence(double[] row) => new DenseGaussian(Means, Covariance).LogDensity(row);

    /// <summary>The ELBO in closed form: all of it is an expectation of squares under a Gaussian.</summary>
    public double Elbo(double[] row)
    {
        var (mean, variance) = Posterior(row);
        var elbo = 0.0;
        for (var f = 0; f < _latent; f++)
            elbo -= 0.5 * (mean[f] * mean[f] + variance[f] - Math.Log(variance[f]) - 1);
        for (var c = 0; c < row.Length; c++)
        {
            var (residual, spread) = (row[c] - Means[c], 0.0);
            for (var f = 0; f < _latent; f++)
            {
                residual -= Loadings[c, f] * mean[f];
                spread += Loadings[c, f] * Loadings[c, f] * variance[f];
            }
            elbo -= 0.5 * (Math.Log(2 * Math.PI * Variances[c]) + (residual * residual + spread) / Variances[c]);
        }
        return elbo;
    }

    private (double[] Mean, double[] Variance) Posterior(double[] row)
    {
        var code = _encoderBias.ToArray();
        for (var c = 0; c < row.Length; c++)
        {
            for (var j = 0; j < code.Length; j++)
                code[j] += _model.Description.Columns[c].Encode(row[c]) * _encoder[c, j] + _encoder[row.Length + c, j];
        }
        return (code[.._latent], [.. code[_latent..].Select(v => Math.Exp(v))]);
    }

    private static double[] Floats(NamedTensor tensor) =>
        [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray().Select(v => (double)v)];
}
