using System.Text.Json.Nodes;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>The description of a table model and of its training as JSON.</summary>
internal static class TableModelJson
{
    public static JsonObject OfNetwork(TableVaeDescription description)
    {
        var json = new JsonObject
        {
            ["latent"] = description.Latent,
            ["hidden"] = PartsJson.Of(description.Hidden),
            ["activation"] = description.Activation.ToString(),
            ["decoderScale"] = JsonNumber.Of(description.DecoderScale),
            ["seed"] = description.Seed,
            ["rows"] = description.Rows,
            ["columns"] = OfColumns(description.Columns),
        };
        PartsJson.Add(json, description.Posterior, description.Prior);
        if (MissingnessJson.Of(description.Missing) is { } missing)
            json["missing"] = missing;
        if (description.Label is { } label)
            json["label"] = OfLabel(label);
        return json;
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static TableVaeDescription Read(JsonNode? network, TrainingOptions training, TableSchema schema)
    {
        var latent = PartsJson.Latent(network);
        var hidden = PartsJson.Sizes(network, "hidden");
        var (columns, label) = ReadColumns(network, schema);
        return new(
            columns, latent, hidden,
            PartsJson.Name<Activation>(network, "activation"), JsonNumber.Get(network, "decoderScale"), RequiredJson.Get<ulong>(network, "seed"),
            PartsJson.InRange(network, "rows", 0, int.MaxValue), training)
        {
            Posterior = PartsJson.Posterior(network),
            Prior = PartsJson.Prior(network),
            Missing = MissingnessJson.Read(network, schema.Columns.Select(c => c.Column.Name)),
            Label = label,
        };
    }

    public static JsonArray OfColumns(IReadOnlyList<ModelledColumn> columns) => new([.. columns.Select(c => (JsonNode?)OfColumn(c))]);

    public static JsonObject OfLabel(TableLabel label) => new() { ["name"] = label.Column.Name, ["prior"] = PartsJson.Of(label.Prior) };

    /// <summary>The columns of a model, and its label.</summary>
    /// <exception cref="FormatException">Something is missing, is not of the right type, or is not what is read.</exception>
    public static (ModelledColumn[] Columns, TableLabel? Label) ReadColumns(JsonNode? network, TableSchema schema)
    {
        var columns = RequiredJson.List(network, "columns");
        var label = network?["label"] is { } json ? ReadLabel(json, schema) : null;
        ColumnSchema[] modelled = [.. schema.Columns.Where(c => c.Column.Name != label?.Column.Name)];
        if (columns.Count != modelled.Length)
            throw new FormatException($"{columns.Count} columns are modelled but {modelled.Length} are read.");
        return ([.. modelled.Select((c, i) => ReadColumn(columns[i], c))], label);
    }

    private static TableLabel ReadLabel(JsonNode json, TableSchema schema)
    {
        var name = RequiredJson.Get<string>(json, "name");
        var column = schema.Columns.FirstOrDefault(c => c.Column.Name == name)?.Column
            ?? throw new FormatException($"the label is '{name}', which is not among the columns that are read.");
        return new(column, PartsJson.Label(column.Levels, json).Prior);
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
        var likelihood = PartsJson.Name<LikelihoodKind>(json, "likelihood");
        if (!LikelihoodChoice.Suitable(schema.Column.Kind).Contains(likelihood))
            throw new FormatException($"a column of kind {schema.Column.Kind} has a {likelihood} likelihood.");
        return new(
            schema.Column, likelihood, JsonNumber.Get(json, "location"), JsonNumber.Get(json, "scale"), JsonNumber.Get(json, "shift"),
            JsonNumber.Get(json, "minimum"), JsonNumber.Get(json, "maximum"));
    }
}
