using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Texts;

/// <summary>What a <see cref="NeuralTopicModel"/> is made of.</summary>
public sealed record NeuralTopicOptions
{
    /// <summary>How many topics.</summary>
    public int Topics { get; init; } = 10;

    /// <summary>The weight of each topic in the Dirichlet prior of a document's shares; null for 1/topics.</summary>
    public double? Concentration { get; init; }

    /// <summary>Sizes of the hidden layers of the encoder.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [100];

    /// <summary>The family of q(z|x).</summary>
    public CodePosterior Posterior { get; init; } = CodePosterior.Diagonal;

    /// <summary>Decides everything random.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// Topics by amortisation (ProdLDA: Srivastava and Sutton, 2017): an autoencoder whose decoder is a product of experts over words, with all objectives,
/// budgets and instruments of other autoencoders; documents are filled in batch by batch from their sparse counts.
/// </summary>
public sealed class NeuralTopicModel : IDisposable
{
    private readonly TopicArchitecture _architecture;
    private readonly int _topics;

    private NeuralTopicModel(Vae vae, Vocabulary vocabulary, TopicArchitecture architecture, int topics) => (Vae, Vocabulary, _architecture, _topics) = (vae, vocabulary, architecture, topics);

    /// <summary>How it is trained where nothing else is said: large steps with a long warm-up, which is what keeps topics from collapsing into one.</summary>
    public static TrainingOptions Usual { get; } = new() { Epochs = 100, Batch = 128, LearningRate = 5e-3, Patience = 20, WarmUp = 30, WeightDecay = 0, Decay = RateDecay.Cosine };

    /// <summary>The autoencoder.</summary>
    public Vae Vae { get; }

    /// <summary>The words.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>How many topics.</summary>
    public int Topics => _topics;

    /// <summary>Fits topics to documents.</summary>
    /// <param name="counts">The documents.</param>
    /// <param name="vocabulary">What the numbers of words mean.</param>
    /// <param name="options">The parts of the model.</param>
    /// <param name="training">How it is trained; null for <see cref="Usual"/>.</param>
    /// <param name="progress">Told of each epoch; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">Counts and vocabulary do not belong together, or an option is out of range.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static NeuralTopicModel Fit(
        WordCounts counts, Vocabulary vocabulary, NeuralTopicOptions? options = null, TrainingOptions? training = null, Func<EpochReport, bool>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(vocabulary);
        (options, training) = (options ?? new(), training ?? Usual);
        if (counts.Vocabulary != vocabulary.Count)
            throw new ArgumentException($"The counts are of {counts.Vocabulary} words and the vocabulary has {vocabulary.Count}; they must be as many.", nameof(vocabulary));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Topics, 2, nameof(options));
        var architecture = new TopicArchitecture(options.Concentration ?? 1.0 / options.Topics, options.Hidden);
        architecture.Check();
        var observation = new CountObservation(vocabulary.Count);
        var setting = new LatentSetting(RowShape.Vector(vocabulary.Count), observation.FeatureCount, observation.ParameterCount, new RandomNumbers(options.Seed, (ulong)RandomUse.Weights));
        var vae = new Vae(new EncoderDecoder(setting, options.Topics, architecture, options.Posterior, CodePrior.StandardNormal, 1), observation, options.Seed, training.Threads);
        try
        {
            vae.Train(counts, training, progress: progress);
            return new(vae, vocabulary, architecture, options.Topics);
        }
        catch
        {
            vae.Dispose();
            throw;
        }
    }

    /// <summary>The shares of topics in documents, at the mean of q(z|x): [documents][topics].</summary>
    public double[][] Shares(WordCounts documents)
    {
        var scale = _architecture.Scale(_topics);
        return [.. Vae.Encode(documents).Means.Select(mean =>
        {
            double[] powers = [.. mean.Select(m => Math.Exp(scale * (m - mean.Max())))];
            return Array.ConvertAll(powers, p => p / powers.Sum());
        })];
    }

    /// <summary>The first words of a topic: those that it makes more probable than they are in all documents, by the most, or the most probable in a document of this topic alone.</summary>
    /// <param name="topic">The topic, from 0.</param>
    /// <param name="count">How many words.</param>
    /// <param name="order">By lift, or by probability.</param>
    public IReadOnlyList<TopicWord> TopWords(int topic, int count = 10, WordOrder order = WordOrder.Probability)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)topic, (uint)_topics, nameof(topic));
        var words = Vocabulary.Count;
        var said = Weights("decoder.topics").AsSpan(topic * words, words).ToArray();
        var common = Weights("decoder.bias");
        var (alone, all) = (Normalised([.. said.Zip(common, (s, c) => s + c)]), Normalised(common));
        return [.. Enumerable.Range(0, words).Select(w => new TopicWord(w, Vocabulary.Tokens[w], Math.Exp(alone[w]), Math.Exp(alone[w] - all[w])))
            .OrderByDescending(w => order switch
            {
                WordOrder.Lift => w.Lift,
                WordOrder.Relevance => 0.6 * Math.Log(w.Probability) + 0.4 * Math.Log(w.Lift),
                _ => w.Probability,
            }).ThenBy(w => w.Number).Take(count)];
    }

    /// <summary>Lets memory and threads go.</summary>
    public void Dispose() => Vae.Dispose();

    private double[] Weights(string name) => Array.ConvertAll(Vae.Variables.Single(v => v.Name == name).AsSpan<float>().ToArray(), w => (double)w);

    private static double[] Normalised(double[] logs)
    {
        var greatest = logs.Max();
        var sum = greatest + Math.Log(logs.Sum(l => Math.Exp(l - greatest)));
        return Array.ConvertAll(logs, l => l - sum);
    }
}
