using Elbo.Compute;
using Elbo.Texts;

namespace Elbo.Tests.Texts;

/// <summary>Naive Bayes with labels that are latent where they are not known.</summary>
public class TextClassifierTests
{
    private static readonly TextView Plain = new("words", new() { MinimumTexts = 1 }, 1, 2);

    private static TextClassifierOptions One(double unlabelled, int sweeps = 8) => new() { Views = [Plain], UnlabelledWeights = [unlabelled], Folds = 0, Sweeps = sweeps };

    // Of a class most words are its own three; two more are of all.
    private static (string[] Texts, string[] Labels) Simulated(int count, ulong seed = 1)
    {
        var random = new RandomNumbers(seed, 5);
        var (texts, labels) = (new string[count], new string[count]);
        for (var i = 0; i < count; i++)
        {
            var c = i % 3;
            labels[i] = $"class {c}";
            texts[i] = string.Join(' ', Enumerable.Range(0, 4).Select(_ => random.NextUniform() < 0.55 ? $"own{c}{random.NextBelow(12)}" : $"all{random.NextBelow(20)}"));
        }
        return (texts, labels);
    }

    // The probability of all texts is the sum over all labels of the unlabelled of that with these labels.
    [Fact]
    public void What_is_maximised_is_the_sum_over_all_assignments_of_labels()
    {
        string[] texts = ["a b", "c d", "a c", "b", "d d a"];
        string?[] labels = ["x", "y", null, null, null];
        var model = TextClassifier.Fit(texts, labels, One(unlabelled: 1, sweeps: 4));
        var vocabulary = model.Vocabularies[0];
        var logs = model.TokenLogarithms(0).ToArray();
        var counts = vocabulary.CountsOf(texts).Presence();
        double Joint(int text, int label)
        {
            var log = model.LogPrior[label];
            foreach (var token in counts.WordsOf(text))
                log += logs[token * 2 + label];
            return log;
        }
        var sum = 0.0;
        for (var assignment = 0; assignment < 8; assignment++)
            sum += Math.Exp(Joint(0, 0) + Joint(1, 1) + Enumerable.Range(0, 3).Sum(i => Joint(2 + i, assignment >> i & 1)));
        var totals = counts.WordTotals();
        var prior = Enumerable.Range(0, vocabulary.Count).Sum(w => 2 * totals[w] / totals.Sum() * (logs[w * 2] + logs[w * 2 + 1]));
        Assert.Equal(Math.Log(sum) + prior, model.History[^1], 1e-10);
        // The posterior of a text is its share of the sum.
        Assert.Equal(1 / (1 + Math.Exp(Joint(2, 1) - Joint(2, 0))), model.Classify(texts)[2, 0], 1e-10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.2)]
    public void It_never_falls(double unlabelled)
    {
        var (texts, labels) = Simulated(90);
        string?[] few = [.. labels.Select((l, i) => i < 9 ? l : null)];
        var model = TextClassifier.Fit(texts, few, new() { UnlabelledWeights = [unlabelled], Folds = 0, Sweeps = 20 });
        Assert.True(model.History.Count > 4);
        Assert.All(model.History.Zip(model.History.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 1e-8));
    }

    [Fact]
    public void Probabilities_of_labelled_texts_alone_are_their_counts_and_the_prior()
    {
        var model = TextClassifier.Fit(["a b", "a", "c"], ["x", "x", "y"], One(unlabelled: 0));
        // Tokens a, b and c are 2, 1 and 1 of 4, so the prior of 2 begins them with 1, ½ and ½.
        double[] expected = [3 / 5.0, 1.5 / 5, 0.5 / 5];
        Assert.All(expected.Index(), e => Assert.Equal(e.Item, Math.Exp(model.TokenLogarithms(0)[e.Index * 2]), 1e-12));
        // Of no known token there is the prior of classes, each counted once more than it is: 3/5.
        Assert.Equal(0.6, model.Classify(["z"])[0, 0], 1e-12);
    }

    [Fact]
    public void Unlabelled_texts_teach_it_words_that_labelled_ones_lack_and_it_is_as_sure_as_it_is_right()
    {
        var (texts, labels) = Simulated(600);
        var (tests, truth) = Simulated(300, seed: 2);
        string?[] few = [.. labels.Select((l, i) => i < 30 ? l : null)];
        var options = new TextClassifierOptions { Views = [Plain], UnlabelledWeights = [0, 0.2] };
        double Accuracy(TextClassifier model) => tests.Index().Count(t => model.Classes[model.Classify([t.Item]).Best(0).Label] == truth[t.Index]) / 300.0;
        var (alone, all) = (TextClassifier.Fit(texts, few, One(0)), TextClassifier.Fit(texts, few, options));
        Assert.Equal(0.2, all.UnlabelledWeight);
        Assert.True(Accuracy(all) > Accuracy(alone) + 0.03, $"{Accuracy(all)} against {Accuracy(alone)}");
        Assert.Equal(30, all.Hidden.Count);
        var classes = all.Classify(tests);
        var confidence = Enumerable.Range(0, 300).Average(i => classes.Best(i).Probability);
        Assert.Equal(Accuracy(all), confidence, 0.12);
        var threshold = all.ThresholdFor(0.1)!.Value;
        Assert.True(all.Hidden.Where(h => h.Probability >= threshold).Average(h => h.IsRight ? 0.0 : 1) <= 0.1);
        var answered = Enumerable.Range(0, 300).Where(i => classes.Best(i).Probability >= threshold).ToList();
        Assert.True(answered.Count(i => all.Classes[classes.Best(i).Label] != truth[i]) < 0.25 * answered.Count);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        var (texts, labels) = Simulated(60);
        string?[] few = [.. labels.Select((l, i) => i < 12 ? l : null)];
        TextClassifier Fit() => TextClassifier.Fit(texts, few, new() { UnlabelledWeights = [0.2], Folds = 2 });
        Assert.Equal(Fit().TokenLogarithms(0).ToArray(), Fit().TokenLogarithms(0).ToArray());
        Assert.Equal(Fit().Calibration, Fit().Calibration);
    }

    [Fact]
    public void What_cannot_be_fitted_is_refused()
    {
        Assert.Contains("1 classes (x)", Assert.Throws<ArgumentException>(() => TextClassifier.Fit(["a", "a"], ["x", null])).Message, StringComparison.Ordinal);
        Assert.Contains("2 texts and 1 labels", Assert.Throws<ArgumentException>(() => TextClassifier.Fit(["a", "a"], ["x"])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextView("w", new(), 0, 1));
        Assert.Throws<ArgumentException>(() => new TextClassifierOptions { UnlabelledWeights = [2] });
    }
}
