using System.Text.Json.Nodes;
using Elbo.Diffusion;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>All that the file of a diffusion model of images holds.</summary>
/// <param name="Description">The model apart from its weights.</param>
/// <param name="Weights">The weights of the best epoch.</param>
/// <param name="Fingerprint">Tells the images that it was fitted to from others: <see cref="ImageModelFile.FingerprintOf"/>.</param>
/// <param name="Stand">Where its training stands, for going on; null where that is not wanted.</param>
/// <param name="Result">What the fit came to; null while it has not ended.</param>
/// <param name="Seconds">How long training took so far.</param>
public sealed record ImageDiffusionFile(
    ImageDiffusionDescription Description, IReadOnlyList<NamedTensor> Weights, string Fingerprint, DiffusionTraining? Stand = null, DiffusionReport? Result = null, double Seconds = 0)
    : DiffusionModelFile(Weights, Fingerprint, Stand, Result, Seconds)
{
    internal const string KindName = "image-diffusion";

    /// <inheritdoc/>
    public override TrainingOptions Training => Description.Training;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => Description.Label?.Classes ?? [];

    /// <inheritdoc/>
    public override DiffusionOptions Options => Description.Parts;

    private protected override string Kind => KindName;

    /// <summary>The model, ready for use.</summary>
    /// <param name="path">Where the file was read from, for the error message.</param>
    /// <param name="threads">Threads to share the work among; null for all the machine has.</param>
    /// <exception cref="DataException">The weights are not those of the description.</exception>
    public DiffusionModel Open(string path, int? threads = null) => Made(path, () =>
    {
        var model = Description.Begin(threads);
        try
        {
            model.Restore(Weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    });

    private protected override void Describe(JsonObject json)
    {
        var (network, shape) = (DiffusionJson.Of(Description.Parts), Description.Shape);
        (network["height"], network["width"], network["channels"], network["shades"], network["images"]) = (shape.Height, shape.Width, shape.Channels, Description.Shades, Description.Images);
        if (Description.Label is { } label)
            network["label"] = new JsonObject { ["classes"] = new JsonArray([.. label.Classes.Select(c => (JsonNode?)JsonValue.Create(c))]), ["prior"] = PartsJson.Of(label.Prior) };
        json["network"] = network;
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    internal static ImageDiffusionFile Read(JsonObject json, Parts parts)
    {
        var network = json["network"];
        int Size(string name) => PartsJson.InRange(network, name, 1, 1 << 20);
        var shape = new RowShape(Size("height"), Size("width"), Size("channels"));
        if ((Int128)shape.Height * shape.Width * shape.Channels > Array.MaxLength / 8)
            throw new FormatException($"its images would have {shape.Height} x {shape.Width} pixels.");
        var description = new ImageDiffusionDescription(shape, PartsJson.InRange(network, "shades", 2, 1 << 16), DiffusionJson.ReadParts(network), Size("images"), parts.Training)
        {
            Label = network?["label"] is { } label ? PartsJson.Label(RequiredJson.Texts(label, "classes"), label) : null,
        };
        return new(description, parts.Weights, parts.Fingerprint, parts.Diffusion, ReportOf(json), parts.Seconds);
    }
}
