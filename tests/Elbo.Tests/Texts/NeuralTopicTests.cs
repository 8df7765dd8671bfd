using Elbo.Compute;
using Elbo.Networks;
using Elbo.Texts;

namespace Elbo.Tests.Texts;

/// <summary>Topics by amortisation.</summary>
public class NeuralTopicTests
{
    [Fact]
    public void Topics_of_simulated_documents_are_found()
    {
        var counts = SimulatedTexts.Counts(600, 40);
        using var model = NeuralTopicModel.Fit(
            counts, SimulatedTexts.Letters, new() { Topics = 3, Hidden = [16] }, NeuralTopicModel.Usual with { Epochs = 60, Batch = 32, WarmUp = 10, LearningRate = 1e-2, Threads = 1 });
        Assert.Equal(["abcd", "efgh", "ijkl"], Enumerable.Range(0, 3).Select(t => string.Concat(model.TopWords(t, 4).Select(w => w.Text).Order())).Order());
        var shares = model.Shares(WordCounts.Of([[0, 1, 0, 1, 2, 0, 1, 0, 0, 1], [4, 5, 4, 4, 5, 6, 4, 5, 4, 4]], 12));
        Assert.All(shares, s => Assert.Equal(1, s.Sum(), 1e-9));
        Assert.NotEqual(Array.IndexOf(shares[0], shares[0].Max()), Array.IndexOf(shares[1], shares[1].Max()));
        // Better than words by their shares in all documents, which know nothing of a document.
        var totals = counts.WordTotals();
        var alike = totals.Sum(t => t * Math.Log(t / totals.Sum())) / counts.Documents;
        Assert.True(model.Vae.Evaluate(counts, 16).Bound.Elbo > alike + 5);
    }

    // Of ln shares under a Dirichlet prior the approximation has the mode and, by MacKay's formula, the curvature in the basis of the softmax.
    [Theory]
    [InlineData(3, 0.5)]
    [InlineData(10, 0.1)]
    public void The_prior_is_the_Laplace_approximation_of_a_Dirichlet(int topics, double concentration) =>
        Assert.Equal(
            1 / concentration * (1 - 2.0 / topics) + 1.0 / (topics * topics) * topics / concentration,
            Math.Pow(new TopicArchitecture(concentration, []).Scale(topics), 2), 1e-12);

    [Fact]
    public void The_words_of_a_document_are_independent_given_the_outputs_and_drawn_by_their_softmax()
    {
        var observation = new CountObservation(3, drawn: 20_000);
        var values = new float[3];
        float[] outputs = [MathF.Log(0.2f), MathF.Log(0.5f), MathF.Log(0.3f)];
        observation.Mean(outputs, values);
        Assert.Equal(10_000, values[1], 1.0f);
        observation.Draw(outputs, values, new RandomNumbers(1, 2));
        Assert.Equal(20_000, values.Sum());
        // Four standard deviations of a binomial number: 4·√(20,000 · ¼).
        Assert.InRange(values[1], 10_000 - 283, 10_000 + 283);
        Assert.Equal([0.25, 0.75, 0.025], observation.FirstOutputs([0.5, 1.5, 0])!.Select(o => Math.Exp(o)), (a, b) => Math.Abs(a - b) < 1e-6);
        var input = Tensor.Input("x", [1, 3]);
        var parameters = Tensor.Input("p", [1, 1, 3]);
        var density = observation.LogDensity(parameters, input, null);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([density]);
        ((ReadOnlySpan<float>)[2, 0, 1]).CopyTo(function.Input<float>(input));
        outputs.CopyTo(function.Input<float>(parameters));
        function.Run();
        Assert.Equal([2 * Math.Log(0.2), 0, Math.Log(0.3)], function.Output<float>(density).ToArray().Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_at_any_number_of_threads()
    {
        var counts = SimulatedTexts.Counts(60, 20);
        float[] Fit(int threads)
        {
            using var model = NeuralTopicModel.Fit(counts, SimulatedTexts.Letters, new() { Topics = 2, Hidden = [8] }, NeuralTopicModel.Usual with { Epochs = 3, Threads = threads });
            return [.. model.Vae.Variables.SelectMany(v => v.AsSpan<float>().ToArray())];
        }
        Assert.Equal(Fit(1), Fit(2));
    }

    [Fact]
    public void What_cannot_be_fitted_is_refused()
    {
        Assert.Contains("they must be as many", Assert.Throws<ArgumentException>(() => NeuralTopicModel.Fit(WordCounts.Of([[0]], 3), SimulatedTexts.Letters)).Message, StringComparison.Ordinal);
        Assert.Contains("concentration of topics is 0", Assert.Throws<ArgumentException>(() => NeuralTopicModel.Fit(SimulatedTexts.Counts(5, 5), SimulatedTexts.Letters, new() { Concentration = 0 })).Message, StringComparison.Ordinal);
    }
}
