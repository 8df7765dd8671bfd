using Elbo.Conjugate;
using Elbo.Texts;
using MathNet.Numerics;

namespace Elbo.Tests.Texts;

/// <summary>Latent Dirichlet allocation over sparse counts.</summary>
public class TopicModelTests
{
    private static readonly CoordinateOptions Options = new() { Starts = 3, Tolerance = 1e-4 };

    private static TopicModel Fit(WordCounts counts, CoordinateOptions? options = null, bool learns = false, double words = 0.1) =>
        new LatentDirichletAllocation(3) { LearnsConcentrations = learns, WordConcentration = words }.Fit(counts, SimulatedTexts.Letters, options ?? Options);

    private static IEnumerable<string> Found(TopicModel model) => Enumerable.Range(0, 3).Select(t => string.Concat(model.TopWords(t, 4).Select(w => w.Text).Order())).Order();

    [Fact]
    public void Topics_of_simulated_documents_are_found_and_read_in_new_ones()
    {
        var model = Fit(SimulatedTexts.Counts(150, 40));
        Assert.Equal(["abcd", "efgh", "ijkl"], Found(model));
        var ofA = Enumerable.Range(0, 3).Single(t => model.TopWords(t, 1)[0].Text is "a" or "b" or "c" or "d");
        var read = model.Infer(WordCounts.Of([[0, 1, 0, 2, 1, 0], []], 12));
        Assert.Equal(ofA, read.Dominant(0));
        Assert.True(read.Shares(0)[ofA] > 0.8);
        // Of no words the shares are the prior's, and nothing is lost.
        Assert.All(read.Shares(1), s => Assert.Equal(1.0 / 3, s, 1e-12));
        Assert.Equal(0, read.Bounds[1], 1e-12);
        // A Dirichlet distribution's standard deviation of shares of ⅓ with weights of ⅓: √(⅓ · ⅔/2).
        Assert.Equal(Math.Sqrt(2.0 / 9 / 2), read.Deviations(1)[0], 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_bound_never_falls(bool learns)
    {
        var model = Fit(SimulatedTexts.Counts(30, 15), Options with { Sweeps = 60, Tolerance = 1e-9 }, learns);
        foreach (var start in model.Starts)
        {
            Assert.True(start.History.Count > 5);
            Assert.All(start.History.Zip(start.History.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 1e-9, $"{pair}"));
        }
    }

    // The other implementation sums the same bound through expressions and their gradients, of counts: with the number of orders of the words.
    [Fact]
    public void The_bound_is_that_of_the_compiled_ascent()
    {
        var documents = SimulatedTexts.Documents(25, 12);
        var allocation = new LatentDirichletAllocation(3) { ShareConcentration = 0.7, WordConcentration = 0.4 };
        using var compiled = allocation.Fit(documents, SimulatedTexts.Letters.Tokens, new() { Starts = 8, Tolerance = 1e-7, Threads = 1 });
        var sparse = allocation.Fit(WordCounts.Of(documents, 12), SimulatedTexts.Letters, new() { Starts = 8, Tolerance = 1e-7 });
        var orders = documents.Sum(d => SpecialFunctions.FactorialLn(d.Length) - d.CountBy(w => w).Sum(c => SpecialFunctions.FactorialLn(c.Value)));
        Assert.Equal(compiled.Bound, sparse.Starts[0].Bound + orders, 1e-3);
    }

    // ln p of a tiny corpus by all topics of all its words, shares and words of topics integrated.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(0.5, 0.8)]
    public void The_bound_is_below_the_evidence_by_enumeration_and_near_it(double shares, double words)
    {
        int[][] documents = [[0, 0, 1], [2, 2, 1], [0, 2]];
        var flat = documents.SelectMany((d, i) => d.Select(w => (Document: i, Word: w))).ToArray();
        var evidence = double.NegativeInfinity;
        for (var assignment = 0; assignment < 1 << flat.Length; assignment++)
        {
            var (ofDocument, ofTopic) = (new double[3, 2], new double[2, 3]);
            for (var i = 0; i < flat.Length; i++)
            {
                ofDocument[flat[i].Document, assignment >> i & 1]++;
                ofTopic[assignment >> i & 1, flat[i].Word]++;
            }
            var log = 0.0;
            for (var d = 0; d < 3; d++)
                log += Polya([ofDocument[d, 0], ofDocument[d, 1]], shares);
            for (var k = 0; k < 2; k++)
                log += Polya([ofTopic[k, 0], ofTopic[k, 1], ofTopic[k, 2]], words);
            evidence = Math.Max(evidence, log) + Math.Log(1 + Math.Exp(-Math.Abs(evidence - log)));
        }
        var vocabulary = new Vocabulary(Tokeniser.Words, ["x", "y", "z"]);
        var model = new LatentDirichletAllocation(2) { ShareConcentration = shares, WordConcentration = words }.Fit(WordCounts.Of(documents, 3), vocabulary, Options with { Starts = 5 });
        Assert.InRange(model.Starts[0].Bound, evidence - 3, evidence);
    }

    // ln p of an order of draws with these counts, their probabilities integrated over a symmetric Dirichlet distribution.
    private static double Polya(double[] counts, double weight) => SpecialFunctions.GammaLn(weight * counts.Length) - SpecialFunctions.GammaLn(weight * counts.Length + counts.Sum())
        + counts.Sum(c => SpecialFunctions.GammaLn(weight + c) - SpecialFunctions.GammaLn(weight));

    [Fact]
    public void A_minibatch_of_everything_is_a_sweep()
    {
        var counts = SimulatedTexts.Counts(40, 20);
        var sweep = Fit(counts, Options with { Starts = 1, Sweeps = 1 });
        var step = Fit(counts, Options with { Starts = 1, Batch = 40, Epochs = 1, Forgetting = 0 });
        Assert.Equal(sweep.Starts[0].Bound, step.Starts[0].Bound, 1e-8);
        // Documents come in another order, so sums are rounded otherwise.
        Assert.All(sweep.WordWeights.ToArray().Zip(step.WordWeights.ToArray()), w => Assert.Equal(w.First, w.Second, 1e-10));
        var settled = Fit(counts, Options with { Starts = 1 }).Starts[0].Bound;
        Assert.InRange(Fit(counts, Options with { Starts = 1, Batch = 40, Epochs = 200, Forgetting = 0 }).Starts[0].Bound, settled - 0.01, settled + 5);
    }

    [Fact]
    public void Minibatches_come_near_the_bound_of_sweeps()
    {
        var counts = SimulatedTexts.Counts(300, 30);
        var (sweeps, steps) = (Fit(counts), Fit(counts, Options with { Batch = 32, Epochs = 20 }));
        Assert.InRange(steps.Starts[0].Bound, sweeps.Starts[0].Bound - 100, sweeps.Starts[0].Bound + 5);
        Assert.Equal(["abcd", "efgh", "ijkl"], Found(steps));
    }

    [Fact]
    public void Learned_concentrations_are_those_that_documents_were_drawn_with_and_explain_others_better()
    {
        double[] drawn = [1.5, 0.5, 0.2];
        var counts = SimulatedTexts.Counts(800, 60, concentrations: drawn);
        var (learned, fixedOnes) = (Fit(counts, learns: true, words: 1), Fit(counts));
        foreach (var (k, concentration) in learned.ShareConcentrations.Index())
        {
            var topic = learned.TopWords(k, 1)[0].Number / 4;
            Assert.InRange(concentration, drawn[topic] * 0.75, drawn[topic] * 1.35);
        }
        var others = SimulatedTexts.Counts(200, 20, seed: 9, concentrations: drawn);
        Assert.True(learned.PerWordBound(others) > fixedOnes.PerWordBound(others));
        Assert.True(learned.Starts[0].Bound > fixedOnes.Starts[0].Bound);
    }

    // Of one document and topics all but known, ln p is an integral over the share of one of two topics.
    [Fact]
    public void The_bound_of_a_new_document_is_below_its_probability_by_quadrature_and_near_it()
    {
        double[] first = [0.6, 0.3, 0.1], second = [0.1, 0.2, 0.7];
        var sure = 1e9;
        var model = new TopicModel(new(Tokeniser.Words, ["x", "y", "z"]), [.. first.Zip(second, (a, b) => new[] { a * sure, b * sure }).SelectMany(p => p)], [1, 1], 0.1, [1, 1, 1], [0]);
        int[] document = [0, 0, 1, 2];
        const int Points = 20_000;
        var exact = Math.Log(Enumerable.Range(0, Points).Average(i =>
        {
            var share = (i + 0.5) / Points;
            return document.Aggregate(1.0, (p, w) => p * (share * first[w] + (1 - share) * second[w]));
        }));
        Assert.InRange(model.Infer(WordCounts.Of([document], 3)).Bounds[0], exact - 0.4, exact);
        Assert.Equal(Math.Exp(-model.PerWordBound(WordCounts.Of([document], 3))), model.Perplexity(WordCounts.Of([document], 3)), 1e-12);
    }

    [Fact]
    public void Words_are_ordered_by_probability_lift_or_between()
    {
        // Of 100 words, x is half of all and as much of the topic; y is rare and only of it.
        var model = new TopicModel(new(Tokeniser.Words, ["x", "y", "z"]), [50, 40, 30, 0.1, 20, 60], [1, 1], 0.1, [90, 30, 80], [0]);
        Assert.Equal(["x", "y", "z"], model.TopWords(0).Select(w => w.Text));
        Assert.Equal("y", model.TopWords(0, order: WordOrder.Lift)[0].Text);
        Assert.Equal(0.3 / (30 / 200.0), model.TopWords(0, order: WordOrder.Lift)[0].Lift, 1e-12);
        // 0.6 ln ½ + 0.4 ln (0.5/0.45) against 0.6 ln 0.3 + 0.4 ln 2.
        Assert.Equal("x", model.TopWords(0, order: WordOrder.Relevance)[0].Text);
        Assert.Equal(["x", "z"], model.TopWords(1, order: WordOrder.Lift).Select(w => w.Text).Order());
    }

    [Fact]
    public void Documents_unlike_those_of_the_fit_are_flagged_with_their_least_expected_word()
    {
        var model = Fit(SimulatedTexts.Counts(300, 30));
        // One letter of each topic over and over is what no document of the fit has; the fourth letters are the rarest.
        var scores = model.Score(WordCounts.Of([[.. Enumerable.Repeat(0, 14), .. Enumerable.Repeat(1, 14), 11], [.. Enumerable.Repeat(new[] { 3, 7, 11 }, 10).SelectMany(w => w)], []], 12));
        Assert.False(scores[0].IsUnusual);
        Assert.Equal("l", scores[0].Word);
        Assert.True(scores[1].IsUnusual);
        Assert.True(scores[1].Quantile < 0.01 && scores[1].Evidence < scores[0].Evidence);
        Assert.True(double.IsNaN(scores[2].Evidence) && !scores[2].IsUnusual);
        // Of the documents of the fit themselves about the share that was asked for is flagged.
        Assert.InRange(model.Score(SimulatedTexts.Counts(300, 30), 0.1).Count(s => s.IsUnusual), 25, 35);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        var counts = SimulatedTexts.Counts(30, 20);
        Assert.Equal(Fit(counts).WordWeights.ToArray(), Fit(counts).WordWeights.ToArray());
        Assert.NotEqual(Fit(counts).WordWeights.ToArray(), Fit(counts, Options with { Seed = 2 }).WordWeights.ToArray());
    }

    [Fact]
    public void What_cannot_be_fitted_is_refused()
    {
        var allocation = new LatentDirichletAllocation(2);
        var letters = SimulatedTexts.Letters;
        Assert.Contains("the vocabulary has 12", Assert.Throws<ArgumentException>(() => allocation.Fit(WordCounts.Of([[0]], 3), letters)).Message, StringComparison.Ordinal);
        Assert.Contains("No document has a word", Assert.Throws<ArgumentException>(() => allocation.Fit(WordCounts.Of([[], []], 12), letters)).Message, StringComparison.Ordinal);
        Assert.Contains("fitted by distributions", Assert.Throws<ArgumentException>(() => allocation.Fit(WordCounts.Of([[0]], 12), letters, Options with { Estimation = Estimation.Mode })).Message, StringComparison.Ordinal);
        Assert.Contains("sparse counts only", Assert.Throws<ArgumentException>(() => new LatentDirichletAllocation(2) { LearnsConcentrations = true }.Fit([["a", "b"]])).Message, StringComparison.Ordinal);
        Assert.Contains("the model knows 12", Assert.Throws<ArgumentException>(() => Fit(SimulatedTexts.Counts(10, 10)).Infer(WordCounts.Of([[0]], 3))).Message, StringComparison.Ordinal);
    }
}
