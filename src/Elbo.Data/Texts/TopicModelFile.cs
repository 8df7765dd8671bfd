using System.Text.Json.Nodes;
using Elbo.Texts;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>All that the file of a model of topics holds.</summary>
public sealed record TopicModelFile : TextModelFile
{
    internal const string KindName = "topics";
    private const string Words = "topics.words";
    private const string Shares = "topics.shares";
    private const string Totals = "topics.totals";
    private const string Evidence = "topics.evidence";

    /// <summary>The file of a fitted model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="coherence">Of each topic the coherence of its ten most probable words over the documents of the fit; null for one that has none.</param>
    /// <param name="textColumn">The column of the texts; null for a folder of them.</param>
    /// <param name="documents">How many documents it was fitted to.</param>
    /// <param name="fingerprint">Tells them from others.</param>
    /// <param name="seed">The seed of the fit.</param>
    /// <param name="seconds">How long it took.</param>
    public TopicModelFile(TopicModel model, IReadOnlyList<double> coherence, string? textColumn, int documents, string fingerprint, ulong seed, double seconds)
        : base(textColumn, documents, Tensors(model), fingerprint, seed, seconds) => (Model, Coherence) = (model, coherence);

    /// <summary>The model.</summary>
    public TopicModel Model { get; }

    /// <summary>Of each topic the coherence of its ten most probable words over the documents of the fit, from −1 to 1; not a number where it has none.</summary>
    public IReadOnlyList<double> Coherence { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => [];

    /// <inheritdoc/>
    public override int Latent => Model.Topics;

    private protected override string Kind => KindName;

    private protected override void Describe(JsonObject json)
    {
        var texts = About();
        texts["vocabulary"] = VocabularyJson.Of(Model.Vocabulary);
        texts["wordConcentration"] = JsonNumber.Of(Model.WordConcentration);
        texts["bound"] = JsonNumber.Of(Model.Starts.Count > 0 ? Model.Starts[0].Bound : Bound);
        texts["coherence"] = new JsonArray([.. Coherence.Select(c => (JsonNode?)JsonNumber.Of(c))]);
        json["texts"] = texts;
    }

    /// <summary>The bound that was maximised, nats, total, of the words of documents in their order.</summary>
    public double Bound { get => Model.Starts.Count > 0 ? Model.Starts[0].Bound : field; private init; } = double.NaN;

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    internal static TopicModelFile Read(JsonObject json, Parts parts)
    {
        var (column, documents, seed) = AboutOf(json);
        var texts = json["texts"];
        try
        {
            var model = new TopicModel(
                VocabularyJson.Read(texts!["vocabulary"]), Numbers(parts.Weights, Words), Numbers(parts.Weights, Shares), JsonNumber.Get(texts, "wordConcentration"),
                Numbers(parts.Weights, Totals), Numbers(parts.Weights, Evidence));
            double[] coherence = [.. RequiredJson.List(texts, "coherence").Select(c => JsonNumber.Get(new JsonObject { ["c"] = c?.DeepClone() }, "c"))];
            if (coherence.Length != model.Topics)
                throw new FormatException($"there are {model.Topics} topics and {coherence.Length} coherences.");
            return new(model, coherence, column, documents, parts.Fingerprint, seed, parts.Seconds) { Bound = JsonNumber.Get(texts, "bound") };
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static NamedTensor[] Tensors(TopicModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return
        [
            Numbers(Words, model.WordWeights, model.Vocabulary.Count, model.Topics), Numbers(Shares, [.. model.ShareConcentrations], model.Topics),
            Numbers(Totals, model.WordTotals, model.Vocabulary.Count), Numbers(Evidence, [.. model.EvidenceQuantiles], model.EvidenceQuantiles.Count),
        ];
    }
}
