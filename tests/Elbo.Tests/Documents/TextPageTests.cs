using Elbo.Conjugate;
using Elbo.Texts;

namespace Elbo.Tests.Documents;

/// <summary>docs/texts.md against the library: its code stands here, is compiled and run.</summary>
public class TextPageTests
{
    private static readonly string[][] Subjects = [["ball", "game", "team", "goal", "coach"], ["tax", "vote", "law", "party", "minister"]];

    [Fact]
    public void Its_code_runs()
    {
        string[] texts = [.. Enumerable.Range(0, 60).Select(i => string.Join(' ', Enumerable.Range(0, 12).Select(j => Subjects[i % 2][(i * 7 + j * j) % 5])) + " the end")];
        string[] questions = texts;
        string?[] labels = [.. texts.Select((_, i) => i < 20 ? Subjects[i % 2][0] : null)];
        // Begin.
        var vocabulary = Vocabulary.Of(texts, new() { MinimumTexts = 2, MaximumShare = 0.5 });
        var counts = vocabulary.CountsOf(texts);
        Console.WriteLine($"{counts.Total} words of {vocabulary.Count} different ones; {counts.Unknown} not counted");
        // End.
        Assert.Equal((10, 720.0, 120L), (vocabulary.Count, counts.Total, counts.Unknown));

        // Begin.
        var model = new LatentDirichletAllocation(topics: 2) { LearnsConcentrations = true }.Fit(counts, vocabulary);
        for (var k = 0; k < model.Topics; k++)
            Console.WriteLine($"{model.TopicShares[k]:P0} {string.Join(", ", model.TopWords(k, 5, WordOrder.Relevance).Select(w => w.Text))}, coherence {model.Coherence(k, counts, words: 4):F2}");

        var read = model.Infer(vocabulary.CountsOf(["a vote on the tax law"]));
        Console.WriteLine($"mostly topic {read.Dominant(0)}: {read.Shares(0)[read.Dominant(0)]:F2} ± {read.Deviations(0)[read.Dominant(0)]:F2}");
        // End.
        Assert.Contains(model.TopWords(read.Dominant(0), 1)[0].Text, Subjects[1]);

        // Begin.
        using var neural = NeuralTopicModel.Fit(counts, vocabulary, new() { Topics = 2 }, NeuralTopicModel.Usual with { Epochs = 20 });
        Console.WriteLine(string.Join(", ", neural.TopWords(0, 5, WordOrder.Lift).Select(w => w.Text)));
        // End.
        Assert.Equal(2, neural.Vae.Network.Latent);

        // Begin.
        var router = TextClassifier.Fit(questions, labels);
        var classes = router.Classify(["where is the card that I ordered"]);
        var (label, probability) = classes.Best(0);
        Console.WriteLine($"{router.Classes[label]} with probability {probability:F2}");
        if (router.ThresholdFor(risk: 0.05) is { } least)
            Console.WriteLine($"to be wrong in at most 5 % of answers, abstain below {least:F2}");
        // End.
        Assert.True(router.ThresholdFor(0.05) is > 0 and <= 1);
        PageCode.StandsOn("TextPageTests.cs", "texts.md");
    }
}
