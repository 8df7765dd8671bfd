using Elbo.Classification;
using Elbo.Recording;

namespace Elbo.Texts;

/// <summary>
/// Routes short texts to classes: naive Bayes in which the label is latent where it is not known, and summed out exactly, so that unlabelled texts say which tokens go together
/// (Nigam, McCallum, Thrun and Mitchell, 2000). Tokens of several views count in part (<see cref="TextView.Weight"/>), and how sure it may be is found by hiding labels
/// from it. It never changes once fitted.
/// </summary>
/// <example><code>
/// var router = TextClassifier.Fit(texts, labels);
/// var (label, probability) = router.Classify(["where is my card?"]).Best(0);
/// </code></example>
public sealed class TextClassifier
{
    private readonly TokenClasses[] _tokens;
    private readonly double[] _logPrior;

    private TextClassifier(IReadOnlyList<string> classes, double[] logPrior, IReadOnlyList<Vocabulary> vocabularies, TokenClasses[] tokens) =>
        (Classes, _logPrior, Vocabularies, _tokens) = (classes, logPrior, vocabularies, tokens);

    /// <summary>Names of the classes, in the order of code points.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The tokens of each view.</summary>
    public IReadOnlyList<Vocabulary> Vocabularies { get; }

    /// <summary>ln p of each class of a text of which nothing is known.</summary>
    public IReadOnlyList<double> LogPrior => _logPrior;

    /// <summary>What an unlabelled text counted beside a labelled one.</summary>
    public double UnlabelledWeight { get; private init; }

    /// <summary>How sure it may be, found by hiding labels from it; null where none were hidden.</summary>
    public LabelCalibration? Calibration { get; private init; }

    /// <summary>What was maximised, before each sweep and at the end, in nats, total: ln p of labelled texts with their labels and, times <see cref="UnlabelledWeight"/>, of unlabelled texts, and of the prior without its constant, tokens counting their weight. It never falls.</summary>
    public IReadOnlyList<double> History { get; private init; } = [];

    /// <summary>How sure it was of texts whose labels were hidden from it, and whether it was right: for the choice of a threshold. Empty where none were hidden.</summary>
    public IReadOnlyList<(double Probability, bool IsRight)> Hidden { get; private init; } = [];

    /// <summary>Fits a classifier.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="labels">The label of each; null where it is not known.</param>
    /// <param name="options">How; null for what suits short texts.</param>
    /// <exception cref="ArgumentException">There are fewer than two different labels, not as many labels as texts, or no tokens.</exception>
    public static TextClassifier Fit(IReadOnlyList<string> texts, IReadOnlyList<string?> labels, TextClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new();
        if (texts.Count != labels.Count)
            throw new ArgumentException($"There are {texts.Count} texts and {labels.Count} labels; a text whose label is not known has null in its place.", nameof(labels));
        string[] classes = [.. labels.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (classes.Length < 2)
            throw new ArgumentException($"The labels are of {classes.Length} classes ({string.Join(", ", classes)}), and a text can only be told to be of one of at least two. Label some texts of others.", nameof(labels));
        var numbers = classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        return RecordedFit.Of(
            options.Recorder, "text-classifier", options.Seed, FitSettings.Of(options, texts.Count, labels.Count(l => l is not null), classes.Length),
            () => new TextClassifierFit([.. options.Views.Select(v => Vocabulary.Of(texts, v.Tokens))], texts, [.. labels.Select(l => l is null ? -1 : numbers[l])], classes, options).Run(), AnswersView.Of);
    }

    /// <summary>A classifier from what a file kept of it.</summary>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="logPrior">ln p of each.</param>
    /// <param name="vocabularies">The tokens of each view.</param>
    /// <param name="logarithms">Of each view <see cref="TokenLogarithms"/>.</param>
    /// <param name="unlabelledWeight">What an unlabelled text counted.</param>
    /// <param name="calibration">How sure it may be; null where that was not found out.</param>
    /// <param name="hidden">How sure it was of texts whose labels were hidden.</param>
    /// <exception cref="ArgumentException">The sizes do not go together.</exception>
    public static TextClassifier Of(
        IReadOnlyList<string> classes, IReadOnlyList<double> logPrior, IReadOnlyList<Vocabulary> vocabularies, IReadOnlyList<double[]> logarithms, double unlabelledWeight,
        LabelCalibration? calibration, IReadOnlyList<(double Probability, bool IsRight)> hidden)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(logPrior);
        ArgumentNullException.ThrowIfNull(vocabularies);
        ArgumentNullException.ThrowIfNull(logarithms);
        if (classes.Count < 2 || logPrior.Count != classes.Count || vocabularies.Count != logarithms.Count
            || vocabularies.Zip(logarithms).Any(v => v.Second.Length != v.First.Count * classes.Count))
            throw new ArgumentException("Classes, tokens and their probabilities do not go together.");
        return new(classes, [.. logPrior], vocabularies, [.. logarithms.Select(l => TokenClasses.Read(classes.Count, l))])
        {
            UnlabelledWeight = unlabelledWeight,
            Calibration = calibration,
            Hidden = hidden,
        };
    }

    /// <summary>Weight times ln p(token|class) in a view: [tokens, classes].</summary>
    public ReadOnlySpan<double> TokenLogarithms(int view) => _tokens[view].Logarithms;

    /// <summary>The probabilities of the classes of texts. A text without a known token has those of the prior.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="isCalibrated">Whether they are scaled by <see cref="Calibration"/>, so that it is as sure as it is right.</param>
    public ClassProbabilities Classify(IReadOnlyList<string> texts, bool isCalibrated = true)
    {
        ArgumentNullException.ThrowIfNull(texts);
        WordCounts[] counts = [.. Vocabularies.Select(v => v.CountsOf(texts))];
        var classes = new ClassProbabilities([.. Enumerable.Range(0, texts.Count).Select(i => Evidence(counts, i))]);
        return isCalibrated && Calibration is { } calibration ? classes.At(calibration.Temperature) : classes;
    }

    /// <summary>
    /// The least probability from which answers were wrong at most so often among the texts whose labels were hidden: where to abstain. Null where none keeps to it, or no labels were hidden.
    /// </summary>
    /// <param name="risk">The share of answers that may be wrong, from 0 to 1.</param>
    public double? ThresholdFor(double risk)
    {
        if (risk is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(risk), risk, "A share of wrong answers lies between 0 and 1.");
        var (threshold, wrong, answers) = ((double?)null, 0, 0);
        foreach (var group in Hidden.GroupBy(h => h.Probability).OrderByDescending(g => g.Key))
        {
            answers += group.Count();
            wrong += group.Count(h => !h.IsRight);
            if (wrong <= risk * answers)
                threshold = group.Key;
        }
        return threshold;
    }

    internal static TextClassifier Of(TextClassifierFit.Point point, IReadOnlyList<string> classes, IReadOnlyList<Vocabulary> vocabularies, double weight) =>
        new(classes, point.LogPrior, vocabularies, point.Tokens) { UnlabelledWeight = weight, History = point.History };

    internal TextClassifier Calibrated(LabelCalibration calibration, IReadOnlyList<(double Probability, bool IsRight)> hidden) => new(Classes, _logPrior, Vocabularies, _tokens)
    {
        UnlabelledWeight = UnlabelledWeight,
        History = History,
        Calibration = calibration,
        Hidden = hidden,
    };

    private double[] Evidence(WordCounts[] counts, int text)
    {
        double[] logarithms = [.. _logPrior];
        for (var view = 0; view < counts.Length; view++)
            _tokens[view].AddEvidence(counts[view], text, logarithms);
        return logarithms;
    }
}
