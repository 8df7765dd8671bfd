using Elbo.Compute;
using Elbo.Conjugate.Components;
using Elbo.Conjugate.Families;
using Elbo.Distributions;
using Elbo.Guides;
using Elbo.Programs;
using Elbo.Recording;
using Elbo.Texts;
using static Elbo.Compute.TensorMath;
using static Elbo.Distributions.Distribution;

namespace Elbo.Conjugate;

/// <summary>
/// Latent Dirichlet allocation (Blei, Ng and Jordan, 2003): each document has shares of topics, each topic probabilities of words, all
/// Dirichlet, and each word comes of one topic. Documents are bags: what counts is how often a word occurs.
/// </summary>
/// <example><code>var fit = new LatentDirichletAllocation(topics: 5).Fit(documents);</code></example>
public sealed class LatentDirichletAllocation
{
    /// <summary>An allocation to so many topics.</summary>
    public LatentDirichletAllocation(int topics)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(topics, 2);
        Topics = topics;
    }

    /// <summary>How many topics there are.</summary>
    public int Topics { get; }

    /// <summary>The weight of each topic in the Dirichlet prior of a document's shares; null for 1/topics.</summary>
    public double? ShareConcentration { get; init => field = value is { } v ? Positive(v) : null; }

    /// <summary>The weight of each word in the Dirichlet prior of a topic.</summary>
    public double WordConcentration { get; init => field = Positive(value); } = 0.1;

    /// <summary>Whether the concentrations are only where it begins, and are learned with the rest: one for each topic, as topics are not equally frequent, and one for all words (Wallach, Mimno and McCallum, 2009). Of sparse counts only.</summary>
    public bool LearnsConcentrations { get; init; }

    /// <summary>Fits many or long documents, by their sparse counts. What comes of it reads new documents and goes into a file, and has no certificate.</summary>
    /// <param name="counts">The counts of the documents.</param>
    /// <param name="vocabulary">What the numbers of words mean.</param>
    /// <param name="options">How to go about it; a row of a minibatch is a document, and estimation is of distributions.</param>
    /// <exception cref="ArgumentException">There are no words, counts and vocabulary do not belong together, or points were asked for.</exception>
    public TopicModel Fit(WordCounts counts, Vocabulary vocabulary, CoordinateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(vocabulary);
        var settings = options ?? new() { Tolerance = 1 };
        if (counts.Vocabulary != vocabulary.Count || vocabulary.Count < 2)
            throw new ArgumentException($"The counts are of {counts.Vocabulary} words and the vocabulary has {vocabulary.Count}; they must be as many, and at least two.", nameof(vocabulary));
        if (counts.Total == 0)
            throw new ArgumentException("No document has a word of the vocabulary: nothing to fit.", nameof(counts));
        if (settings.Estimation != Estimation.Distributions)
            throw new ArgumentException("Sparse counts are fitted by distributions. For points give the words of each document, or leave Estimation out.", nameof(options));
        return RecordedFit.Of(settings.Recorder, "topics", settings.Seed, [new("topics", $"{Topics}"), new("words", $"{vocabulary.Count}"), .. FitSettings.Of(settings)], () => Fit(counts, vocabulary, settings, settings.Starts ?? 3), TopicView.Of);
    }

    private TopicModel Fit(WordCounts counts, Vocabulary vocabulary, CoordinateOptions settings, int places)
    {
        var (sweeps, best, starts) = (new TopicSweeps(this, counts, settings), (TopicModel?)null, new List<Ascended>());
        for (var start = 0; start < places; start++)
        {
            starts.Add(sweeps.Run(start));
            if (best is null || starts[^1].Bound > best.Starts[0].Bound)
                best = TopicModel.Of(vocabulary, sweeps, counts, starts[^1]);
        }
        return best!.With([.. starts.OrderByDescending(s => s.Bound)]);
    }

    /// <summary>Fits documents of words; the vocabulary is all words in them, in the order of the alphabet.</summary>
    /// <param name="documents">The words of each document.</param>
    /// <param name="options">How to go about it; a row of a minibatch is a document.</param>
    /// <exception cref="ArgumentException">There are no documents, one is empty, or all words are the same.</exception>
    public TopicPosterior Fit(IReadOnlyList<IReadOnlyList<string>> documents, CoordinateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        string[] vocabulary = [.. documents.SelectMany(d => d).Distinct().Order(StringComparer.Ordinal)];
        var numbers = vocabulary.Index().ToDictionary(w => w.Item, w => w.Index, StringComparer.Ordinal);
        return Fit([.. documents.Select(d => d.Select(w => numbers[w]).ToArray())], vocabulary, options);
    }

    /// <summary>Fits documents of numbers of words.</summary>
    /// <param name="documents">The words of each document, as numbers from 0.</param>
    /// <param name="vocabulary">What the numbers mean.</param>
    /// <param name="options">How to go about it; a row of a minibatch is a document.</param>
    /// <exception cref="ArgumentException">There are no documents, one is empty, or a number has no word.</exception>
    public TopicPosterior Fit(IReadOnlyList<int[]> documents, IReadOnlyList<string> vocabulary, CoordinateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(vocabulary);
        var settings = options ?? new();
        Check(documents, vocabulary.Count, settings);
        if (LearnsConcentrations)
            throw new ArgumentException("Concentrations are learned from sparse counts only: give WordCounts in place of the words of each document.");
        using var joint = new TopicJoint(this, [.. documents.Select(d => d.CountBy(w => w).OrderBy(c => c.Key).ToArray())], vocabulary.Count, settings.Estimation);
        var fit = new ConjugateFitting(joint, settings)
        {
            Program = Program(documents, vocabulary.Count, settings.Estimation == Estimation.MaximumLikelihood),
            Guide = () => settings.Estimation == Estimation.Distributions ? Guide.From(Fitted(joint)) : new PointGuide(Points(joint)),
            Starts = 3,
            DrawSize = (long)documents.Count * vocabulary.Count,
            LogUnits = documents.Sum(d => LogFactorial(d.Length) - d.CountBy(w => w).Sum(c => LogFactorial(c.Value))),
            SummedOut = "the topics of the words",
            Symmetry = ("topics", Topics),
        }.Run();
        return new(fit, vocabulary, Means(joint.Words.Read()[0], vocabulary.Count, settings.Estimation), Means(joint.Shares.Read()[0], Topics, settings.Estimation));
    }

    internal double ShareWeight => ShareConcentration ?? 1.0 / Topics;

    private Model Program(IReadOnlyList<int[]> documents, int words, bool isFlat)
    {
        var counts = new double[documents.Count * words];
        foreach (var (d, document) in documents.Index())
        {
            foreach (var word in document)
                counts[d * words + word]++;
        }
        var lengths = documents.Select(d => (double)d.Length).ToArray();
        return Model.Define(m =>
        {
            Tensor topics;
            using (m.Plate("topic", Topics))
                topics = m.Sample("topics", isFlat ? Flat(Support.Simplex, words) : Dirichlet(Enumerable.Repeat(WordConcentration, words).ToArray()));
            using var document = m.Plate("document", documents.Count);
            var shares = m.Sample("shares", isFlat ? Flat(Support.Simplex, Topics) : Dirichlet(Enumerable.Repeat(ShareWeight, Topics).ToArray()));
            m.Observe("words", Multinomial(lengths, shares.MatMul(topics)), Value.Of(counts, [documents.Count, words]));
        });
    }

    private Model Fitted(TopicJoint joint)
    {
        var (words, shares) = (joint.Words.Read()[0], joint.Shares.Read()[0]);
        return Model.Define(m =>
        {
            using (m.Plate("topic", Topics))
                m.Sample("topics", Dirichlet(Value.Of([.. words.Select(n => n + 1)], [Topics, words.Length / Topics])));
            using var document = m.Plate("document", shares.Length / Topics);
            m.Sample("shares", Dirichlet(Value.Of([.. shares.Select(n => n + 1)], [shares.Length / Topics, Topics])));
        });
    }

    private Dictionary<string, Value> Points(TopicJoint joint)
    {
        var (words, shares) = (joint.Words.Read()[0], joint.Shares.Read()[0]);
        return new()
        {
            ["topics"] = Value.Of(ComponentDensities.Shares(words, words.Length / Topics), [Topics, words.Length / Topics]),
            ["shares"] = Value.Of(ComponentDensities.Shares(shares, Topics), [shares.Length / Topics, Topics]),
        };
    }

    private void Check(IReadOnlyList<int[]> documents, int words, CoordinateOptions options)
    {
        if (documents.Count == 0)
            throw new ArgumentException("There are no documents: nothing to fit.");
        if (words < 2)
            throw new ArgumentException($"The vocabulary has {words} words; topics of fewer than two do not differ.");
        foreach (var (index, document) in documents.Index())
        {
            if (document.Length == 0)
                throw new ArgumentException($"Document {index} has no words. Leave it out.");
            if (Array.FindIndex(document, w => w < 0 || w >= words) is >= 0 and var place)
                throw new ArgumentException($"Document {index} has word number {document[place]} at {place}, and the vocabulary has {words}, numbered from 0.");
        }
        if (options.Estimation == Estimation.Mode && (ShareWeight < 1 || WordConcentration < 1))
            throw new ArgumentException($"With concentrations of {ShareWeight} and {WordConcentration}, of which one is below 1, the density of probabilities is infinite at 0, and has no mode. Set both to 1 or more, or use Estimation.Distributions.");
    }

    private static double[,] Means(double[] natural, int categories, Estimation estimation)
    {
        var shares = ComponentDensities.Shares(estimation == Estimation.Distributions ? [.. natural.Select(n => n + 1)] : natural, categories);
        var means = new double[shares.Length / categories, categories];
        Buffer.BlockCopy(shares, 0, means, 0, shares.Length * sizeof(double));
        return means;
    }

    private static double LogFactorial(int n) => MathNet.Numerics.SpecialFunctions.FactorialLn(n);

    private static double Positive(double value) => value > 0 && double.IsFinite(value) ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "It must be a positive number.");
}

/// <summary>The posterior of topics, in the order of how many words they have.</summary>
public sealed class TopicPosterior : ConjugatePosterior
{
    internal TopicPosterior(ConjugateFit fit, IReadOnlyList<string> vocabulary, double[,] topics, double[,] shares)
        : base(fit)
    {
        (Vocabulary, Topics, Shares) = (vocabulary, topics, shares);
    }

    /// <summary>What the numbers of words mean.</summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The mean probability of each word in each topic, topics × words.</summary>
    public double[,] Topics { get; }

    /// <summary>The mean share of each topic in each document, documents × topics.</summary>
    public double[,] Shares { get; }

    /// <summary>The most probable words of a topic, the first first.</summary>
    public IReadOnlyList<string> TopWords(int topic, int count = 10)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)topic, (uint)Topics.GetLength(0), nameof(topic));
        return [.. Enumerable.Range(0, Vocabulary.Count).OrderByDescending(w => Topics[topic, w]).Take(count).Select(w => Vocabulary[w])];
    }
}

/// <summary>
/// E ln p of latent Dirichlet allocation, the topics of the words summed out. Given those, shares and topics are independent of each
/// other, so all factors move at once; a minibatch moves the shares of its documents first.
/// </summary>
internal sealed class TopicJoint : ExpectedLogJoint
{
    private readonly LatentDirichletAllocation _model;
    private readonly int _words;
    private readonly double _length;
    private readonly Tensor _numbers;
    private readonly Tensor _counts;

    public TopicJoint(LatentDirichletAllocation model, KeyValuePair<int, int>[][] documents, int words, Estimation estimation)
    {
        (_model, _words, Rows, _length) = (model, words, documents.Length, documents.Average(d => d.Sum(c => c.Value)));
        var (isPoint, hasPrior, longest) = (estimation != Estimation.Distributions, estimation != Estimation.MaximumLikelihood, documents.Max(d => d.Length));
        Words = new("topics", DirichletFamily.Instance, Natural.Full([model.Topics, words], model.WordConcentration - 1)) { IsPoint = isPoint, HasPrior = hasPrior };
        Shares = new("shares", DirichletFamily.Instance, Natural.Full([Rows, model.Topics], model.ShareWeight - 1)) { IsPoint = isPoint, HasPrior = hasPrior, IsLocal = true };
        // The different words of each document, and none of the first word where it has fewer than the longest.
        var (numbers, counts) = (new double[Rows * longest], new double[Rows * longest]);
        for (var d = 0; d < Rows; d++)
        {
            for (var i = 0; i < documents[d].Length; i++)
                (numbers[d * longest + i], counts[d * longest + i]) = (documents[d][i].Key, documents[d][i].Value);
        }
        _numbers = Tensor.FromArray(numbers, [Rows, longest], DType.Int32);
        _counts = Tensor.FromArray(counts, [Rows, longest], DType.Float64);
    }

    public Factor Words { get; }

    public Factor Shares { get; }

    public override IReadOnlyList<Factor> Factors => [Words, Shares];

    public override int Rows { get; }

    public override string Remedy => "Check the concentrations: very small ones round probabilities to 0.";

    public override Tensor Common => Words.LogPrior;

    public override Tensor OfRows(Tensor? rows)
    {
        Tensor Of(Tensor all) => rows is null ? all : all.Gather(rows);
        var (shares, numbers, counts) = (Of(Shares.Statistics[0]), Of(_numbers), Of(_counts));
        var (n, k) = (shares.Shape[0], _model.Topics);
        var logits = Words.Statistics[0].Transpose().Gather(numbers) + shares.Reshape([n, 1, k]);
        var likelihood = (counts * LogSumExp(logits, 2)).Sum();
        return likelihood + Shares.LogPriorOf([shares], (double)n / Rows);
    }

    // All words in nearly equal shares, which differ at random (as Hoffman, Blei and Bach, 2010, begin).
    public override void Begin(RandomNumbers random)
    {
        var k = _model.Topics;
        var share = Rows * _length / k / _words;
        Words.Write([[.. Enumerable.Range(0, k * _words).Select(_ => _model.WordConcentration - 1 + share * random.NextGamma(100) / 100)]]);
        Shares.Write([[.. Enumerable.Repeat(_model.ShareWeight - 1 + _length / k, Rows * k)]]);
    }

    /// <summary>By how many words they have, the most first.</summary>
    public override void Order()
    {
        var (words, shares) = (Words.Read()[0], Shares.Read()[0]);
        int[] order = [.. Enumerable.Range(0, _model.Topics).OrderByDescending(t => words.AsSpan(t * _words, _words).ToArray().Sum())];
        Words.Write([ComponentDensities.Permuted(words, order)]);
        Shares.Write([[.. Enumerable.Range(0, Rows).SelectMany(d => order.Select(t => shares[d * order.Length + t]))]]);
    }
}
