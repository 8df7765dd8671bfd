using System.Numerics;

namespace Elbo.Texts;

/// <summary>
/// The tokens of one view given the class: p(token|class), with a Dirichlet prior whose mean is the share of each token in all texts. Tokens of a text are independent given the
/// class, and each counts the weight of the view.
/// </summary>
internal sealed class TokenClasses
{
    private readonly int _classes;
    private readonly double _weight;
    private readonly double _concentration;
    private readonly double[] _means;
    private readonly double[] _sums;
    private readonly double[] _totals;

    /// <param name="classes">How many classes.</param>
    /// <param name="weight">What a token counts.</param>
    /// <param name="concentration">The weight of the prior.</param>
    /// <param name="means">The mean of the prior: the share of each token.</param>
    public TokenClasses(int classes, double weight, double concentration, double[] means)
    {
        (_classes, _weight, _concentration, _means) = (classes, weight, concentration, means);
        (_sums, _totals, Logarithms) = (new double[means.Length * classes], new double[classes], new double[means.Length * classes]);
    }

    /// <summary>Weight times ln p(token|class): [tokens, classes].</summary>
    public double[] Logarithms { get; private init; }

    public static TokenClasses Read(int classes, double[] logarithms) => new(classes, 1, 1, new double[logarithms.Length / classes]) { Logarithms = logarithms };

    /// <summary>Adds the evidence of a text to the logarithms of its classes.</summary>
    public void AddEvidence(WordCounts counts, int text, Span<double> logarithms)
    {
        var tokens = counts.WordsOf(text);
        foreach (var token in tokens)
            AddTo(logarithms, Logarithms.AsSpan(token * _classes, _classes));
    }

    public void Forget()
    {
        Array.Clear(_sums);
        Array.Clear(_totals);
    }

    /// <summary>Counts the tokens of a text for its classes.</summary>
    public void Count(WordCounts counts, int text, ReadOnlySpan<double> shares)
    {
        var tokens = counts.WordsOf(text);
        foreach (var token in tokens)
            AddTo(_sums.AsSpan(token * _classes, _classes), shares);
        for (var c = 0; c < _classes; c++)
            _totals[c] += tokens.Length * shares[c];
    }

    /// <summary>Takes the most probable p(token|class) given what was counted.</summary>
    /// <returns>The logarithm of the prior there, without its constant, nats.</returns>
    public double Maximise()
    {
        var prior = 0.0;
        Span<double> normalisers = stackalloc double[_classes <= 512 ? _classes : 0];
        normalisers = _classes <= 512 ? normalisers : new double[_classes];
        for (var c = 0; c < _classes; c++)
            normalisers[c] = Math.Log(_totals[c] + _concentration);
        for (var token = 0; token < _means.Length; token++)
        {
            var begun = _concentration * _means[token];
            for (var c = 0; c < _classes; c++)
            {
                var at = token * _classes + c;
                Logarithms[at] = _weight * (Math.Log(_sums[at] + begun) - normalisers[c]);
                prior += begun * Logarithms[at];
            }
        }
        return prior;
    }

    private static void AddTo(Span<double> to, ReadOnlySpan<double> what)
    {
        // Sums of numbers side by side, so of the same bits at any width.
        var at = 0;
        for (; at <= to.Length - Vector<double>.Count; at += Vector<double>.Count)
            (new Vector<double>(to[at..]) + new Vector<double>(what[at..])).CopyTo(to[at..]);
        for (; at < to.Length; at++)
            to[at] += what[at];
    }
}
