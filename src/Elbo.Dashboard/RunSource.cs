using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Elbo.Data;

namespace Elbo.Dashboard;

/// <summary>A fit that can be reported: a recorded run, or as much as a model's file keeps of its fit.</summary>
public sealed class RunSource
{
    private readonly RunIdentity _identity;
    private readonly RunState _state;
    private readonly RunReader? _reader;

    private RunSource(RunIdentity identity, RunDigest history, RunState state, RunReader? reader) => (_identity, History, _state, _reader) = (identity, history, state, reader);

    /// <summary>What it is called.</summary>
    public string Name => _identity.Info?.Name ?? _identity.Id;

    internal string Id => _identity.Id;

    internal RunDigest History { get; }

    /// <summary>A recorded run, as it stands now.</summary>
    /// <param name="run">The run; what is broken of it is left out and said.</param>
    public static RunSource Of(RunReader run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var state = run.State;
        var history = new RunDigest();
        foreach (var value in run.Events())
            history.Add(value);
        return new(RunIdentity.Of(run), history, state, run);
    }

    /// <summary>What a model's file keeps of its fit: the course of the bounds and what it came to in the end.</summary>
    /// <param name="path">The model's file.</param>
    /// <exception cref="DataException">There is no such file, or it is no model.</exception>
    public static RunSource Of(string path)
    {
        var file = ModelFile.Load(path);
        var name = Path.GetFileNameWithoutExtension(path);
        var history = new RunDigest();
        var seq = 0;
        var kind = file switch { TableModelFile => "table-vae", ImageModelFile => "image-vae", TextClassifierFile => "text-classifier", TopicModelFile => "topics", _ => "vae" };
        Add(RecordedEventType.Started, new() { ["kind"] = kind, ["heldOutRows"] = file.Report is { OfHeldOutRows: true } report ? report.Evaluation.Bound.Rows : 0 });
        foreach (var line in file.State?.History ?? [])
        {
            // The terms are kept of the end alone.
            var isLast = file.State!.BestEpoch == line.Epoch && file.Report is not null;
            Add(RecordedEventType.Epoch, new()
            {
                ["epoch"] = line.Epoch,
                ["trainingElbo"] = RunView.Number(line.TrainingElbo),
                ["elbo"] = RunView.Number(line.HeldOutElbo),
                ["kl"] = RunView.Number(line.Kl),
                ["reconstruction"] = RunView.Number(line.HeldOutElbo + line.Kl),
                ["importanceWeighted"] = RunView.Number(line.ImportanceWeighted),
                ["activeLatents"] = line.ActiveLatents,
                ["isBest"] = isLast || line.Epoch == file.State.BestEpoch,
                ["latents"] = isLast ? Terms(file.Report!.Evaluation.Bound.Latents) : null,
                ["columns"] = isLast ? Terms(file.Report!.Evaluation.Bound.Columns) : null,
            });
        }
        if (file.Report is { } end)
        {
            Add(RecordedEventType.Certificate, Certificate(end, file.State?.BestEpoch));
            if (end.Evaluation.Collapse is { } collapse)
                Add(RecordedEventType.Warning, new() { ["about"] = "collapse", ["text"] = collapse });
        }
        Add(RecordedEventType.Ended, new() { ["outcome"] = file.Report is null ? "stopped" : "finished", ["seconds"] = RunView.Number(file.Seconds) });

        var info = new RunInfo
        {
            Id = name,
            Name = name,
            Kind = kind,
            Model = Path.GetFullPath(path),
            Seed = file.Seed,
            Settings = [new("latent", file.Latent.ToString(CultureInfo.InvariantCulture))],
            Version = file.Report?.Version ?? "",
            Started = new(File.GetLastWriteTimeUtc(path)),
        };
        return new(new(name, info, []), history, file.Report is null ? RunState.Stopped : RunState.Finished, null);

        void Add(string type, JsonObject body)
        {
            (body["seq"], body["type"], body["at"]) = (++seq, type, 0);
            history.Add(new(seq, 0, type, JsonSerializer.SerializeToElement(body)));
        }
    }

    internal JsonObject View() => RunView.Of(_identity, History, _state);

    internal JsonObject Summary() => RunView.Summary(_identity, History, _state);

    /// <summary>The bytes of a picture of the run; null where it cannot be had.</summary>
    internal byte[]? Picture(RunItem picture)
    {
        try
        {
            return _reader?.PathOf(picture.File) is { } path ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A table of the run; null where it cannot be had.</summary>
    internal JsonObject? Table(RunItem table, int most) => _reader?.PathOf(table.File) is { } path ? RunTables.Read(path, most) : null;

    private static JsonObject Certificate(FitReport report, int? bestEpoch)
    {
        var (bound, weighted, active) = report.Evaluation;
        return new()
        {
            ["kind"] = "autoencoder",
            ["bestEpoch"] = bestEpoch,
            ["rows"] = report.OfHeldOutRows ? "held-out" : "training",
            ["rowCount"] = bound.Rows,
            ["elbo"] = RunView.Number(bound.Elbo),
            ["elboStandardError"] = RunView.Number(bound.StandardError),
            ["reconstruction"] = RunView.Number(bound.Reconstruction),
            ["kl"] = RunView.Number(bound.Kl),
            ["importanceWeighted"] = RunView.Number(weighted.Value),
            ["importanceWeightedSamples"] = weighted.Samples,
            ["importanceWeightedStandardError"] = RunView.Number(weighted.StandardError),
            ["gap"] = RunView.Number(weighted.Value - bound.Elbo),
            ["activeLatents"] = active,
            ["latentCount"] = report.Evaluation.Latents,
        };
    }

    private static JsonArray Terms(IEnumerable<Objectives.Term> terms) => new([.. terms.Select(t => (JsonNode?)new JsonObject { ["name"] = t.Name, ["nats"] = RunView.Number(t.Value) })]);
}
