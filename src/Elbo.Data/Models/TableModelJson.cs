using System.Text.Json.Nodes;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>The description of a table model and of its training as JSON.</summary>
internal static class TableModelJson
{
    // Sizes beyond these are damage, and would ask for all memory.
    private const int MostLatents = 10_000;
    private const int MostUnits = 100_000;

    public static JsonObject OfNetwork(TableVaeDescription description) => new()
    {
        ["latent"] = description.Latent,
        ["hidden"] = new JsonArray([.. description.Hidden.Select(h => (JsonNode?)JsonValue.Create(h))]),
        ["activation"] = description.Activation.ToString(),
        ["decoderScale"] = JsonNumber.Of(description.DecoderScale),
        ["seed"] = description.Seed,
        ["rows"] = description.Rows,
        ["columns"] = new JsonArray([.. description.Columns.Select(c => (JsonNode?)OfColumn(c))]),
    };

    public static JsonObject OfTraining(TrainingOptions training)
    {
        var json = new JsonObject
        {
            ["epochs"] = training.Epochs,
            ["learningRate"] = JsonNumber.Of(training.LearningRate),
            ["holdOut"] = JsonNumber.Of(training.HoldOut),
            ["patience"] = training.Patience,
            ["warmUp"] = training.WarmUp,
            ["gradientClip"] = JsonNumber.Of(training.GradientClip),
            ["weightDecay"] = JsonNumber.Of(training.WeightDecay),
            ["heldOutSamples"] = training.HeldOutSamples,
        };
        if (training.Batch is { } batch)
            json["batch"] = batch;
        return json;
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static TableVaeDescription Read(JsonNode? network, JsonNode? training, TableSchema schema)
    {
        var latent = InRange(network, "latent", 1, MostLatents);
        int[] hidden = [.. RequiredJson.List(network, "hidden").Select(h => h is JsonValue value && value.TryGetValue<int>(out var units) && units is >= 1 and <= MostUnits
            ? units
            : throw new FormatException("'hidden' holds something other than sizes of layers."))];
        var columns = RequiredJson.List(network, "columns");
        if (columns.Count != schema.Columns.Count)
            throw new FormatException($"{columns.Count} columns are modelled but {schema.Columns.Count} are read.");
        return new(
            [.. schema.Columns.Select((c, i) => ReadColumn(columns[i], c))], latent, hidden,
            Name<Activation>(network, "activation"), JsonNumber.Get(network, "decoderScale"), RequiredJson.Get<ulong>(network, "seed"),
            InRange(network, "rows", 0, int.MaxValue), ReadTraining(training));
    }

    private static JsonObject OfColumn(ModelledColumn column) => new()
    {
        ["name"] = column.Column.Name,
        ["likelihood"] = column.Likelihood.ToString(),
        ["location"] = JsonNumber.Of(column.Location),
        ["scale"] = JsonNumber.Of(column.Scale),
        ["shift"] = JsonNumber.Of(column.Shift),
        ["minimum"] = JsonNumber.Of(column.Minimum),
        ["maximum"] = JsonNumber.Of(column.Maximum),
    };

    private static ModelledColumn ReadColumn(JsonNode? json, ColumnSchema schema)
    {
        var name = RequiredJson.Get<string>(json, "name");
        if (name != schema.Column.Name)
            throw new FormatException($"column '{name}' is modelled where '{schema.Column.Name}' is read.");
        var likelihood = Name<LikelihoodKind>(json, "likelihood");
        if (!LikelihoodChoice.Suitable(schema.Column.Kind).Contains(likelihood))
            throw new FormatException($"a column of kind {schema.Column.Kind} has a {likelihood} likelihood.");
        return new(
            schema.Column, likelihood, JsonNumber.Get(json, "location"), JsonNumber.Get(json, "scale"), JsonNumber.Get(json, "shift"),
            JsonNumber.Get(json, "minimum"), JsonNumber.Get(json, "maximum"));
    }

    private static TrainingOptions ReadTraining(JsonNode? json) => new()
    {
        Epochs = RequiredJson.Get<int>(json, "epochs"),
        Batch = JsonNumber.Optional<int>(json, "batch"),
        LearningRate = JsonNumber.Get(json, "learningRate"),
        HoldOut = JsonNumber.Get(json, "holdOut"),
        Patience = RequiredJson.Get<int>(json, "patience"),
        WarmUp = RequiredJson.Get<int>(json, "warmUp"),
        GradientClip = JsonNumber.Get(json, "gradientClip"),
        WeightDecay = JsonNumber.Get(json, "weightDecay"),
        HeldOutSamples = RequiredJson.Get<int>(json, "heldOutSamples"),
    };

    private static int InRange(JsonNode? json, string name, int least, int most)
    {
        var value = RequiredJson.Get<int>(json, name);
        return value >= least && value <= most ? value : throw new FormatException($"'{name}' is {value}, not from {least} to {most}.");
    }

    // Numbers are refused, which Enum.Parse would take for names.
    private static T Name<T>(JsonNode? json, string name) where T : struct, Enum
    {
        var word = RequiredJson.Get<string>(json, name);
        return Enum.GetNames<T>().Contains(word) ? Enum.Parse<T>(word) : throw new FormatException($"'{name}' is '{word}', which this program does not know.");
    }
}
