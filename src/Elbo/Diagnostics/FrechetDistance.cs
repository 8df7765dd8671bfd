using System.Globalization;
using Elbo.Compute;
using MathNet.Numerics.LinearAlgebra;

namespace Elbo.Diagnostics;

/// <summary>
/// The squared Fréchet distance of the normals with the moments of samples and data, |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½) (Dowson and Landau, 1982; for samples of models
/// Heusel, Ramsauer, Unterthiner, Nessler and Hochreiter, 2017), in a stated feature space. It is in squared units of the features, so it compares only with others
/// of the same data, features and counts.
/// </summary>
/// <param name="Value">The distance. It is above 0 by chance even where both sets are draws of the same, the more the fewer points there are.</param>
/// <param name="OfMeans">|μ₁ − μ₂|².</param>
/// <param name="OfCovariances">The trace.</param>
/// <param name="ByChance">What it comes to on average where the same points are dealt to two sets of these sizes at random.</param>
/// <param name="Features">The feature space.</param>
public sealed record FrechetDistance(double Value, double OfMeans, double OfCovariances, double ByChance, string Features)
{
    private const int Relabellings = 4;

    /// <summary>Compares two sets of points.</summary>
    /// <param name="samples">At least 2.</param>
    /// <param name="data">At least 2, of as many numbers.</param>
    /// <param name="features">What they are compared by; null for their own numbers.</param>
    /// <param name="seed">That of the dealing at random.</param>
    /// <param name="threads">Null for all the machine has. Results do not depend on it.</param>
    public static FrechetDistance Of(Points samples, Points data, FeatureSpace? features = null, ulong seed = 0, int? threads = null)
    {
        Points.RequireSame(samples, data);
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(samples.Count, data.Count), 2);
        features ??= FeatureSpace.Raw;
        var (of, against) = (features.Apply(samples), features.Apply(data));
        var (means, covariances) = Parts(of, against, threads);
        var (pool, random) = (of.With(against), new RandomNumbers(seed, Streams.Relabelling));
        int[] order = [.. Enumerable.Range(0, pool.Count)];
        var byChance = 0.0;
        for (var i = 0; i < Relabellings; i++)
        {
            random.Shuffle<int>(order);
            var (m, c) = Parts(pool.Select(order.AsSpan(0, of.Count)), pool.Select(order.AsSpan(of.Count)), threads);
            byChance += (m + c) / Relabellings;
        }
        return new(means + covariances, means, covariances, byChance, features.Name);
    }

    /// <summary>The distance in a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Fréchet distance {Value:G3} (by chance {ByChance:G3}; of means {OfMeans:G3}, of covariances {OfCovariances:G3}) in {Features}");

    private static (double Means, double Covariances) Parts(Points first, Points second, int? threads)
    {
        var (a, b) = (PointMoments.Of(first, threads), PointMoments.Of(second, threads));
        var means = a.Mean.Zip(b.Mean, (x, y) => (x - y) * (x - y)).Sum();
        // (Σ₁Σ₂)^½ has the eigenvalues of (Σ₁^½ Σ₂ Σ₁^½)^½, which is symmetric.
        var eigen = a.Covariance.Evd(Symmetricity.Symmetric);
        var root = eigen.EigenVectors * Matrix<double>.Build.DenseDiagonal(first.Dimensions, first.Dimensions, i => Math.Sqrt(Math.Max(0, eigen.EigenValues[i].Real))) * eigen.EigenVectors.Transpose();
        var middle = root * b.Covariance * root;
        var roots = ((middle + middle.Transpose()) * 0.5).Evd(Symmetricity.Symmetric).EigenValues.Sum(v => Math.Sqrt(Math.Max(0, v.Real)));
        return (means, Math.Max(0, a.Covariance.Trace() + b.Covariance.Trace() - 2 * roots));
    }
}
