using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Networks;

namespace Elbo.Data;

/// <summary>The parts of an autoencoder as JSON. What is usual is left out, so that files of before such a part was known are read as what they are.</summary>
internal static class PartsJson
{
    // Sizes beyond these are damage, and would ask for all memory.
    private const int MostLatents = 10_000;
    private const int MostUnits = 100_000;

    public static JsonArray Of(IReadOnlyList<int> sizes) => new([.. sizes.Select(s => (JsonNode?)JsonValue.Create(s))]);

    public static JsonArray Of(IReadOnlyList<double> numbers) => new([.. numbers.Select(n => JsonNumber.Of(n))]);

    /// <summary>A label of these classes, with the prior that is told of it.</summary>
    /// <exception cref="FormatException">The prior is none of so many classes.</exception>
    public static LabelModel Label(IReadOnlyList<string> classes, JsonNode json)
    {
        try
        {
            return new(classes, [.. RequiredJson.List(json, "prior").Select(p => p is JsonValue value && value.TryGetValue<double>(out var number) ? number : throw new FormatException("'prior' holds something other than numbers."))]);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    public static void Add(JsonObject json, CodePosterior posterior, CodePrior prior)
    {
        if (Of(posterior) is { } ofPosterior)
            json["posterior"] = ofPosterior;
        if (Of(prior) is { } ofPrior)
            json["prior"] = ofPrior;
    }

    public static JsonObject Of(Architecture architecture) => architecture switch
    {
        FullyConnectedArchitecture mlp => new() { ["family"] = "fully-connected", ["hidden"] = Of(mlp.Hidden), ["activation"] = mlp.Activation.ToString() },
        ConvolutionalArchitecture c => new() { ["family"] = "convolutional", ["channels"] = Of(c.Channels), ["hidden"] = c.Hidden, ["activation"] = c.Activation.ToString() },
        BroadcastArchitecture b => new() { ["family"] = "broadcast", ["channels"] = Of(b.Channels), ["hidden"] = b.Hidden, ["units"] = Of(b.Units), ["activation"] = b.Activation.ToString() },
        _ => throw new ArgumentOutOfRangeException(nameof(architecture), architecture, "Files hold no such architecture."),
    };

    /// <exception cref="FormatException">It is not one.</exception>
    public static Architecture Architecture(JsonNode? json) => Family(json) switch
    {
        "fully-connected" => new FullyConnectedArchitecture(Sizes(json, "hidden"), Name<Activation>(json, "activation")),
        "convolutional" => new ConvolutionalArchitecture(Sizes(json, "channels"), InRange(json, "hidden", 1, MostUnits), Name<Activation>(json, "activation")),
        "broadcast" => new BroadcastArchitecture(Sizes(json, "channels"), InRange(json, "hidden", 1, MostUnits), Sizes(json, "units"), Name<Activation>(json, "activation")),
        var family => throw Unknown("an architecture", family),
    };

    public static JsonObject Of(Hierarchy hierarchy) => hierarchy switch
    {
        FullyConnectedHierarchy mlp => new()
        {
            ["family"] = "fully-connected",
            ["latents"] = Of(mlp.Latents),
            ["hidden"] = Of(mlp.Hidden),
            ["posterior"] = mlp.Posterior.ToString(),
            ["activation"] = mlp.Activation.ToString(),
        },
        ResidualLadder ladder => Of(ladder),
        _ => throw new ArgumentOutOfRangeException(nameof(hierarchy), hierarchy, "Files hold no such hierarchy."),
    };

    private static JsonObject Of(ResidualLadder ladder)
    {
        var json = new JsonObject
        {
            ["family"] = "residual-ladder",
            ["top"] = ladder.Top,
            ["scales"] = new JsonArray([.. ladder.Scales.Select(s => (JsonNode?)new JsonObject
            {
                ["channels"] = s.Channels,
                ["latents"] = Of(s.Latents),
                ["encoderBlocks"] = s.EncoderBlocks,
                ["decoderBlocks"] = s.DecoderBlocks,
                ["mergeBlocks"] = s.MergeBlocks,
            })]),
        };
        if (Of(ladder.Posterior) is { } posterior)
            json["posterior"] = posterior;
        return json;
    }

    /// <exception cref="FormatException">It is not one.</exception>
    public static Hierarchy? Hierarchy(JsonNode? network) => network?["hierarchy"] is not { } json ? null : Family(json) switch
    {
        "fully-connected" => new FullyConnectedHierarchy(
            Sizes(json, "latents"), Sizes(json, "hidden"), Name<HierarchyPosterior>(json, "posterior"), Name<Activation>(json, "activation")),
        "residual-ladder" => new ResidualLadder(InRange(json, "top", 1, MostLatents), [.. RequiredJson.List(json, "scales").Select(Scale)]) { Posterior = Posterior(json) },
        var family => throw Unknown("a hierarchy", family),
    };

    private static LadderScale Scale(JsonNode? json) => new(InRange(json, "channels", 1, MostUnits), Sizes(json, "latents"))
    {
        EncoderBlocks = InRange(json, "encoderBlocks", 0, 1000),
        DecoderBlocks = InRange(json, "decoderBlocks", 0, 1000),
        MergeBlocks = InRange(json, "mergeBlocks", 0, 1000),
    };

    /// <exception cref="FormatException">It is not one.</exception>
    public static CodePosterior Posterior(JsonNode? network) => network?["posterior"] is not { } json ? CodePosterior.Diagonal : Family(json) switch
    {
        "full-covariance" => CodePosterior.FullCovariance,
        "flow" => CodePosterior.Flow(InRange(json, "layers", 1, 1000), InRange(json, "hidden", 1, MostUnits)),
        var family => throw Unknown("a posterior", family),
    };

    /// <exception cref="FormatException">It is not one.</exception>
    public static CodePrior Prior(JsonNode? network) => network?["prior"] is not { } json ? CodePrior.StandardNormal : Family(json) switch
    {
        "mixture" => CodePrior.Mixture(InRange(json, "components", 1, MostUnits)),
        "vamp" => CodePrior.Vamp(InRange(json, "pseudoInputs", 1, MostUnits)),
        "flow" => CodePrior.Flow(InRange(json, "layers", 1, 1000), InRange(json, "hidden", 1, MostUnits)),
        var family => throw Unknown("a prior", family),
    };

    /// <exception cref="FormatException">It is missing or out of range.</exception>
    public static int Latent(JsonNode? network) => InRange(network, "latent", 1, MostLatents);

    /// <exception cref="FormatException">It is not a list of sizes.</exception>
    public static int[] Sizes(JsonNode? json, string name) =>
    [
        .. RequiredJson.List(json, name).Select(h => h is JsonValue value && value.TryGetValue<int>(out var units) && units is >= 1 and <= MostUnits
            ? units
            : throw new FormatException($"'{name}' holds something other than sizes of layers.")),
    ];

    /// <exception cref="FormatException">It is missing or out of range.</exception>
    public static int InRange(JsonNode? json, string name, int least, int most)
    {
        var value = RequiredJson.Get<int>(json, name);
        return value >= least && value <= most ? value : throw new FormatException($"'{name}' is {value}, not from {least} to {most}.");
    }

    // Numbers are refused, which Enum.Parse would take for names.
    /// <exception cref="FormatException">It is missing or is no such name.</exception>
    public static T Name<T>(JsonNode? json, string name) where T : struct, Enum
    {
        var word = RequiredJson.Get<string>(json, name);
        return Enum.GetNames<T>().Contains(word) ? Enum.Parse<T>(word) : throw new FormatException($"'{name}' is '{word}', which this program does not know.");
    }

    /// <summary>What tells one kind of part from others.</summary>
    public static string Family(JsonNode? json) => RequiredJson.Get<string>(json, "family");

    public static FormatException Unknown(string what, string family) => new($"'{family}' is {what} that this program does not know.");

    private static JsonObject? Of(CodePosterior posterior) => posterior switch
    {
        DiagonalPosterior => null,
        FullCovariancePosterior => new() { ["family"] = "full-covariance" },
        FlowPosterior flow => new() { ["family"] = "flow", ["layers"] = flow.Layers, ["hidden"] = flow.Hidden },
        _ => throw new ArgumentOutOfRangeException(nameof(posterior), posterior, "Files hold no such posterior."),
    };

    private static JsonObject? Of(CodePrior prior) => prior switch
    {
        StandardNormalPrior => null,
        MixturePrior mixture => new() { ["family"] = "mixture", ["components"] = mixture.Components },
        VampPrior vamp => new() { ["family"] = "vamp", ["pseudoInputs"] = vamp.PseudoInputs },
        FlowPrior flow => new() { ["family"] = "flow", ["layers"] = flow.Layers, ["hidden"] = flow.Hidden },
        _ => throw new ArgumentOutOfRangeException(nameof(prior), prior, "Files hold no such prior."),
    };
}
