using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>The description of a model of images as JSON.</summary>
internal static class ImageModelJson
{
    public static JsonObject OfNetwork(VaeDescription description)
    {
        var (shape, options) = (description.Shape, description.Options);
        var json = new JsonObject
        {
            ["height"] = shape.Height,
            ["width"] = shape.Width,
            ["channels"] = shape.Channels,
            ["images"] = description.Images,
            ["latent"] = options.Latent,
            ["architecture"] = PartsJson.Of(options.Architecture),
            ["likelihood"] = options.Likelihood.ToString(),
            ["binarisation"] = options.Binarisation.ToString(),
            ["decoderScale"] = JsonNumber.Of(options.DecoderScale),
            ["seed"] = options.Seed,
        };
        PartsJson.Add(json, options.Posterior, options.Prior);
        if (options.Label is { } label)
            json["label"] = new JsonObject { ["classes"] = new JsonArray([.. label.Classes.Select(c => (JsonNode?)JsonValue.Create(c))]), ["prior"] = PartsJson.Of(label.Prior) };
        if (options.Hierarchy is { } hierarchy)
            json["hierarchy"] = PartsJson.Of(hierarchy);
        return json;
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static VaeDescription Read(JsonNode? network, TrainingOptions training)
    {
        var shape = new RowShape(Size("height"), Size("width"), Size("channels"));
        if ((Int128)shape.Height * shape.Width * shape.Channels > Array.MaxLength / 8)
            throw new FormatException($"its images would have {shape.Height} x {shape.Width} pixels.");
        var options = new VaeOptions
        {
            Latent = PartsJson.Latent(network),
            Architecture = PartsJson.Architecture(network?["architecture"]),
            Likelihood = PartsJson.Name<PixelLikelihood>(network, "likelihood"),
            Binarisation = PartsJson.Name<Binarisation>(network, "binarisation"),
            DecoderScale = JsonNumber.Get(network, "decoderScale"),
            Seed = RequiredJson.Get<ulong>(network, "seed"),
            Posterior = PartsJson.Posterior(network),
            Prior = PartsJson.Prior(network),
            Hierarchy = PartsJson.Hierarchy(network),
            Label = network?["label"] is { } label ? PartsJson.Label(RequiredJson.Texts(label, "classes"), label) : null,
        };
        return new(shape, options, training, PartsJson.InRange(network, "images", 1, int.MaxValue));

        int Size(string name) => PartsJson.InRange(network, name, 1, 1 << 20);
    }
}
