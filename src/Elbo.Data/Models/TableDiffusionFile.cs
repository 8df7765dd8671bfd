using System.Text.Json.Nodes;
using Elbo.Diffusion;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>All that the file of a diffusion model of a table holds.</summary>
/// <param name="Description">The model apart from its weights.</param>
/// <param name="Schema">How the table was read that it was fitted to, and so how others are to be read.</param>
/// <param name="Weights">The weights of the best epoch.</param>
/// <param name="Fingerprint">Tells the table that it was fitted to from others: <see cref="TableModelFile.FingerprintOf"/>.</param>
/// <param name="Stand">Where its training stands, for going on; null where that is not wanted.</param>
/// <param name="Result">What the fit came to; null while it has not ended.</param>
/// <param name="Seconds">How long training took so far.</param>
public sealed record TableDiffusionFile(
    TableDiffusionDescription Description, TableSchema Schema, IReadOnlyList<NamedTensor> Weights, string Fingerprint, DiffusionTraining? Stand = null, DiffusionReport? Result = null, double Seconds = 0)
    : DiffusionModelFile(Weights, Fingerprint, Stand, Result, Seconds)
{
    internal const string KindName = "table-diffusion";

    /// <inheritdoc/>
    public override TrainingOptions Training => Description.Training;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => Description.Label?.Column.Levels ?? [];

    /// <inheritdoc/>
    public override DiffusionOptions Options => Description.Parts;

    private protected override string Kind => KindName;

    /// <summary>The model, ready for use.</summary>
    /// <param name="path">Where the file was read from, for the error message.</param>
    /// <param name="threads">Threads to share the work among; null for all the machine has.</param>
    /// <exception cref="DataException">The weights are not those of the description.</exception>
    public TableDiffusion Open(string path, int? threads = null) => Made(path, () => TableDiffusion.Load(Description, Weights, threads));

    private protected override void Describe(JsonObject json)
    {
        json["table"] = Schema.ToJson();
        var network = DiffusionJson.Of(Description.Parts);
        network["rows"] = Description.Rows;
        network["columns"] = TableModelJson.OfColumns(Description.Columns);
        if (Description.Label is { } label)
            network["label"] = TableModelJson.OfLabel(label);
        json["network"] = network;
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    internal static TableDiffusionFile Read(JsonObject json, Parts parts, string path)
    {
        var (schema, network) = (TableSchema.FromJson(json["table"], path), json["network"]);
        var (columns, label) = TableModelJson.ReadColumns(network, schema);
        var description = new TableDiffusionDescription(columns, DiffusionJson.ReadParts(network), PartsJson.InRange(network, "rows", 2, int.MaxValue), parts.Training) { Label = label };
        return new(description, schema, parts.Weights, parts.Fingerprint, parts.Diffusion, ReportOf(json), parts.Seconds);
    }
}
