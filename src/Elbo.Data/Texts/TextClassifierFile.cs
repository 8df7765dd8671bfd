using System.Text.Json.Nodes;
using Elbo.Texts;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>All that the file of a classifier of texts holds.</summary>
public sealed record TextClassifierFile : TextModelFile
{
    internal const string KindName = "text-classifier";
    private const string Prior = "classes.logPrior";
    private const string Confidence = "hidden.probability";
    private const string Right = "hidden.isRight";

    /// <summary>The file of a fitted classifier.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="labelColumn">The column of the labels.</param>
    /// <param name="textColumn">The column of the texts.</param>
    /// <param name="documents">How many texts it was fitted to.</param>
    /// <param name="labelled">How many of them had labels.</param>
    /// <param name="fingerprint">Tells them from others.</param>
    /// <param name="seed">The seed of the fit.</param>
    /// <param name="seconds">How long it took.</param>
    public TextClassifierFile(TextClassifier model, string labelColumn, string? textColumn, int documents, int labelled, string fingerprint, ulong seed, double seconds)
        : base(textColumn, documents, Tensors(model), fingerprint, seed, seconds)
    {
        (Model, LabelColumn, Labelled) = (model, labelColumn, labelled);
        Calibration = model.Calibration;
    }

    /// <summary>The classifier.</summary>
    public TextClassifier Model { get; }

    /// <summary>The column of the labels.</summary>
    public string LabelColumn { get; }

    /// <summary>How many texts had labels.</summary>
    public int Labelled { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => Model.Classes;

    /// <inheritdoc/>
    /// <remarks>The label is what is latent.</remarks>
    public override int Latent => 1;

    private protected override string Kind => KindName;

    private protected override void Describe(JsonObject json)
    {
        var texts = About();
        texts["label"] = LabelColumn;
        texts["labelled"] = Labelled;
        texts["classes"] = VocabularyJson.Array(Model.Classes);
        texts["views"] = new JsonArray([.. Model.Vocabularies.Select(v => (JsonNode?)VocabularyJson.Of(v))]);
        texts["unlabelledWeight"] = JsonNumber.Of(Model.UnlabelledWeight);
        json["texts"] = texts;
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    internal static TextClassifierFile Read(JsonObject json, Parts parts)
    {
        var (column, documents, seed) = AboutOf(json);
        var texts = json["texts"];
        Vocabulary[] views = [.. RequiredJson.List(texts, "views").Select(VocabularyJson.Read)];
        try
        {
            var model = TextClassifier.Of(
                RequiredJson.Texts(texts, "classes"), Numbers(parts.Weights, Prior), views, [.. views.Select((_, i) => Numbers(parts.Weights, View(i)))],
                JsonNumber.Get(texts, "unlabelledWeight"), parts.Calibration, [.. Numbers(parts.Weights, Confidence).Zip(Numbers(parts.Weights, Right), (p, right) => (p, right == 1))]);
            return new(model, RequiredJson.Get<string>(texts, "label"), column, documents, RequiredJson.Get<int>(texts, "labelled"), parts.Fingerprint, seed, parts.Seconds);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static string View(int view) => $"view{view + 1}.logarithms";

    private static NamedTensor[] Tensors(TextClassifier model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return
        [
            Numbers(Prior, [.. model.LogPrior], model.Classes.Count),
            .. model.Vocabularies.Select((v, i) => Numbers(View(i), model.TokenLogarithms(i), v.Count, model.Classes.Count)),
            Numbers(Confidence, [.. model.Hidden.Select(h => h.Probability)], model.Hidden.Count),
            Numbers(Right, [.. model.Hidden.Select(h => h.IsRight ? 1.0 : 0)], model.Hidden.Count),
        ];
    }
}
