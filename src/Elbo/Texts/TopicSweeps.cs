using Elbo.Compute;
using Elbo.Conjugate;
using Elbo.Programs;
using static Elbo.Texts.DirichletFunctions;

namespace Elbo.Texts;

/// <summary>
/// Coordinate ascent on the bound of latent Dirichlet allocation over sparse counts (Blei, Ng and Jordan, 2003), and its stochastic form by the natural gradient of minibatches
/// (Hoffman, Blei and Bach, 2010). The factor of the topics of words is always the best one given the others, so only sums of it are ever held.
/// </summary>
internal sealed class TopicSweeps
{
    // A gain of less, relative to the bound, is rounding.
    private const double Rounding = 1e-12;

    // Shares of a document whose weights move by less, on average and relative to its length, have settled.
    private const double Settled = 1e-5;

    // Steps of a fixed point that is not far off after any of them.
    private const int ConcentrationSteps = 5;

    // What the first sweeps find is still near its random start, and concentrations learned of it would hold it there.
    private const int SweepsBeforeLearning = 10;

    private readonly WordCounts _documents;
    private readonly int _topics;
    private readonly CoordinateOptions _options;
    private readonly LatentDirichletAllocation _model;
    private readonly double[] _shareWeights;
    private readonly double[] _wordWeights;
    private readonly double[] _expWords;
    private readonly double[] _sums;
    private readonly double[] _sharePrior;
    private double _wordPrior;
    private int _start;

    public TopicSweeps(LatentDirichletAllocation model, WordCounts documents, CoordinateOptions options)
    {
        (_model, _documents, _topics, _options, _wordPrior) = (model, documents, model.Topics, options, model.WordConcentration);
        _sharePrior = [.. Enumerable.Repeat(model.ShareWeight, _topics)];
        _shareWeights = new double[documents.Documents * _topics];
        (_wordWeights, _expWords, _sums) = (new double[documents.Vocabulary * _topics], new double[documents.Vocabulary * _topics], new double[documents.Vocabulary * _topics]);
    }

    /// <summary>Weights of words in topics: [words, topics].</summary>
    public double[] WordWeights => [.. _wordWeights];

    public double[] SharePrior => [.. _sharePrior];

    public double WordPrior => _wordPrior;

    /// <summary>From one start to the end.</summary>
    /// <exception cref="ModelException">The bound is not a number.</exception>
    public Ascended Run(int start)
    {
        Begin(new RandomNumbers(_options.Seed, 0x5450_0000 + (ulong)start));
        _start = start;
        return _options.Batch is { } batch ? Stochastic(Math.Min(batch, _documents.Documents), start) : Sweep();
    }

    // Words in nearly equal shares, which differ at random (as Hoffman, Blei and Bach, 2010, begin).
    private void Begin(RandomNumbers random)
    {
        var share = _documents.Total / _topics / _documents.Vocabulary;
        for (var i = 0; i < _wordWeights.Length; i++)
            _wordWeights[i] = _model.WordConcentration + share * random.NextGamma(100) / 100;
        Array.Fill(_sharePrior, _model.ShareWeight);
        _wordPrior = _model.WordConcentration;
        for (var d = 0; d < _documents.Documents; d++)
            _shareWeights.AsSpan(d * _topics, _topics).Fill(_model.ShareWeight + _documents.LengthOf(d) / _topics);
        TakeWords();
    }

    private Ascended Sweep()
    {
        var history = new List<double>();
        int[] all = [.. Enumerable.Range(0, _documents.Documents)];
        while (true)
        {
            history.Add(Told(Checked(OfDocuments(all) + OfWords(), history.Count), history.Count));
            if (IsAtRest(history) || history.Count > _options.Sweeps)
                return new(history[^1], history, IsAtRest(history), history.Count - 1);
            if (history.Count > SweepsBeforeLearning)
                LearnConcentrations(all, 1);
            for (var i = 0; i < _wordWeights.Length; i++)
                _wordWeights[i] = _wordPrior + _sums[i];
            TakeWords();
        }
    }

    private Ascended Stochastic(int batch, int start)
    {
        var random = new RandomNumbers(_options.Seed, 0x5451_0000 + (ulong)start);
        int[] order = [.. Enumerable.Range(0, _documents.Documents)];
        var (history, step) = (new List<double>(), 0);
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            random.Shuffle<int>(order);
            for (var at = 0; at < order.Length; at += batch)
            {
                var rows = order[at..Math.Min(at + batch, order.Length)];
                var rate = Math.Min(1, Math.Pow(step++ + _options.Delay, -_options.Forgetting));
                OfDocuments(rows);
                if (step > SweepsBeforeLearning)
                    LearnConcentrations(rows, rate);
                var scale = (double)order.Length / rows.Length;
                for (var i = 0; i < _wordWeights.Length; i++)
                    _wordWeights[i] += rate * (_wordPrior + scale * _sums[i] - _wordWeights[i]);
                TakeWords();
            }
            Array.Sort(order);
            history.Add(Told(Checked(OfDocuments(order) + OfWords(), epoch), epoch));
        }
        return new(history[^1], history, history.Count > 1 && Math.Abs(history[^1] - history[^2]) < 1e-4 * Math.Abs(history[^1]), step);
    }

    private double Told(double bound, int sweep)
    {
        _options.Recorder?.Report(new Recording.SweepEnded(sweep + 1, _start + 1, bound));
        return bound;
    }

    /// <summary>Moves the shares of documents to where they settle, sums up the topics of their words, and gives their part of the bound.</summary>
    private double OfDocuments(int[] rows)
    {
        Array.Clear(_sums);
        var (bound, expShares) = (0.0, new double[_topics]);
        foreach (var d in rows)
        {
            var shares = _shareWeights.AsSpan(d * _topics, _topics);
            bound += DocumentTopics.Settle(_documents, d, _expWords, _sharePrior, shares, expShares, _options.RowSweeps, Settled);
            var words = _documents.WordsOf(d);
            var counts = _documents.CountsOf(d);
            for (var i = 0; i < words.Length; i++)
            {
                var ofWord = _expWords.AsSpan(words[i] * _topics, _topics);
                var sums = _sums.AsSpan(words[i] * _topics, _topics);
                var weight = 0.0;
                for (var k = 0; k < ofWord.Length; k++)
                    weight += expShares[k] * ofWord[k];
                weight = counts[i] / weight;
                for (var k = 0; k < ofWord.Length; k++)
                    sums[k] += weight * expShares[k] * ofWord[k];
            }
        }
        return bound;
    }

    // −KL of the words of topics.
    private double OfWords()
    {
        var (bound, q, prior) = (0.0, new double[_documents.Vocabulary], new double[_documents.Vocabulary]);
        Array.Fill(prior, _wordPrior);
        for (var k = 0; k < _topics; k++)
        {
            for (var w = 0; w < q.Length; w++)
                q[w] = _wordWeights[w * _topics + k];
            bound += NegativeDivergence(q, prior);
        }
        return bound;
    }

    private void TakeWords()
    {
        var (q, exp) = (new double[_documents.Vocabulary], new double[_documents.Vocabulary]);
        for (var k = 0; k < _topics; k++)
        {
            for (var w = 0; w < q.Length; w++)
                q[w] = _wordWeights[w * _topics + k];
            ExpMeanLogs(q, exp);
            // Below this the logarithm would be lost.
            for (var w = 0; w < q.Length; w++)
                _expWords[w * _topics + k] = Math.Max(exp[w], 1e-300);
        }
    }

    private void LearnConcentrations(int[] rows, double rate)
    {
        if (!_model.LearnsConcentrations)
            return;
        var (meanLogs, logs) = (new double[_topics], new double[_topics]);
        foreach (var d in rows)
        {
            ExpMeanLogs(_shareWeights.AsSpan(d * _topics, _topics), logs);
            for (var k = 0; k < _topics; k++)
                meanLogs[k] += Math.Log(Math.Max(logs[k], 1e-300)) / rows.Length;
        }
        var ofWords = 0.0;
        foreach (var exp in _expWords)
            ofWords += Math.Log(exp) / _expWords.Length;
        var (shares, words) = (_sharePrior.ToArray(), _wordPrior);
        for (var step = 0; step < ConcentrationSteps; step++)
        {
            var sum = shares.Sum();
            for (var k = 0; k < _topics; k++)
                shares[k] = BetterConcentration(sum, meanLogs[k]);
            words = BetterConcentration(words * _documents.Vocabulary, ofWords);
        }
        for (var k = 0; k < _topics; k++)
            _sharePrior[k] += rate * (shares[k] - _sharePrior[k]);
        _wordPrior += rate * (words - _wordPrior);
    }

    private bool IsAtRest(List<double> history)
    {
        if (history.Count < 3 || (_model.LearnsConcentrations && history.Count < SweepsBeforeLearning + 3))
            return false;
        var (before, gain) = (history[^2] - history[^3], history[^1] - history[^2]);
        if (Math.Abs(gain) <= Rounding * Math.Abs(history[^1]))
            return true;
        // Gains fall geometrically; what is left is the rest of the series.
        var ratio = gain / before;
        return ratio is > 0 and < 1 && gain * ratio / (1 - ratio) < _options.Tolerance;
    }

    private static double Checked(double bound, int sweep) => double.IsFinite(bound) ? bound
        : throw new ModelException($"The bound is {bound} at sweep {sweep}. Check the concentrations: very small ones round probabilities to 0.");
}
