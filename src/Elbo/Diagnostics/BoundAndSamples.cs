using System.Text;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Images;
using Elbo.Likelihoods;
using static System.FormattableString;

namespace Elbo.Diagnostics;

/// <summary>Whether bound and samples of a model say the same of it.</summary>
public enum BoundAndSamplesVerdict
{
    /// <summary>Both are good.</summary>
    BothGood,

    /// <summary>Neither is good.</summary>
    BothPoor,

    /// <summary>The bound is good, and samples are far from data.</summary>
    PoorSamples,

    /// <summary>Samples are like data, and the bound is poor.</summary>
    PoorBound,

    /// <summary>Samples are neither surely far from data nor like them.</summary>
    Open,
}

/// <summary>What is known of a model besides its bound and its samples; each says more of why the two disagree.</summary>
public sealed record BoundAndSamplesEvidence
{
    /// <summary>The quality of samples that are decoded from codes of data in the place of codes of the prior.</summary>
    public SampleQuality? OfCodesOfData { get; init; }

    /// <summary>The split of the divergence.</summary>
    public AggregateSplit? Split { get; init; }

    /// <summary>By how much the importance-weighted bound of the held-out rows is above their ELBO, nats per row.</summary>
    public double? TighterBy { get; init; }
}

/// <summary>
/// Bound and samples of a model side by side. A good bound does not make good samples: what it counts is how codes of data decode, and samples begin
/// at the prior. Nor do good samples make a good bound: those of a model that has memorised its rows are rows (Theis, van den Oord and Bethge, 2016).
/// </summary>
/// <param name="Gain">What the bound of held-out rows is above that of independent numbers, nats per row.</param>
/// <param name="TrainingGain">The same of training rows, nats per row.</param>
/// <param name="Quality">The samples.</param>
/// <param name="Evidence">What else is known.</param>
public sealed record BoundAndSamples(Estimate Gain, double TrainingGain, SampleQuality Quality, BoundAndSamplesEvidence Evidence)
{
    // Chance does not explain a gain of so many of its errors.
    private const double Errors = 3;

    // Less of the gain on training rows than this means that it was mostly of those rows.
    private const double LeastKept = 0.5;

    // Samples are like data if no test finds more of a distance than this, and coverage falls short of that of equal sets by no more.
    private const double SmallDistance = 0.25;
    private const double AmpleCoverage = 0.75;

    // Nats per row that are no longer a matter of taste.
    private const double Noticeable = 1;

    /// <summary>Whether the bound is good: above that of independent numbers beyond chance, by at least half of what it is above it on training rows.</summary>
    public bool IsBoundGood => Gain.Value > Errors * Gain.StandardError && Gain.Value >= LeastKept * TrainingGain;

    /// <summary>Whether the bound is poor: beyond chance a nat or more below that of independent numbers, or above it by less than half of what it is on training rows.</summary>
    public bool IsBoundPoor => Highest < -Noticeable || (TrainingGain > Noticeable && Highest < LeastKept * TrainingGain);

    private double Highest => Gain.Value + Errors * Gain.StandardError;

    /// <summary>Whether samples are like data, as far as can be seen.</summary>
    public bool AreSamplesGood =>
        !Quality.IsPoor && Quality.Classifier.LeastTotalVariation < SmallDistance && Math.Min(Quality.Coverage.Precision, Quality.Coverage.Recall) >= AmpleCoverage * Quality.Coverage.ByChance;

    /// <summary>Both together.</summary>
    public BoundAndSamplesVerdict Verdict => (AreSamplesGood, Quality.IsPoor) switch
    {
        (true, _) => IsBoundPoor ? BoundAndSamplesVerdict.PoorBound : BoundAndSamplesVerdict.BothGood,
        (_, true) => IsBoundGood ? BoundAndSamplesVerdict.PoorSamples : BoundAndSamplesVerdict.BothPoor,
        _ => BoundAndSamplesVerdict.Open,
    };

    /// <summary>Judges bound and samples.</summary>
    /// <param name="heldOut">The bound of each held-out row, nats.</param>
    /// <param name="baseline">ln p of the same rows under independent numbers, nats: see <see cref="IndependentNumbers"/>.</param>
    /// <param name="training">The mean bound of training rows, nats per row.</param>
    /// <param name="trainingBaseline">Their mean ln p under independent numbers, nats per row.</param>
    /// <param name="quality">The samples against held-out rows.</param>
    /// <param name="evidence">What else is known; it finds the cause.</param>
    /// <exception cref="ArgumentException">Bounds and baselines are not of as many rows.</exception>
    public static BoundAndSamples Of(
        ReadOnlySpan<double> heldOut, ReadOnlySpan<double> baseline, double training, double trainingBaseline, SampleQuality quality, BoundAndSamplesEvidence? evidence = null)
    {
        ArgumentNullException.ThrowIfNull(quality);
        if (heldOut.Length != baseline.Length || heldOut.Length < 2)
            throw new ArgumentException($"Bounds are of {heldOut.Length} rows and baselines of {baseline.Length}; both must be of the same rows, at least two.", nameof(baseline));
        var gains = heldOut.ToArray();
        for (var i = 0; i < gains.Length; i++)
            gains[i] -= baseline[i];
        return new(Estimate.OfMean(gains), training - trainingBaseline, quality, evidence ?? new());
    }

    /// <summary>Judges bound and samples of a model of images, with all that finds the cause of a disagreement. Grey images are made binary first where the model takes them so.</summary>
    /// <param name="model">The model.</param>
    /// <param name="training">The images that it was trained on.</param>
    /// <param name="heldOut">Others; at least 40, and some thousand to see much.</param>
    /// <param name="options">How samples are compared with data.</param>
    public static BoundAndSamples Of(Vae model, ImageSet training, ImageSet heldOut, SampleQualityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        if (model.Observation is not PixelObservation observation)
            throw new ArgumentException("Only models of images know their images; give bounds, baselines and samples of others by themselves.", nameof(model));
        (training, heldOut) = (Observed(training, observation.Binarisation, options.Seed), Observed(heldOut, observation.Binarisation, options.Seed + 1));
        var (known, unknown) = (Points.Of(training), Points.Of(heldOut));
        Func<Points, Points, double[]> baseline = observation.Likelihood switch
        {
            PixelLikelihood.Bernoulli => IndependentNumbers.Binary,
            PixelLikelihood.DiscretisedLogistic => IndependentNumbers.OfShades,
            _ => IndependentNumbers.Normal,
        };
        // So many of the training rows tell their mean as well as all do.
        var some = training.Select([.. Enumerable.Range(0, Math.Min(training.Count, heldOut.Count))]);
        var (bounds, weighted) = model.EvaluateRows(heldOut);
        var samples = new Points(model.Sample(heldOut.Count, options.Seed), unknown.Dimensions);
        var ofCodes = new Points(model.SampleFromCodes(some, options.Seed), unknown.Dimensions);
        return Of(
            bounds, baseline(known, unknown), model.Evaluate(some).Bound.Elbo, baseline(known, Points.Of(some)).Average(), SampleQuality.Of(samples, unknown, known, options), new()
            {
                OfCodesOfData = SampleQuality.Of(ofCodes, unknown, null, options),
                Split = model.Network.HasDiagonalPosterior ? AggregateSplit.OfModel(model, heldOut, new() { Seed = options.Seed, Threads = options.Threads }) : null,
                TighterBy = weighted.Average() - bounds.Average(),
            });
    }

    private static ImageSet Observed(ImageSet images, Binarisation binarisation, ulong seed)
    {
        if (binarisation == Binarisation.None)
            return images;
        var random = new RandomNumbers(seed, Streams.Binarisation);
        var pixels = new byte[(long)images.Count * images.Size];
        for (var image = 0; image < images.Count; image++)
        {
            for (var i = 0; i < images.Size; i++)
                pixels[image * images.Size + i] = images.Pixels(image)[i] / 255.0 > (binarisation == Binarisation.Draw ? random.NextUniform() : 0.5) ? (byte)255 : (byte)0;
        }
        return new(images.Height, images.Width, images.Channels, pixels);
    }

    /// <summary>The verdict in sentences, with causes and remedies where bound and samples disagree.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Verdict switch
        {
            BoundAndSamplesVerdict.BothGood => Invariant($"Bound and samples are both good: {OfBound}, and {OfSamples}."),
            BoundAndSamplesVerdict.BothPoor => Invariant($"Neither bound nor samples are good: {OfBound}, and {OfSamples}. The model has not learned how the numbers of a row hang together; look for a collapsed code first."),
            BoundAndSamplesVerdict.PoorSamples => Invariant($"The bound is good and the samples are not: {OfBound}, but {OfSamples}. The bound counts how codes of data decode; samples begin at the prior."),
            BoundAndSamplesVerdict.PoorBound => Invariant($"The samples are good and the bound is not: {OfBound}, but {OfSamples}."),
            _ => Invariant($"Samples are neither surely far from data nor like them: {OfSamples}; {OfBound}. More samples and held-out rows would tell."),
        });
        foreach (var sentence in Verdict switch { BoundAndSamplesVerdict.PoorSamples => OfPoorSamples(), BoundAndSamplesVerdict.PoorBound => OfPoorBound(), _ => [] })
            text.Append(' ').Append(sentence);
        return text.ToString();
    }

    private string OfBound => Invariant($"held-out rows have {Gain.Value:F1} ± {Gain.StandardError:F1} nats more than under independent numbers, training rows {TrainingGain:F1}");

    private string OfSamples => Quality.LacksRecall
        ? Invariant($"samples are like {Quality.Coverage.Recall:P0} of the data, where equal sets have {Quality.Coverage.ByChance:P0}")
        : Quality.LacksPrecision
            ? Invariant($"{Quality.Coverage.Precision:P0} of samples lie where data do, where equal sets have {Quality.Coverage.ByChance:P0}")
            : Invariant($"a small network tells samples from data in {Quality.Classifier.Accuracy:P0} of the cases");

    private IEnumerable<string> OfPoorSamples()
    {
        // Decoding brings distributions no further apart than their codes, and by Pinsker's inequality these are no further apart than this.
        var byPrior = Evidence.Split is { } split ? Math.Min(1, Math.Sqrt(0.5 * Math.Max(0, split.Marginal.Value))) : 1;
        var ofCodes = Evidence.OfCodesOfData;
        if (ofCodes is { IsPoor: false })
            yield return Invariant($"Decoded from codes of data, samples are not far off, so the prior is at fault: codes of data are not spread as it is{Off}. Let it follow them (CodePrior.Mixture, VampPrior or Flow), which costs no reconstruction.");
        else if (ofCodes is { IsPoor: true })
            yield return "Decoded from codes of data they are as far off, so p(x|z) is at fault: given a code, numbers are drawn independently of each other, and that shows. Use a likelihood that fits a number better, more latent numbers or a larger decoder, so that less is left to such noise.";
        else if (Evidence.Split is { IsSaturated: false } && 2 * byPrior < Quality.Classifier.LeastTotalVariation)
            yield return Invariant($"Of that distance the prior has at most {byPrior:F2} in total variation (by Pinsker's inequality, from {Evidence.Split.Marginal.Value:F3} nats off the prior, as estimated), so p(x|z) is at fault: use a likelihood that fits a number better, more latent numbers or a larger decoder.");
        else
            yield return Invariant($"Either the prior is at fault{Off}, and a richer one is the remedy (CodePrior.Mixture, VampPrior or Flow), or the likelihood of a number: compare samples decoded from codes of data to tell.");
        if (Quality.LacksRecall && !Quality.LacksPrecision)
            yield return "What is lacking are kinds of data, not likeness: the code has too few dimensions in use, or the prior leaves out where their codes are.";
    }

    private IEnumerable<string> OfPoorBound()
    {
        if (Quality.Copies is { AreCopies: true } copies)
        {
            yield return Invariant($"The samples are copies: with probability {copies.Nearer:F2} one is nearer to a training row than a held-out row is. The model has memorised its rows. Stop earlier by held-out rows, use more of them, a smaller network, or weight decay.");
            yield break;
        }
        if (Evidence.TighterBy is > Noticeable and var tighter)
            yield return Invariant($"The importance-weighted bound is {tighter:F1} nats higher, so q(z|x) is at fault more than the model: train the encoder for longer, or use a richer posterior (CodePosterior.FullCovariance or Flow).");
        else
            yield return "The likelihood may be too narrow for new rows, as a scale that training rows alone have set: hold rows out, and learn a scale that they bear.";
    }

    private string Off => Evidence.Split is { } split ? Invariant($" (by {split.Marginal.Value:F2} nats{(split.IsSaturated ? ", most of which may be for want of rows" : "")})") : "";
}
