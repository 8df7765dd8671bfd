using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;

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
    /// <param name="network">What is latent, and the network from it to the rows.</param>
    /// <param name="observation">p(x|z).</param>
    /// <param name="rows">The rows.</param>
    /// <param name="which">Indices of those to look at; null for all.</param>
    /// <param name="options">How the way goes.</param>
    /// <returns>One for each row asked for, in their order.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or the rows are not of the size that the observation has.</exception>
    public static IReadOnlyList<RowEvidence> Of(LatentNetwork network, Observation observation, IRows rows, IReadOnlyList<int>? which = null, AnnealingOptions? options = null)
    {
        options ??= new();
        options.Check();
        which = RowsOf(observation, rows, which);
        using var cpu = new Cpu(options.Threads);
        var batch = RowBatch.Of(network, observation, rows.HasMissing, options.BatchOf(which.Count));
        using var density = RowDensity.Of(options.Start, batch, options.Chains, cpu);
        var results = new List<RowEvidence>(which.Count);
        foreach (var chunk in which.Chunk(batch.Rows))
        {
            density.Fill(rows, chunk);
            var seed = SeedOf(options, results.Count);
            var sizes = AnnealedSampling.StepSizes(density, options.Way, seed);
            var (weights, accepted) = AnnealedSampling.Forward(density, options.Way, sizes, seed);
            for (var row = 0; row < chunk.Length; row++)
                results.Add(new(Estimate.OfLogMean(OfRow(weights, row, batch.Rows)), accepted[row]));
        }
        return results;
    }

    /// <summary>Checks that rows fit an observation, and says which are meant.</summary>
    internal static IReadOnlyList<int> RowsOf(Observation observation, IRows rows, IReadOnlyList<int>? which)
    {
        ArgumentNullException.ThrowIfNull(observation);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Size != observation.Size)
            throw new ArgumentException($"The rows have {rows.Size} numbers each and the model's have {observation.Size}. Give rows of the kind that the model was fitted to.", nameof(rows));
        which ??= [.. Enumerable.Range(0, rows.Count)];
        if (which.Count == 0)
            throw new ArgumentException("There are no rows to look at.", nameof(which));
        return which;
    }

    /// <summary>A seed of a batch's own.</summary>
    internal static ulong SeedOf(AnnealingOptions options, int first) => options.Seed + 0x9E37_79B9_7F4A_7C15UL * (ulong)first;

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
