using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>
/// All that the file of a table model holds: the model, how to read tables for it, the report of its fit, and where its training
/// stands. What is saved comes back to the same bits.
/// </summary>
/// <param name="Description">The model apart from its weights.</param>
/// <param name="Schema">How the table was read that it was fitted to, and so how others are to be read.</param>
/// <param name="Weights">The weights of the best epoch.</param>
/// <param name="Fingerprint">Tells the table that it was fitted to from others: <see cref="FingerprintOf"/>.</param>
/// <param name="State">Where its training stands, for going on; null where that is not wanted.</param>
/// <param name="Report">What the fit came to; null while it has not ended.</param>
/// <param name="Seconds">How long training took so far.</param>
public sealed record TableModelFile(
    TableVaeDescription Description, TableSchema Schema, IReadOnlyList<NamedTensor> Weights, string Fingerprint,
    TrainingState? State = null, FitReport? Report = null, double Seconds = 0)
    : ModelFile(Weights, Fingerprint, State, Report, Seconds)
{
    internal const string KindName = "table-vae";

    /// <summary>What intervals of filled cells hold; null where that was not found out.</summary>
    public IntervalCalibration? Intervals { get; init; }

    /// <inheritdoc/>
    public override TrainingOptions Training => Description.Training;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => Description.Label?.Column.Levels ?? [];

    /// <inheritdoc/>
    public override ulong Seed => Description.Seed;

    /// <inheritdoc/>
    public override int Latent => Description.Latent;

    private protected override string Kind => KindName;

    /// <summary>A short text that is the same for tables with the same columns and cells and, practically, for no others.</summary>
    /// <param name="table">The table.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string FingerprintOf(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var column = table.Columns[i];
            hash.AppendData(Encoding.UTF8.GetBytes($"{column.Name}\0{column.Kind}\0{string.Join('\0', column.Levels)}\0\0"));
            hash.AppendData(MemoryMarshal.AsBytes(table.Values(i)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="DataException">There is no such file, it is not the file of a table model or is damaged, or a newer program
    /// wrote it.</exception>
    public static new TableModelFile Load(string path) => ModelFile.Load(path) as TableModelFile
        ?? throw new DataException(path, "is not a model of a table", "Name a model that was fitted to a table");

    /// <summary>The model, ready for use.</summary>
    /// <param name="path">Where the file was read from, for the error message.</param>
    /// <param name="threads">Threads to share the work among; null for all the machine has.</param>
    /// <returns>The model.</returns>
    /// <exception cref="DataException">The weights are not those of the description.</exception>
    public TableVae Open(string path, int? threads = null) => Made(path, () => TableVae.Load(Description, Weights, threads));

    private protected override void Describe(JsonObject json)
    {
        json["table"] = Schema.ToJson();
        json["network"] = TableModelJson.OfNetwork(Description);
        if (Intervals is not null)
            json["intervals"] = IntervalsJson.Of(Intervals);
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    internal static TableModelFile Read(JsonObject json, Parts parts, string path)
    {
        var schema = TableSchema.FromJson(json["table"], path);
        return new(
            TableModelJson.Read(json["network"], parts.Training, schema), schema, parts.Weights, parts.Fingerprint, parts.State, parts.Report, parts.Seconds)
        {
            Calibration = parts.Calibration,
            Intervals = json["intervals"] is { } intervals ? IntervalsJson.Read(intervals) : null,
        };
    }
}
