using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Elbo.Data;

/// <summary>
/// A model in one file: a zip with <c>model.json</c>, the description; <c>weights.safetensors</c>; and, where wanted, further
/// entries. Loading reads numbers and text and runs no code. The same content gives the same bytes.
/// </summary>
public sealed class ModelArchive
{
    /// <summary>The version of the format that this program writes, and the newest it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The name of the format, as model.json gives it.</summary>
    public const string FormatName = "elbo-model";

    private const string DescriptionEntry = "model.json";
    private const string WeightsEntry = "weights.safetensors";

    // Far above any sensible model, far below what would exhaust a computer when a small zip claims to unpack to more.
    private const long LargestEntry = (1L << 31) - 1;

    // Zip times start in 1980; a fixed one keeps the bytes the same.
    private static readonly DateTimeOffset Timestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Puts a model together.</summary>
    /// <param name="description">What the model is, in words and numbers; "format" and "version" are added when it is written.</param>
    /// <param name="weights">Its tensors by name.</param>
    /// <param name="extra">Further entries by name, such as checkpoint.safetensors, or null for none.</param>
    public ModelArchive(
        JsonObject description, IReadOnlyDictionary<string, StoredTensor> weights,
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? extra = null)
    {
        Description = description;
        Weights = weights;
        Extra = extra ?? new Dictionary<string, ReadOnlyMemory<byte>>();
    }

    /// <summary>What the model is, in words and numbers.</summary>
    public JsonObject Description { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Weights { get; }

    /// <summary>Further entries by name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Extra { get; }

    /// <summary>Writes the model to a file, whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">An extra entry has the name of a standard one.</exception>
    public void Save(string path) => AtomicFile.Write(path, Write);

    /// <summary>Writes the model to a stream.</summary>
    /// <param name="stream">Where to write; stays open.</param>
    /// <exception cref="ArgumentException">An extra entry has the name of a standard one.</exception>
    public void Write(Stream stream)
    {
        var description = new JsonObject { ["format"] = FormatName, ["version"] = CurrentVersion };
        foreach (var (key, value) in Description)
        {
            if (!description.ContainsKey(key))
                description[key] = value?.DeepClone();
        }

        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Add(zip, DescriptionEntry, System.Text.Encoding.UTF8.GetBytes(description.ToJsonString(Indented)));
        Add(zip, WeightsEntry, SafeTensors.Write(Weights.Values));
        foreach (var (name, bytes) in Extra.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            if (name is DescriptionEntry or WeightsEntry)
                throw new ArgumentException($"An extra entry cannot be named '{name}'.");
            Add(zip, name, bytes.Span);
        }
    }

    /// <summary>Reads a model from a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The model.</returns>
    /// <exception cref="DataException">There is no such file, it is not a model or is damaged, or a newer program wrote it.</exception>
    public static ModelArchive Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(path, "there is no such file", "Check the path; 'elbo fit' makes a model", innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
        }

        return Read(bytes, path);
    }

    /// <summary>Reads a model from the bytes of a file.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="file">The file they came from, for the error message.</param>
    /// <returns>The model.</returns>
    /// <exception cref="DataException">The bytes are not a model or are damaged, or a newer program wrote them.</exception>
    public static ModelArchive Read(byte[] bytes, string file)
    {
        var entries = Unzip(bytes, file);
        var description = ReadDescription(entries, file);
        if (!entries.Remove(WeightsEntry, out var weights))
            throw Damaged(file, $"it has no {WeightsEntry}");
        return new ModelArchive(description, SafeTensors.Read(weights, file), entries);
    }

    private static void Add(ZipArchive zip, string name, ReadOnlySpan<byte> bytes)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = Timestamp;
        using var stream = entry.Open();
        stream.Write(bytes);
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Unzip(byte[] bytes, string file)
    {
        var entries = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        try
        {
            using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
            foreach (var entry in zip.Entries)
            {
                if (!entries.TryAdd(entry.FullName, ReadEntry(entry, file)))
                    throw Damaged(file, $"the entry '{entry.FullName}' comes twice");
            }
        }
        catch (Exception e) when (e is not (DataException or OutOfMemoryException))
        {
            // The zip reader has no exception of its own for damage: it may be of almost any kind.
            throw Damaged(file, "it is not a whole zip file", e);
        }

        return entries;
    }

    private static byte[] ReadEntry(ZipArchiveEntry entry, string file)
    {
        if (entry.Length > LargestEntry)
            throw Damaged(file, $"the entry '{entry.FullName}' would be {entry.Length} bytes long");
        using var stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var bytes = memory.ToArray();
        if (bytes.LongLength != entry.Length || Crc32.Of(bytes) != entry.Crc32)
            throw Damaged(file, $"the entry '{entry.FullName}' does not match its checksum");
        return bytes;
    }

    private static JsonObject ReadDescription(Dictionary<string, ReadOnlyMemory<byte>> entries, string file)
    {
        if (!entries.Remove(DescriptionEntry, out var text))
            throw Damaged(file, $"it has no {DescriptionEntry}");
        try
        {
            var json = JsonNode.Parse(text.Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (RequiredJson.Get<string>(json, "format") != FormatName)
                throw new DataException(file, "is not a model of this program", "Name a file that 'elbo fit' made");
            var version = RequiredJson.Get<int>(json, "version");
            if (version > CurrentVersion)
            {
                throw new DataException(
                    file, $"the model has format version {version} but this program knows versions up to {CurrentVersion}", "Update elbo");
            }

            return json!.AsObject();
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw Damaged(file, $"{DescriptionEntry} is not sound ({e.Message.TrimEnd('.')})", e);
        }
    }

    private static DataException Damaged(string file, string reason, Exception? cause = null) =>
        new(file, $"the model is damaged or is not a model: {reason}", "Copy the file again from where it came, or fit the model again",
            innerException: cause);
}
