using System.Text.Json;

namespace Elbo.Data;

/// <summary>A line of <c>events.jsonl</c>.</summary>
/// <param name="Seq">Its number, from 1.</param>
/// <param name="At">Seconds since the run began, without the time between its sittings.</param>
/// <param name="Type">What happened: see <see cref="RecordedEventType"/>.</param>
/// <param name="Body">The whole object.</param>
public sealed record RecordedEvent(long Seq, double At, string Type, JsonElement Body)
{
    /// <summary>The line as it stands in the file.</summary>
    public string Line => Body.GetRawText();

    /// <summary>The number of a name; null where there is none, or none that is finite.</summary>
    public double? Number(string name) => Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;

    /// <summary>The text of a name; null where there is none.</summary>
    public string? Text(string name) => Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Whether the value of a name is true.</summary>
    public bool Is(string name) => Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Names and values of a list of objects {"name", "nats"}, as <c>columns</c> and <c>latents</c> of an epoch are; none where there is no such list.</summary>
    public IReadOnlyList<(string Name, double Value)> Terms(string name)
    {
        if (!Body.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
            return [];
        var terms = new List<(string, double)>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var called) && called.ValueKind == JsonValueKind.String)
                terms.Add((called.GetString()!, item.TryGetProperty("nats", out var nats) && nats.ValueKind == JsonValueKind.Number ? nats.GetDouble() : double.NaN));
        }
        return terms;
    }
}

/// <summary>The types of events of a run; docs/runs.md says what each has.</summary>
public static class RecordedEventType
{
    /// <summary>The fit began, or went on: <c>kind, time, resumed, epoch, epochs, trainingRows, heldOutRows</c>. Of a fit that goes on after epoch n, epochs and steps that were recorded after n are superseded by those that follow.</summary>
    public const string Started = "started";

    /// <summary>Steps were taken: <c>step, count, elbo, epoch, kl, gradientNorm, rate, klWeight</c>.</summary>
    public const string Step = "step";

    /// <summary>An epoch ended: <c>epoch, trainingElbo, klWeight, isBest, rows, rowCount, elbo, elboStandardError, reconstruction, kl, importanceWeighted, importanceWeightedSamples, importanceWeightedStandardError, gap, activeLatents, latentCount, columns, latents</c>; of a diffusion model <c>epoch, training, heldOut, isBest</c>; of a closed form <c>epoch, start, elbo</c>.</summary>
    public const string Epoch = "epoch";

    /// <summary>Good to know: <c>text, epoch</c>.</summary>
    public const string Notice = "notice";

    /// <summary>A reason for doubt: <c>about, text, remedy</c>.</summary>
    public const string Warning = "warning";

    /// <summary>How the constraint stands after an epoch: <c>epoch, name, value, limit, multiplier, holds</c>.</summary>
    public const string Constraint = "constraint";

    /// <summary>The bound of a diffusion model level by level: <c>epoch, prior, steps, reconstruction, total, bitsPerNumber, levels: [{level, nats, standardError, squaredError, cost}]</c>.</summary>
    public const string Levels = "levels";

    /// <summary>A picture was written: <c>kind, title, file, epoch, images, across, imageWidth, imageHeight</c>.</summary>
    public const string Picture = "picture";

    /// <summary>A table was written: <c>kind, title, file, epoch, rows, columns: [names]</c>.</summary>
    public const string Table = "table";

    /// <summary>The fit was judged: <c>file</c>, and what is in that file. The last one counts.</summary>
    public const string Certificate = "certificate";

    /// <summary>The fit ended: <c>outcome ("finished", "stopped", "failed"), message, epoch, bestEpoch, elbo, seconds</c>.</summary>
    public const string Ended = "ended";
}
