using System.Globalization;
using Elbo.Autoencoders;

namespace Elbo.Diagnostics;

/// <summary>
/// ln p(x) of rows under a model with latent numbers, by annealed importance sampling (Neal, 2001; Wu and others, 2017), and between two
/// bounds for rows that the model itself has made, of whose posterior one exact draw is known (Grosse, Ghahramani and Adams, 2015).
/// </summary>
/// <param name="LogEvidence">
/// ln of the mean weight of the row's chains, in nats. The mean weight is an unbiased estimate of p(x), so its logarithm errs to the low side: it
/// is above ln p(x) by more than c nats with probability below e^−c. Its standard error is that of the chains, to first order.
/// </param>
/// <param name="Accepted">The share of trajectories that was accepted.</param>
public sealed record RowEvidence(Estimate LogEvidence, double Accepted)
{
    /// <summary>Estimates ln p(x) of some rows.</summary>
    /// <param name="model">The model. Where it makes rows binary by draws, each row is drawn once.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="which">Indices of those to look at; null for all.</param>
    /// <param name="options">How the way goes.</param>
    /// <returns>One for each row asked for, in their order.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or the rows are not of the size that the model has.</exception>
    public static IReadOnlyList<RowEvidence> Of(Vae model, IRows rows, IReadOnlyList<int>? which = null, AnnealingOptions? options = null)
    {
        options ??= new();
        options.Check();
        which = RowBatch.RowsOf(model, rows, which);
        var batch = new RowBatch(model, rows.HasMissing, options.BatchOf(which.Count), options.Seed);
        using var density = RowDensity.Of(options.Start, batch, options.Chains);
        var results = new List<RowEvidence>(which.Count);
        foreach (var (chunk, look) in which.Chunk(batch.Rows).Select((chunk, look) => (chunk, look)))
        {
            density.Fill(rows, chunk, look);
            results.AddRange(OfBatch(density, chunk.Length, options, look));
        }
        return results;
    }

    /// <summary>The same of a batch that has been put into the density.</summary>
    internal static IEnumerable<RowEvidence> OfBatch(RowDensity density, int count, AnnealingOptions options, int look)
    {
        var seed = SeedOf(options, look);
        var sizes = AnnealedSampling.StepSizes(density, options.Way, seed);
        var (weights, accepted) = AnnealedSampling.Forward(density, options.Way, sizes, seed);
        return Enumerable.Range(0, count).Select(row => new RowEvidence(Estimate.OfLogMean(OfRow(weights, row, density.Groups)), accepted[row]));
    }

    /// <summary>A seed of a batch's own.</summary>
    internal static ulong SeedOf(AnnealingOptions options, int look) => options.Seed + 0x9E37_79B9_7F4A_7C15UL * (ulong)look;

    /// <summary>What chains of all rows say of one of them.</summary>
    internal static double[] OfRow(double[] weights, int row, int rows)
    {
        var ofRow = new double[weights.Length / rows];
        for (var chain = 0; chain < ofRow.Length; chain++)
            ofRow[chain] = weights[chain * rows + row];
        return ofRow;
    }

    /// <summary>The estimate as text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"ln p(x) {LogEvidence} ({Accepted:P0} accepted)");
}
