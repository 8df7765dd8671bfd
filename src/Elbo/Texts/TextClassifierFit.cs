using Elbo.Classification;
using Elbo.Compute;
using Elbo.Recording;

namespace Elbo.Texts;

/// <summary>Expectation-maximisation of a <see cref="TextClassifier"/>, and the fits with hidden labels that say how sure it may be.</summary>
internal sealed class TextClassifierFit
{
    // What a sweep gains is little if it is less, relative to what is maximised.
    private const double Settled = 1e-5;

    // In the place of a label: not there at all. A hidden text that counted as unlabelled would confirm whatever class it was first taken for, as no new text does.
    private const int LeftOut = -2;

    private readonly IReadOnlyList<Vocabulary> _vocabularies;
    private readonly WordCounts[] _counts;
    private readonly int[] _labels;
    private readonly string[] _classes;
    private readonly TextClassifierOptions _options;
    private readonly double[][] _means;

    public TextClassifierFit(IReadOnlyList<Vocabulary> vocabularies, IReadOnlyList<string> texts, int[] labels, string[] classes, TextClassifierOptions options)
    {
        (_vocabularies, _labels, _classes, _options) = (vocabularies, labels, classes, options);
        // That a token is there says what there is to say: short texts repeat little but what means nothing.
        _counts = [.. vocabularies.Select(v => v.CountsOf(texts).Presence())];
        _means = [.. _counts.Select(c => c.WordTotals()).Select(t => Array.ConvertAll(t, n => n / t.Sum()))];
    }

    /// <summary>Where a fit ended.</summary>
    public sealed record Point(TokenClasses[] Tokens, double[] LogPrior, IReadOnlyList<double> History);

    public TextClassifier Run()
    {
        var folds = _options.Folds == 0 ? [] : Deal();
        if (folds.Count < 2)
            return TextClassifier.Of(Fit(_labels, _options.UnlabelledWeights[^1], _options.Recorder), _classes, _vocabularies, _options.UnlabelledWeights[^1]);
        var trials = _options.UnlabelledWeights.Select(weight => (Weight: weight, Hidden: HideAndFit(folds, weight))).ToList();
        var chosen = trials.MinBy(t => t.Hidden.Calibration.LogLoss);
        return TextClassifier.Of(Fit(_labels, chosen.Weight, _options.Recorder), _classes, _vocabularies, chosen.Weight).Calibrated(chosen.Hidden.Calibration, chosen.Hidden.Answers);
    }

    /// <summary>Expectation-maximisation.</summary>
    /// <param name="labels">The label of each text; −1 where it is not known, <see cref="LeftOut"/> where the text is to play no part.</param>
    /// <param name="unlabelled">What an unlabelled text counts.</param>
    /// <param name="recorder">Who is told of the sweeps.</param>
    private Point Fit(int[] labels, double unlabelled, IProgress<FitEvent>? recorder = null)
    {
        var logPrior = LogPrior(labels);
        TokenClasses[] tokens = [.. _options.Views.Select((v, i) => new TokenClasses(_classes.Length, v.Weight, v.Concentration, _means[i]))];
        // It begins with what labelled texts say alone.
        var prior = Maximise(tokens, labels, 0, shares: null);
        var (history, shares) = (new List<double>(), new double[labels.Length][]);
        while (true)
        {
            history.Add(prior + Expect(tokens, logPrior, labels, unlabelled, shares));
            recorder?.Report(new SweepEnded(history.Count, 1, history[^1]));
            if (unlabelled == 0 || history.Count > _options.Sweeps || (history.Count > 1 && history[^1] - history[^2] < Settled * Math.Abs(history[^1])))
                return new(tokens, logPrior, history);
            prior = Maximise(tokens, labels, unlabelled, shares);
        }
    }

    /// <summary>The classes of unlabelled texts given the tokens: p(class|text); gives ln p of all texts.</summary>
    private double Expect(TokenClasses[] tokens, double[] logPrior, int[] labels, double unlabelled, double[][] shares)
    {
        var sum = 0.0;
        for (var text = 0; text < labels.Length; text++)
        {
            if (labels[text] == LeftOut || (labels[text] < 0 && unlabelled == 0))
                continue;
            var logarithms = shares[text] ??= new double[_classes.Length];
            logPrior.CopyTo(logarithms.AsSpan());
            for (var view = 0; view < tokens.Length; view++)
                tokens[view].AddEvidence(_counts[view], text, logarithms);
            sum += labels[text] >= 0 ? logarithms[labels[text]] : unlabelled * Normalise(logarithms);
        }
        return sum;
    }

    private double Maximise(TokenClasses[] tokens, int[] labels, double unlabelled, double[][]? shares)
    {
        var (prior, one) = (0.0, new double[_classes.Length]);
        for (var view = 0; view < tokens.Length; view++)
        {
            tokens[view].Forget();
            for (var text = 0; text < labels.Length; text++)
            {
                if (labels[text] == LeftOut || (labels[text] < 0 && (shares is null || unlabelled == 0)))
                    continue;
                for (var c = 0; c < one.Length; c++)
                    one[c] = labels[text] < 0 ? unlabelled * shares![text][c] : labels[text] == c ? 1 : 0;
                tokens[view].Count(_counts[view], text, one);
            }
            prior += tokens[view].Maximise();
        }
        return prior;
    }

    // ln Σ exp, and exp of what is left of it.
    private static double Normalise(Span<double> logarithms)
    {
        var (greatest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var logarithm in logarithms)
            greatest = Math.Max(greatest, logarithm);
        foreach (ref var logarithm in logarithms)
        {
            logarithm = Math.Exp(logarithm - greatest);
            sum += logarithm;
        }
        foreach (ref var share in logarithms)
            share /= sum;
        return greatest + Math.Log(sum);
    }

    // As frequent as among the labelled, each counted once more than it is.
    private double[] LogPrior(int[] labels)
    {
        var counts = new double[_classes.Length];
        Array.Fill(counts, 1);
        foreach (var label in labels.Where(l => l >= 0))
            counts[label]++;
        return [.. counts.Select(c => Math.Log(c / counts.Sum()))];
    }

    private (LabelCalibration Calibration, IReadOnlyList<(double, bool)> Answers) HideAndFit(List<int[]> folds, double weight)
    {
        var (logarithms, labels, foldOf) = (new List<double[]>(), new List<int>(), new List<int>());
        foreach (var (fold, hidden) in folds.Index())
        {
            var isHidden = hidden.ToHashSet();
            var point = Fit([.. _labels.Select((l, text) => isHidden.Contains(text) ? LeftOut : l)], weight);
            foreach (var text in hidden)
            {
                double[] evidence = [.. point.LogPrior];
                for (var view = 0; view < point.Tokens.Length; view++)
                    point.Tokens[view].AddEvidence(_counts[view], text, evidence);
                logarithms.Add(evidence);
                labels.Add(_labels[text]);
                foldOf.Add(fold);
            }
        }
        var raw = new ClassProbabilities(logarithms);
        var calibration = LabelCalibration.Of(raw, labels, foldOf);
        var scaled = raw.At(calibration.Temperature);
        return (calibration, [.. labels.Select((label, row) => (scaled.Best(row).Probability, scaled.Best(row).Label == label))]);
    }

    // The texts of each class are dealt one after another, so that each part has about as many of them.
    private List<int[]> Deal()
    {
        int[] labelled = [.. Enumerable.Range(0, _labels.Length).Where(t => _labels[t] >= 0)];
        new RandomNumbers(_options.Seed, 0x5443_0000).Shuffle<int>(labelled);
        int[] inClasses = [.. labelled.OrderBy(t => _labels[t])];
        return [.. Enumerable.Range(0, Math.Min(_options.Folds, inClasses.Length)).Select(fold => inClasses.Where((_, i) => i % _options.Folds == fold).ToArray()).Where(f => f.Length > 0)];
    }
}
