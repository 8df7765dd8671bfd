using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Elbo.Classification;
using Elbo.Compute;
using Elbo.Diffusion;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>
/// What the file of every model holds: its weights, the report of its fit, and where its training stands. What is saved comes back to the same bits.
/// </summary>
/// <param name="Weights">The weights of the best epoch.</param>
/// <param name="Fingerprint">Tells the data that it was fitted to from others.</param>
/// <param name="State">Where its training stands, for going on; null where that is not wanted.</param>
/// <param name="Report">What the fit came to; null while it has not ended.</param>
/// <param name="Seconds">How long training took so far.</param>
public abstract record ModelFile(IReadOnlyList<NamedTensor> Weights, string Fingerprint, TrainingState? State, FitReport? Report, double Seconds)
{
    private const string CheckpointEntry = "checkpoint.json";
    private const string CheckpointTensorsEntry = "checkpoint.safetensors";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>How sure the classes of its label may be; null for a model without a label, or where that was not found out.</summary>
    public LabelCalibration? Calibration { get; init; }

    /// <summary>Names of the classes of its label; none where it has none.</summary>
    public abstract IReadOnlyList<string> Classes { get; }

    /// <summary>How it was trained.</summary>
    public abstract TrainingOptions Training { get; }

    /// <summary>The seed of its fit.</summary>
    public abstract ulong Seed { get; }

    /// <summary>Latent dimensions.</summary>
    public abstract int Latent { get; }

    /// <summary>What kind of model it is.</summary>
    private protected abstract string Kind { get; }

    /// <summary>Reads the file of a model of any kind.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">There is no such file, it is no model or is damaged, or a newer program wrote it.</exception>
    public static ModelFile Load(string path)
    {
        var archive = ModelArchive.Load(path);
        try
        {
            var parts = Parts.Of(archive, path);
            return RequiredJson.Get<string>(archive.Description, "kind") switch
            {
                TableModelFile.KindName => TableModelFile.Read(archive.Description, parts, path),
                ImageModelFile.KindName => ImageModelFile.Read(archive.Description, parts),
                TopicModelFile.KindName => TopicModelFile.Read(archive.Description, parts),
                TextClassifierFile.KindName => TextClassifierFile.Read(archive.Description, parts),
                TableDiffusionFile.KindName => TableDiffusionFile.Read(archive.Description, parts, path),
                ImageDiffusionFile.KindName => ImageDiffusionFile.Read(archive.Description, parts),
                var kind => throw new DataException(path, $"it is a model of kind '{kind}', which this program does not know", "Update elbo"),
            };
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Damaged(path, e);
        }
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path)
    {
        var json = new JsonObject { ["kind"] = Kind };
        Describe(json);
        if (IsTrained)
            json["training"] = TrainingJson.Of(Training);
        json["fingerprint"] = Fingerprint;
        json["seconds"] = JsonNumber.Of(Seconds);
        if (ReportJson is { } report)
            json["report"] = report;
        if (Calibration is not null)
            json["calibration"] = CalibrationJson.Of(Calibration);

        var extra = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (Checkpoint is var (state, tensors))
        {
            extra[CheckpointEntry] = Encoding.UTF8.GetBytes(state.ToJsonString(Indented));
            extra[CheckpointTensorsEntry] = SafeTensors.Write(tensors.Select(Store));
        }

        new ModelArchive(json, Weights.Select(Store).ToDictionary(t => t.Name, StringComparer.Ordinal), extra).Save(path);
    }

    /// <summary>Whether it was trained by steps of an optimiser.</summary>
    private protected virtual bool IsTrained => true;

    /// <summary>The report of its fit; null while it has not ended.</summary>
    private protected virtual JsonObject? ReportJson => Report?.ToJson();

    /// <summary>Where its training stands; null where that is not kept.</summary>
    private protected virtual (JsonObject State, IReadOnlyList<NamedTensor> Tensors)? Checkpoint => State is null ? null : (TrainingStateJson.Of(State), State.Tensors);

    /// <summary>Adds what the kind of model needs.</summary>
    private protected abstract void Describe(JsonObject json);

    /// <summary>Makes a model of what was read.</summary>
    private protected static T Made<T>(string path, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw Damaged(path, e);
        }
    }

    private static DataException Damaged(string path, Exception cause) => new(
        path, $"the model is damaged: {cause.Message.TrimEnd('.')}", "Copy the file again from where it came, or fit the model again",
        innerException: cause);

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

    /// <summary>What is read alike of every kind.</summary>
    internal sealed record Parts(
        IReadOnlyList<NamedTensor> Weights, string Fingerprint, TrainingOptions Training, TrainingState? State, FitReport? Report, double Seconds, LabelCalibration? Calibration)
    {
        public static Parts Of(ModelArchive archive, string path)
        {
            var json = archive.Description;
            var kind = RequiredJson.Get<string>(json, "kind");
            var isDiffusion = kind is TableDiffusionFile.KindName or ImageDiffusionFile.KindName;
            if (!isDiffusion && kind is not (TableModelFile.KindName or ImageModelFile.KindName or TopicModelFile.KindName or TextClassifierFile.KindName))
                throw new DataException(path, $"it is a model of kind '{kind}', which this program does not know", "Update elbo");
            NamedTensor[] weights = [.. archive.Weights.Values.Select(Named)];
            var checkpoint = CheckpointOf(archive, path);
            return new(
                weights, RequiredJson.Get<string>(json, "fingerprint"), kind is TopicModelFile.KindName or TextClassifierFile.KindName ? new() : TrainingJson.Read(json["training"]), checkpoint is var (state, tensors) && !isDiffusion ? TrainingStateJson.Read(state, tensors) : null,
                !isDiffusion && json["report"] is { } report ? FitReport.FromJson(report) : null, JsonNumber.Get(json, "seconds"),
                json["calibration"] is { } calibration ? CalibrationJson.Read(calibration) : null)
            {
                Diffusion = checkpoint is var (stand, all) && isDiffusion ? DiffusionJson.ReadTraining(stand, weights, all) : null,
            };
        }

        /// <summary>Where the training of a diffusion model stands.</summary>
        public DiffusionTraining? Diffusion { get; init; }

        private static (JsonNode? State, NamedTensor[] Tensors)? CheckpointOf(ModelArchive archive, string path)
        {
            if (!archive.Extra.TryGetValue(CheckpointEntry, out var text))
                return null;
            if (!archive.Extra.TryGetValue(CheckpointTensorsEntry, out var tensors))
                throw new FormatException($"{CheckpointTensorsEntry} is missing.");
            return (JsonNode.Parse(text.Span), [.. SafeTensors.Read(tensors, path).Values.Select(Named)]);
        }
    }
}
