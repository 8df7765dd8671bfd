using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Elbo.Compute;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>What the files of all models of texts hold. What is saved comes back to the same bits.</summary>
/// <param name="TextColumn">The column of the texts; null for a folder of them.</param>
/// <param name="Documents">How many documents it was fitted to.</param>
/// <param name="Weights">Its numbers.</param>
/// <param name="Fingerprint">Tells the documents that it was fitted to from others: <see cref="FingerprintOf"/>.</param>
/// <param name="FitSeed">The seed of its fit.</param>
/// <param name="Seconds">How long the fit took.</param>
public abstract record TextModelFile(string? TextColumn, int Documents, IReadOnlyList<NamedTensor> Weights, string Fingerprint, ulong FitSeed, double Seconds)
    : ModelFile(Weights, Fingerprint, null, null, Seconds)
{
    /// <inheritdoc/>
    /// <remarks>Nothing: these are not trained by steps of an optimiser.</remarks>
    public override TrainingOptions Training { get; } = new();

    /// <inheritdoc/>
    public override ulong Seed => FitSeed;

    private protected override bool IsTrained => false;

    /// <summary>A short text that is the same for the same texts in the same order and, practically, for no others.</summary>
    public static string FingerprintOf(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
            hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private protected JsonObject About() => new()
    {
        ["column"] = TextColumn,
        ["documents"] = Documents,
        ["seed"] = FitSeed,
    };

    private protected static (string? Column, int Documents, ulong Seed) AboutOf(JsonObject json)
    {
        var about = json["texts"] as JsonObject ?? throw new FormatException("'texts' is missing.");
        return (about["column"] is null ? null : RequiredJson.Get<string>(about, "column"), RequiredJson.Get<int>(about, "documents"), RequiredJson.Get<ulong>(about, "seed"));
    }

    private protected static NamedTensor Numbers(string name, ReadOnlySpan<double> values, params ReadOnlySpan<int> shape) =>
        new(name, Shape.Create(shape), DType.Float64, MemoryMarshal.AsBytes(values).ToArray());

    private protected static double[] Numbers(IReadOnlyList<NamedTensor> tensors, string name) =>
        tensors.FirstOrDefault(t => t.Name == name) is { Type: DType.Float64 } tensor ? MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray()
        : throw new FormatException($"the tensor '{name}' is missing.");
}
