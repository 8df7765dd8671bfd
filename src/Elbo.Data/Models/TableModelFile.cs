using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Elbo.Compute;
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
{
    private const string Kind = "table-vae";
    private const string CheckpointEntry = "checkpoint.json";
    private const string CheckpointTensorsEntry = "checkpoint.safetensors";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

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

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path)
    {
        var json = new JsonObject
        {
            ["kind"] = Kind,
            ["table"] = Schema.ToJson(),
            ["network"] = TableModelJson.OfNetwork(Description),
            ["training"] = TableModelJson.OfTraining(Description.Training),
            ["fingerprint"] = Fingerprint,
            ["seconds"] = JsonNumber.Of(Seconds),
        };
        if (Report is not null)
            json["report"] = Report.ToJson();

        var extra = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (State is not null)
        {
            extra[CheckpointEntry] = Encoding.UTF8.GetBytes(TrainingStateJson.Of(State).ToJsonString(Indented));
            extra[CheckpointTensorsEntry] = SafeTensors.Write(State.Tensors.Select(Store));
        }

        new ModelArchive(json, Weights.Select(Store).ToDictionary(t => t.Name, StringComparer.Ordinal), extra).Save(path);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="DataException">There is no such file, it is not the file of a table model or is damaged, or a newer program
    /// wrote it.</exception>
    public static TableModelFile Load(string path)
    {
        var archive = ModelArchive.Load(path);
        var json = archive.Description;
        try
        {
            if (RequiredJson.Get<string>(json, "kind") is var kind && kind != Kind)
                throw new DataException(path, $"it is a model of kind '{kind}', which this program does not know", "Update elbo");
            var schema = TableSchema.FromJson(json["table"], path);
            return new TableModelFile(
                TableModelJson.Read(json["network"], json["training"], schema), schema, [.. archive.Weights.Values.Select(Named)],
                RequiredJson.Get<string>(json, "fingerprint"), ReadState(archive, path),
                json["report"] is { } report ? FitReport.FromJson(report) : null, JsonNumber.Get(json, "seconds"));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Damaged(path, e);
        }
    }

    /// <summary>The model, ready for use.</summary>
    /// <param name="path">Where the file was read from, for the error message.</param>
    /// <param name="threads">Threads to share the work among; null for all the machine has.</param>
    /// <returns>The model.</returns>
    /// <exception cref="DataException">The weights are not those of the description.</exception>
    public TableVae Open(string path, int? threads = null)
    {
        try
        {
            return TableVae.Load(Description, Weights, threads);
        }
        catch (ArgumentException e)
        {
            throw Damaged(path, e);
        }
    }

    private static TrainingState? ReadState(ModelArchive archive, string path)
    {
        if (!archive.Extra.TryGetValue(CheckpointEntry, out var text))
            return null;
        if (!archive.Extra.TryGetValue(CheckpointTensorsEntry, out var tensors))
            throw new FormatException($"{CheckpointTensorsEntry} is missing.");
        return TrainingStateJson.Read(JsonNode.Parse(text.Span), [.. SafeTensors.Read(tensors, path).Values.Select(Named)]);
    }

    private static StoredTensor Store(NamedTensor tensor) => new(tensor.Name, TypeOf(tensor.Type), [.. tensor.Shape], tensor.Bytes);

    private static NamedTensor Named(StoredTensor tensor) =>
        new(tensor.Name, Shape.Create([.. tensor.Shape]), TypeOf(tensor.Type), tensor.Data);

    private static TensorType TypeOf(DType type) => type switch
    {
        DType.Float32 => TensorType.F32,
        DType.Float64 => TensorType.F64,
        DType.Int32 => TensorType.I32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Files hold no tensors of this type."),
    };

    private static DType TypeOf(TensorType type) => type switch
    {
        TensorType.F32 => DType.Float32,
        TensorType.F64 => DType.Float64,
        TensorType.I32 => DType.Int32,
        _ => throw new FormatException($"models hold no tensors of type {type}."),
    };

    private static DataException Damaged(string path, Exception cause) => new(
        path, $"the model is damaged: {cause.Message.TrimEnd('.')}", "Copy the file again from where it came, or fit the model again",
        innerException: cause);
}
