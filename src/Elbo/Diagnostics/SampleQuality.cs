using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>How samples are compared with data.</summary>
public sealed record SampleQualityOptions
{
    /// <summary>The most samples, and as many data, that are compared pair by pair; of more, so many are chosen at random.</summary>
    public int MostPoints { get; init; } = 2000;

    /// <summary>Of the kernel test.</summary>
    public int Permutations { get; init; } = 500;

    /// <summary>Of precision and recall.</summary>
    public int Neighbours { get; init; } = 3;

    /// <summary>What all but the Fréchet distance compare by.</summary>
    public FeatureSpace Features { get; init; } = FeatureSpace.Raw;

    /// <summary>What the Fréchet distance compares by; null for all numbers of the data if they are at most 50, and 50 principal components otherwise.</summary>
    public FeatureSpace? FrechetFeatures { get; init; }

    /// <summary>The seed of all that is drawn.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads to share the work among; null for all the machine has. Results do not depend on it.</summary>
    public int? Threads { get; init; }
}

/// <summary>How far samples of a model are from data, apart from any bound: a good bound does not make good samples, nor good samples a good bound (Theis, van den Oord and Bethge, 2016).</summary>
/// <param name="Kernel">The maximum mean discrepancy.</param>
/// <param name="Classifier">Whether a network can tell them apart.</param>
/// <param name="Frechet">The distance of their first two moments.</param>
/// <param name="Coverage">Precision and recall.</param>
/// <param name="Copies">Whether samples are copies of training rows; null where these were not given.</param>
/// <param name="Features">What was compared.</param>
public sealed record SampleQuality(KernelTest Kernel, ClassifierTest Classifier, FrechetDistance Frechet, PrecisionRecall Coverage, CopyCheck? Copies, string Features)
{
    // So many components a Fréchet distance of some thousand points can bear: a covariance of more has too much of chance in it.
    private const int FrechetDimensions = 50;

    // Of what chance gives to equal sets. Less than this share of it means that a good part of the data, or of the samples, is missing.
    private const double LeastCoverage = 0.5;

    // Half of what is to be seen of samples is not to be seen of data. An accuracy of three in four or more says so.
    private const double GreatDistance = 0.5;

    /// <summary>Whether samples are far from data, surely: a network tells three in four apart or more, or less than half of the precision or recall of equal sets is there.</summary>
    public bool IsPoor => Classifier.LeastTotalVariation > GreatDistance || LacksPrecision || LacksRecall;

    /// <summary>Whether too few samples lie where data do.</summary>
    public bool LacksPrecision => Coverage.Precision < LeastCoverage * Coverage.ByChance;

    /// <summary>Whether samples are lacking where data are.</summary>
    public bool LacksRecall => Coverage.Recall < LeastCoverage * Coverage.ByChance;

    /// <summary>Compares samples with data that the model has not learned from.</summary>
    /// <param name="samples">Samples of the model, as they are drawn: not the means of p(x|z), which data never are.</param>
    /// <param name="data">Held-out rows; about as many.</param>
    /// <param name="training">The training rows, to see whether samples are copies of them; null to leave that out.</param>
    /// <param name="options">Features, counts, seed.</param>
    public static SampleQuality Of(Points samples, Points data, Points? training = null, SampleQualityOptions? options = null)
    {
        options ??= new();
        Points.RequireSame(samples, data);
        var (features, threads, seed) = (options.Features, options.Threads, options.Seed);
        var frechet = options.FrechetFeatures ?? (data.Dimensions <= FrechetDimensions ? FeatureSpace.Raw : FeatureSpace.Principal(data, FrechetDimensions, threads));
        var (of, against) = (features.Apply(samples), features.Apply(data));
        var random = new RandomNumbers(seed, Streams.Subset);
        var count = Math.Min(options.MostPoints, Math.Min(of.Count, against.Count));
        var (chosen, others) = (of.AtMost(count, random), against.AtMost(count, random));
        var pool = chosen.With(others);
        var squared = SquaredDistances.All(pool, pool, threads);
        return new(
            KernelTest.Of(squared, count, count, options.Permutations, seed, threads),
            ClassifierTest.Of(of, against, seed, threads),
            FrechetDistance.Of(samples, data, frechet, seed, threads),
            PrecisionRecall.Of(squared, count, options.Neighbours, seed, threads),
            training is null ? null : CopyCheck.Of(chosen, others, features.Apply(training), threads),
            features.Name);
    }

    /// <summary>A line for each instrument.</summary>
    public override string ToString() => string.Join(Environment.NewLine, new object?[] { $"samples against data, by {Features}:", Classifier, Kernel, Frechet, Coverage, Copies }.Where(o => o is not null));
}
