using System.Text.Json;

namespace Elbo.Dashboard;

/// <summary>Where a run stands in numbers, nats: of its certificate once it has one, otherwise of its last epoch or step. What is not known is NaN.</summary>
internal sealed record RunNumbers
{
    // Over how many epochs a change is told.
    private const int ChangeEpochs = 10;

    public double Elbo { get; private init; } = double.NaN;

    public double Error { get; private init; } = double.NaN;

    public double Reconstruction { get; private init; } = double.NaN;

    public double Kl { get; private init; } = double.NaN;

    public double Weighted { get; private init; } = double.NaN;

    public double Active { get; private init; } = double.NaN;

    public double Latents { get; private init; } = double.NaN;

    /// <summary>ln evidence − ELBO of a posterior.</summary>
    public double Gap { get; private init; } = double.NaN;

    public double ParetoShape { get; private init; } = double.NaN;

    public double ParetoThreshold { get; private init; } = double.NaN;

    public bool? IsSettled { get; private init; }

    /// <summary>How far the bound rose over <see cref="ChangeOver"/> epochs; null where there are not as many, or where it is told by a certificate.</summary>
    public double? Change { get; private init; }

    public int ChangeOver { get; private init; }

    public static RunNumbers Of(RunDigest history)
    {
        if (history.Certificate is { } certificate)
            return OfCertificate(certificate);
        if (history.Levels.LastOrDefault(l => double.IsFinite(l.Total)) is { } levels)
            return new() { Elbo = -levels.Total };
        if (history.Epochs.Count == 0)
            return new() { Elbo = history.Steps.Now };
        var last = history.Epochs[^1];
        var over = Math.Min(ChangeEpochs, history.Epochs.Count - 1);
        return new()
        {
            Elbo = last.Elbo,
            Error = last.Error,
            Reconstruction = last.Reconstruction,
            Kl = last.Kl,
            Weighted = last.Weighted,
            Active = last.Active,
            Latents = last.Latents,
            Change = over > 0 && double.IsFinite(last.Elbo) ? last.Elbo - history.Epochs[^(over + 1)].Elbo : null,
            ChangeOver = over,
        };
    }

    private static RunNumbers OfCertificate(JsonElement json)
    {
        var isPosterior = json.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String && kind.GetString() == "posterior";
        return new()
        {
            Elbo = Number("elbo"),
            Error = Number("elboStandardError"),
            Reconstruction = Number("reconstruction"),
            Kl = Number("kl"),
            Weighted = isPosterior ? double.NaN : Number("importanceWeighted"),
            Active = Number("activeLatents"),
            Latents = Number("latentCount"),
            Gap = isPosterior ? Number("gap") : double.NaN,
            ParetoShape = Number("paretoShape"),
            ParetoThreshold = Number("paretoThreshold"),
            IsSettled = json.TryGetProperty("isSettled", out var settled) ? settled.ValueKind == JsonValueKind.True : null,
        };

        double Number(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
    }
}
