using Elbo.Objectives;
using MathNet.Numerics.LinearAlgebra;

namespace Elbo.Diagnostics;

/// <summary>Which latent dimensions a model uses, and what to do if it uses none.</summary>
public static class PosteriorCollapse
{
    /// <summary>A dimension is active when the variance over rows of its posterior mean is above this (Burda, Grosse and Salakhutdinov, 2016).</summary>
    public const double ActiveVariance = 0.01;

    /// <summary>
    /// A code with less divergence than this, in nats per row over all its dimensions, has collapsed even if some count as active:
    /// it knows no more about a row than this, and chance correlations between a few columns of a thousand rows come to as much.
    /// </summary>
    public const double LeastDivergence = 0.05;

    /// <summary>The number of active dimensions.</summary>
    /// <param name="means">Posterior means, [rows, dimensions], row by row. They should be all rows: over few, the variance is not known.</param>
    /// <param name="dimensions">The number of latent dimensions.</param>
    public static int ActiveDimensions(ReadOnlySpan<float> means, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        var rows = means.Length / dimensions;
        var active = 0;
        for (var d = 0; d < dimensions; d++)
        {
            var (sum, squares) = (0.0, 0.0);
            for (var row = 0; row < rows; row++)
                sum += means[row * dimensions + d];
            for (var row = 0; row < rows; row++)
                squares += Math.Pow(means[row * dimensions + d] - sum / rows, 2);
            active += squares / rows > ActiveVariance ? 1 : 0;
        }
        return active;
    }

    /// <summary>
    /// How many latent numbers data can keep from collapsing in a linear model with normal noise: as many as the covariance of the data has eigenvalues above
    /// the weighted variance of the noise. Of a linear autoencoder the rest collapses at every maximum of the bound, exactly as it adds nothing
    /// to the evidence (Tipping and Bishop, 1999; Lucas, Tucker, Grosse and Norouzi, 2019); of others this is what the linear part of the data supports.
    /// </summary>
    /// <param name="data">The rows, in the units that the noise has.</param>
    /// <param name="noiseVariance">σ² of each number given the code, above 0.</param>
    /// <param name="divergenceWeight">The weight β of the divergence in the objective; it acts as noise that is β times as large.</param>
    /// <returns>The number, and all eigenvalues, the largest first.</returns>
    public static (int Supported, IReadOnlyList<double> Eigenvalues) SupportedDimensions(Points data, double noiseVariance, double divergenceWeight = 1)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(noiseVariance);
        ArgumentOutOfRangeException.ThrowIfNegative(divergenceWeight);
        double[] eigenvalues = [.. PointMoments.Of(data, null).Covariance.Evd(Symmetricity.Symmetric).EigenValues.Select(v => v.Real).OrderDescending()];
        return (eigenvalues.Count(v => v > divergenceWeight * noiseVariance), eigenvalues);
    }

    /// <summary>A sentence on a code that is not used, with remedies; null where the code is used.</summary>
    public static string? Explain(Bound bound, int activeDimensions)
    {
        ArgumentNullException.ThrowIfNull(bound);
        if (activeDimensions > 0 && bound.Kl >= LeastDivergence)
            return null;
        return $"The code has collapsed: its {bound.Latents.Count} dimensions together carry next to nothing about a row (divergence {bound.Kl:0.000} nats, {activeDimensions} active), "
            + "so the model treats the columns as independent. If they are not, try a longer warm-up (--warm-up 50), a smaller batch, a larger learning rate, or fewer hidden units.";
    }
}
