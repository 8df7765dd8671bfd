using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Elbo.Data;

/// <summary>The number types of a tensor file that are read and written here.</summary>
public enum TensorType
{
    /// <summary>32-bit floating point.</summary>
    F32,

    /// <summary>64-bit floating point.</summary>
    F64,

    /// <summary>32-bit signed integers.</summary>
    I32,

    /// <summary>64-bit signed integers.</summary>
    I64,
}

/// <summary>A named tensor as it lies in a file: its bytes are its numbers, little-endian, the last axis varying fastest.</summary>
/// <param name="Name">The name, unique in its file.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Shape">The sizes of its axes; none for a scalar.</param>
/// <param name="Data">Its numbers as bytes.</param>
public sealed record StoredTensor(string Name, TensorType Type, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Stores 32-bit floating-point numbers.</summary>
    /// <param name="name">The name.</param>
    /// <param name="shape">The sizes of the axes, whose product is the number of values.</param>
    /// <param name="values">The numbers, the last axis varying fastest.</param>
    /// <returns>The tensor, with a copy of the numbers.</returns>
    /// <exception cref="ArgumentException">The shape does not hold as many numbers.</exception>
    public static StoredTensor Of(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values)
    {
        var data = Allocate(name, shape, values.Length, 4);
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4 * i), values[i]);
        return new StoredTensor(name, TensorType.F32, [.. shape], data);
    }

    /// <summary>Stores 64-bit floating-point numbers.</summary>
    /// <inheritdoc cref="Of(string, IReadOnlyList{int}, ReadOnlySpan{float})"/>
    public static StoredTensor Of(string name, IReadOnlyList<int> shape, ReadOnlySpan<double> values)
    {
        var data = Allocate(name, shape, values.Length, 8);
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(data.AsSpan(8 * i), values[i]);
        return new StoredTensor(name, TensorType.F64, [.. shape], data);
    }

    /// <summary>Stores 32-bit integers.</summary>
    /// <inheritdoc cref="Of(string, IReadOnlyList{int}, ReadOnlySpan{float})"/>
    public static StoredTensor Of(string name, IReadOnlyList<int> shape, ReadOnlySpan<int> values)
    {
        var data = Allocate(name, shape, values.Length, 4);
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4 * i), values[i]);
        return new StoredTensor(name, TensorType.I32, [.. shape], data);
    }

    /// <summary>Stores 64-bit integers.</summary>
    /// <inheritdoc cref="Of(string, IReadOnlyList{int}, ReadOnlySpan{float})"/>
    public static StoredTensor Of(string name, IReadOnlyList<int> shape, ReadOnlySpan<long> values)
    {
        var data = Allocate(name, shape, values.Length, 8);
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(8 * i), values[i]);
        return new StoredTensor(name, TensorType.I64, [.. shape], data);
    }

    /// <summary>The numbers, when they are 32-bit floating point.</summary>
    /// <returns>A new array, the last axis varying fastest.</returns>
    /// <exception cref="InvalidOperationException">They are of another type.</exception>
    public float[] ToSingles() => Read(TensorType.F32, 4, BinaryPrimitives.ReadSingleLittleEndian);

    /// <summary>The numbers, when they are 64-bit floating point.</summary>
    /// <returns>A new array, the last axis varying fastest.</returns>
    /// <exception cref="InvalidOperationException">They are of another type.</exception>
    public double[] ToDoubles() => Read(TensorType.F64, 8, BinaryPrimitives.ReadDoubleLittleEndian);

    /// <summary>The numbers, when they are 32-bit integers.</summary>
    /// <returns>A new array, the last axis varying fastest.</returns>
    /// <exception cref="InvalidOperationException">They are of another type.</exception>
    public int[] ToInt32s() => Read(TensorType.I32, 4, BinaryPrimitives.ReadInt32LittleEndian);

    /// <summary>The numbers, when they are 64-bit integers.</summary>
    /// <returns>A new array, the last axis varying fastest.</returns>
    /// <exception cref="InvalidOperationException">They are of another type.</exception>
    public long[] ToInt64s() => Read(TensorType.I64, 8, BinaryPrimitives.ReadInt64LittleEndian);

    internal static int SizeOf(TensorType type) => type is TensorType.F32 or TensorType.I32 ? 4 : 8;

    private delegate T Reader<T>(ReadOnlySpan<byte> source);

    private static byte[] Allocate(string name, IReadOnlyList<int> shape, int count, int size)
    {
        var product = shape.Aggregate(1L, (p, n) => checked(p * n));
        if (product != count)
        {
            throw new ArgumentException(
                $"Tensor '{name}' of shape [{string.Join(", ", shape)}] holds {product} numbers, not {count}.", nameof(shape));
        }

        return new byte[checked(count * size)];
    }

    private T[] Read<T>(TensorType type, int size, Reader<T> read)
    {
        if (Type != type)
            throw new InvalidOperationException($"Tensor '{Name}' is of type {Type}, not {type}.");
        var values = new T[Data.Length / size];
        for (var i = 0; i < values.Length; i++)
            values[i] = read(Data.Span[(i * size)..]);
        return values;
    }
}

/// <summary>
/// Tensor files in the public safetensors format: eight bytes with the length of a JSON header, the header, the numbers. See
/// https://github.com/huggingface/safetensors. Reading checks everything the header says before any of it is believed.
/// </summary>
public static class SafeTensors
{
    // The format's own limit, which keeps a damaged length from asking for all memory.
    private const int LongestHeader = 100_000_000;
    private const int Alignment = 8;

    /// <summary>The tensors as the bytes of a file. The same tensors give the same bytes: they are ordered by name.</summary>
    /// <param name="tensors">The tensors, with different names, whose data fit their shapes.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentException">A name comes twice or is reserved.</exception>
    public static byte[] Write(IEnumerable<StoredTensor> tensors)
    {
        var ordered = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var header = new JsonObject();
        var offset = 0L;
        foreach (var tensor in ordered)
        {
            if (tensor.Name == "__metadata__" || header.ContainsKey(tensor.Name))
                throw new ArgumentException($"A tensor cannot be named '{tensor.Name}': the name is taken or reserved.", nameof(tensors));
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.Type.ToString(),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(n => (JsonNode?)JsonValue.Create(n))]),
                ["data_offsets"] = new JsonArray(JsonValue.Create(offset), JsonValue.Create(offset + tensor.Data.Length)),
            };
            offset += tensor.Data.Length;
        }

        // Spaces at the end of the header, which the format allows, put the numbers on a multiple of eight.
        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        var padded = (json.Length + Alignment - 1) / Alignment * Alignment;
        var bytes = new byte[checked(8 + padded + offset)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)padded);
        bytes.AsSpan(8, padded).Fill((byte)' ');
        json.CopyTo(bytes, 8);
        var at = 8 + padded;
        foreach (var tensor in ordered)
        {
            tensor.Data.Span.CopyTo(bytes.AsSpan(at));
            at += tensor.Data.Length;
        }

        return bytes;
    }

    /// <summary>The tensors in the bytes of a file, by name.</summary>
    /// <param name="bytes">The bytes; the tensors share them.</param>
    /// <param name="file">The file they came from, for the error message.</param>
    /// <returns>The tensors by name.</returns>
    /// <exception cref="DataException">The bytes are not a whole, sound file of tensors of the supported types.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Read(ReadOnlyMemory<byte> bytes, string file)
    {
        if (bytes.Length < 8)
            throw Damaged(file, "it is too short to have a header");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
        if (headerLength > LongestHeader || headerLength > (ulong)(bytes.Length - 8))
            throw Damaged(file, $"its header would be {headerLength} bytes long");
        var data = bytes[(8 + (int)headerLength)..];
        try
        {
            using var header = JsonDocument.Parse(bytes.Slice(8, (int)headerLength));
            return ReadHeader(header.RootElement, data, file);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Damaged(file, "its header is not sound JSON", e);
        }
    }

    private static Dictionary<string, StoredTensor> ReadHeader(JsonElement header, ReadOnlyMemory<byte> data, string file)
    {
        var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        var spans = new List<(long Start, long End)>();
        foreach (var entry in header.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
                continue;
            var (tensor, start, end) = ReadTensor(entry, data, file);
            spans.Add((start, end));
            if (!tensors.TryAdd(entry.Name, tensor))
                throw Damaged(file, $"tensor '{entry.Name}' comes twice");
        }

        // The format allows neither overlaps nor holes.
        var expected = 0L;
        foreach (var (start, end) in spans.Order())
        {
            if (start != expected)
                throw Damaged(file, start < expected ? "two tensors overlap" : "bytes lie between two tensors");
            expected = end;
        }

        return expected == data.Length
            ? tensors
            : throw Damaged(file, $"its tensors take {expected} bytes but {data.Length} follow the header");
    }

    private static (StoredTensor Tensor, long Start, long End) ReadTensor(JsonProperty entry, ReadOnlyMemory<byte> data, string file)
    {
        var name = entry.Name;
        if (!entry.Value.TryGetProperty("dtype", out var dtype) || !entry.Value.TryGetProperty("shape", out var axes)
            || !entry.Value.TryGetProperty("data_offsets", out var offsets) || offsets.GetArrayLength() != 2)
        {
            throw Damaged(file, $"tensor '{name}' lacks its type, shape or place");
        }

        TensorType? type = dtype.GetString() switch
        {
            "F32" => TensorType.F32,
            "F64" => TensorType.F64,
            "I32" => TensorType.I32,
            "I64" => TensorType.I64,
            _ => null,
        };
        if (type is null)
            throw new DataException(file, $"tensor '{name}' is of type {dtype.GetString()}", "Only F32, F64, I32 and I64 are supported");

        var shape = axes.EnumerateArray().Select(n => n.GetInt32()).ToArray();
        var (start, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        var size = (System.Int128)StoredTensor.SizeOf(type.Value);
        foreach (var axis in shape)
        {
            size *= axis;
            if (axis < 0 || size > data.Length)
                throw Damaged(file, $"tensor '{name}' has the impossible shape [{string.Join(", ", shape)}]");
        }

        if (start < 0 || end < start || end > data.Length || end - start != (long)size)
            throw Damaged(file, $"tensor '{name}' lies at bytes {start} to {end}, which does not fit its shape or the file");
        return (new StoredTensor(name, type.Value, shape, data[(int)start..(int)end]), start, end);
    }

    private static DataException Damaged(string file, string reason, Exception? cause = null) =>
        new(file, $"the tensors are damaged: {reason}", "Copy the file again from where it came", innerException: cause);
}
