using Elbo.Conjugate;

namespace Elbo.Texts;

/// <summary>By what the words of a topic are put in order.</summary>
public enum WordOrder
{
    /// <summary>Their probability in the topic.</summary>
    Probability,

    /// <summary>0.6 ln p(word|topic) + 0.4 ln p(word|topic)/p(word) (Sievert and Shirley, 2014): frequent in the topic, and more so than elsewhere.</summary>
    Relevance,

    /// <summary>p(word|topic)/p(word): how much more frequent in the topic than in all documents.</summary>
    Lift,
}

/// <summary>A word of a topic.</summary>
/// <param name="Number">Its number in the vocabulary.</param>
/// <param name="Text">The word.</param>
/// <param name="Probability">The mean of its probability in the topic.</param>
/// <param name="Lift">By how much that exceeds its share of all words, as a ratio.</param>
public sealed record TopicWord(int Number, string Text, double Probability, double Lift);

/// <summary>
/// Topics as distributions over words, fitted by <see cref="LatentDirichletAllocation"/> to sparse counts, in the order of how many words they have. It reads new documents, and never changes.
/// </summary>
public sealed class TopicModel
{
    private const double ProbabilityInRelevance = 0.6;
    private const int InferenceSweeps = 200;
    private const double Settled = 1e-6;
    private const int Quantiles = 1000;

    private readonly double[] _wordWeights;
    private readonly double[] _expWords;
    private readonly double[] _sums;
    private readonly double[] _wordTotals;
    private readonly double[] _evidence;
    private readonly double[] _shareConcentrations;

    /// <summary>A model from what <see cref="WordWeights"/> and the others gave.</summary>
    /// <param name="vocabulary">The words.</param>
    /// <param name="wordWeights">Weights of the Dirichlet q of each topic's words, [words, topics].</param>
    /// <param name="shareConcentrations">The prior of shares.</param>
    /// <param name="wordConcentration">The prior of words.</param>
    /// <param name="wordTotals">How often each word occurs in the documents of the fit.</param>
    /// <param name="evidence">Quantiles of the evidence a word in the documents of the fit, ascending.</param>
    /// <param name="starts">How it was found, the best first; none for a model that was read.</param>
    /// <exception cref="ArgumentException">The sizes do not go together, or a weight is not positive.</exception>
    public TopicModel(
        Vocabulary vocabulary, ReadOnlySpan<double> wordWeights, ReadOnlySpan<double> shareConcentrations, double wordConcentration, ReadOnlySpan<double> wordTotals,
        ReadOnlySpan<double> evidence, IReadOnlyList<Ascended>? starts = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var topics = shareConcentrations.Length;
        if (topics < 1 || wordWeights.Length != vocabulary.Count * topics || wordTotals.Length != vocabulary.Count || evidence.Length < 1)
            throw new ArgumentException($"{wordWeights.Length} weights, {wordTotals.Length} totals and {evidence.Length} quantiles do not go with {vocabulary.Count} words and {topics} topics.");
        foreach (var weight in (double[])[.. wordWeights, .. shareConcentrations, wordConcentration])
        {
            if (!(weight > 0 && double.IsFinite(weight)))
                throw new ArgumentException($"A weight of a Dirichlet distribution is {weight}; it must be a positive number.");
        }
        (Vocabulary, WordConcentration, Starts) = (vocabulary, wordConcentration, starts ?? []);
        (_wordWeights, _shareConcentrations, _wordTotals, _evidence) = (wordWeights.ToArray(), shareConcentrations.ToArray(), wordTotals.ToArray(), evidence.ToArray());
        (_sums, _expWords) = (new double[topics], new double[_wordWeights.Length]);
        var (column, exp) = (new double[vocabulary.Count], new double[vocabulary.Count]);
        for (var k = 0; k < topics; k++)
        {
            for (var w = 0; w < column.Length; w++)
                column[w] = _wordWeights[w * topics + k];
            _sums[k] = column.Sum();
            DirichletFunctions.ExpMeanLogs(column, exp);
            for (var w = 0; w < column.Length; w++)
                _expWords[w * topics + k] = Math.Max(exp[w], 1e-300);
        }
    }

    /// <summary>The words.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>How many topics.</summary>
    public int Topics => _sums.Length;

    /// <summary>Weights of the Dirichlet q of each topic's words, [words, topics].</summary>
    public ReadOnlySpan<double> WordWeights => _wordWeights;

    /// <summary>Weights of the Dirichlet prior of a document's shares, one for each topic.</summary>
    public IReadOnlyList<double> ShareConcentrations => _shareConcentrations;

    /// <summary>The weight of each word in the Dirichlet prior of a topic.</summary>
    public double WordConcentration { get; }

    /// <summary>How often each word occurs in the documents of the fit.</summary>
    public ReadOnlySpan<double> WordTotals => _wordTotals;

    /// <summary>Quantiles of the evidence a word in the documents of the fit, nats, ascending.</summary>
    public IReadOnlyList<double> EvidenceQuantiles => _evidence;

    /// <summary>All starts of the fit, the highest bound first; none for a model that was read from a file. Bounds are of the words of documents in their order.</summary>
    public IReadOnlyList<Ascended> Starts { get; }

    /// <summary>The share of each topic among the words of the documents of the fit.</summary>
    public double[] TopicShares
    {
        get
        {
            double[] words = [.. _sums.Select(s => s - WordConcentration * Vocabulary.Count)];
            return [.. words.Select(w => w / words.Sum())];
        }
    }

    /// <summary>The mean probability of a word in a topic.</summary>
    public double Probability(int topic, int word) => _wordWeights[word * Topics + topic] / _sums[topic];

    /// <summary>The first words of a topic, the first first.</summary>
    /// <param name="topic">The topic, from 0.</param>
    /// <param name="count">How many words.</param>
    /// <param name="order">By what.</param>
    /// <param name="least">Words that the topic has fewer of, in the documents of the fit, are passed over: the lift of rare words is chance.</param>
    public IReadOnlyList<TopicWord> TopWords(int topic, int count = 10, WordOrder order = WordOrder.Probability, double least = 5)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)topic, (uint)Topics, nameof(topic));
        var all = _wordTotals.Sum();
        var words = Enumerable.Range(0, Vocabulary.Count).Select(w =>
        {
            var probability = Probability(topic, w);
            return new TopicWord(w, Vocabulary.Tokens[w], probability, probability * all / Math.Max(_wordTotals[w], double.Epsilon));
        });
        if (order != WordOrder.Probability)
            words = words.Where(w => _wordWeights[w.Number * Topics + topic] - WordConcentration >= least);
        return [.. words.OrderByDescending(w => order switch
        {
            WordOrder.Probability => w.Probability,
            WordOrder.Lift => w.Lift,
            _ => ProbabilityInRelevance * Math.Log(w.Probability) + (1 - ProbabilityInRelevance) * Math.Log(w.Lift),
        }).ThenBy(w => w.Number).Take(count)];
    }

    /// <summary>The shares of topics in documents, which need not be of the fit.</summary>
    /// <exception cref="ArgumentException">The counts are of another vocabulary.</exception>
    public DocumentTopics Infer(WordCounts documents)
    {
        Check(documents);
        var (weights, bounds, exp) = (new double[documents.Documents][], new double[documents.Documents], new double[Topics]);
        for (var d = 0; d < documents.Documents; d++)
        {
            var start = documents.LengthOf(d) / Topics;
            weights[d] = [.. _shareConcentrations.Select(a => a + start)];
            bounds[d] = DocumentTopics.Settle(documents, d, _expWords, _shareConcentrations, weights[d], exp, InferenceSweeps, Settled);
        }
        return new(weights, bounds);
    }

    /// <summary>
    /// A lower bound, nats a word, on the logarithm of the probability of documents that were not of the fit, with topics as uncertain as the fit left them (Hoffman, Blei
    /// and Bach, 2010, section 4). exp of its negative is an upper bound on the perplexity.
    /// </summary>
    /// <exception cref="ArgumentException">The counts are of another vocabulary, or have no words.</exception>
    public double PerWordBound(WordCounts documents)
    {
        var bounds = Infer(documents).Bounds;
        return documents.Total > 0 ? bounds.Sum() / documents.Total : throw new ArgumentException("The documents have no word of the vocabulary.", nameof(documents));
    }

    /// <summary>exp of the negative <see cref="PerWordBound"/>: as surprising as so many equally probable words, at most.</summary>
    public double Perplexity(WordCounts documents) => Math.Exp(-PerWordBound(documents));

    /// <summary>
    /// How well each document is explained: the bound a word, beside those of the documents of the fit. Documents of few words vary most.
    /// </summary>
    /// <param name="documents">The documents.</param>
    /// <param name="flagged">The share of the documents of the fit below whose quantile a document counts as unusual.</param>
    public IReadOnlyList<DocumentScore> Score(WordCounts documents, double flagged = 0.01)
    {
        if (flagged is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(flagged), flagged, "The share of documents that count as unusual lies between 0 and 1.");
        var inferred = Infer(documents);
        var all = _wordTotals.Sum();
        return [.. Enumerable.Range(0, documents.Documents).Select(d =>
        {
            var (length, shares) = (documents.LengthOf(d), inferred.Shares(d));
            if (length == 0)
                return new DocumentScore(double.NaN, double.NaN, false, null, 0);
            var (evidence, quantile) = (inferred.Bounds[d] / length, Below(inferred.Bounds[d] / length));
            // What a word loses by being in this document, beside its share of all words.
            var (most, surprise) = (-1, double.NegativeInfinity);
            foreach (var word in documents.WordsOf(d))
            {
                var probability = 0.0;
                for (var k = 0; k < Topics; k++)
                    probability += shares[k] * Probability(k, word);
                var lost = Math.Log(Math.Max(_wordTotals[word], 0.5) / all) - Math.Log(probability);
                if (lost > surprise)
                    (most, surprise) = (word, lost);
            }
            return new DocumentScore(evidence, quantile, quantile < flagged, Vocabulary.Tokens[most], surprise);
        })];
    }

    /// <summary>The coherence of a topic: <see cref="TopicCoherence.Npmi(WordCounts, IReadOnlyList{int})"/> of its most probable words.</summary>
    public double Coherence(int topic, WordCounts documents, int words = 10) => TopicCoherence.Npmi(documents, [.. TopWords(topic, words).Select(w => w.Number)]);

    internal static TopicModel Of(Vocabulary vocabulary, TopicSweeps sweeps, WordCounts documents, Ascended start)
    {
        var (weights, prior) = (sweeps.WordWeights, sweeps.SharePrior);
        var topics = prior.Length;
        int[] order = [.. Enumerable.Range(0, topics).OrderByDescending(k => Enumerable.Range(0, vocabulary.Count).Sum(w => weights[w * topics + k]))];
        double[] ordered = [.. Enumerable.Range(0, vocabulary.Count).SelectMany(w => order.Select(k => weights[w * topics + k]))];
        double[] shares = [.. order.Select(k => prior[k])];
        var totals = documents.WordTotals();
        var inferred = new TopicModel(vocabulary, ordered, shares, sweeps.WordPrior, totals, [0]).Infer(documents);
        double[] evidence = [.. Enumerable.Range(0, documents.Documents).Where(d => documents.LengthOf(d) > 0).Select(d => inferred.Bounds[d] / documents.LengthOf(d)).Order()];
        double[] quantiles = evidence.Length <= Quantiles ? evidence : [.. Enumerable.Range(0, Quantiles).Select(q => evidence[(int)((q + 0.5) * evidence.Length / Quantiles)])];
        return new(vocabulary, ordered, shares, sweeps.WordPrior, totals, quantiles, [start]);
    }

    internal TopicModel With(IReadOnlyList<Ascended> starts) => new(Vocabulary, _wordWeights, _shareConcentrations, WordConcentration, _wordTotals, _evidence, starts);

    private double Below(double evidence) => Array.FindIndex(_evidence, e => e >= evidence) is >= 0 and var at ? (double)at / _evidence.Length : 1;

    private void Check(WordCounts documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        if (documents.Vocabulary != Vocabulary.Count)
            throw new ArgumentException($"The counts are of {documents.Vocabulary} words, and the model knows {Vocabulary.Count}. Count with its vocabulary.", nameof(documents));
    }
}

/// <summary>How well a document is explained.</summary>
/// <param name="Evidence">The bound on the logarithm of its probability, nats a word; not a number where it has no known word.</param>
/// <param name="Quantile">The share of the documents of the fit that have less.</param>
/// <param name="IsUnusual">Whether that is below the share that was asked for.</param>
/// <param name="Word">The word that is least expected in this document, beside its share of all words; null where there is none.</param>
/// <param name="Surprise">By how many nats.</param>
public sealed record DocumentScore(double Evidence, double Quantile, bool IsUnusual, string? Word, double Surprise);
