using System.Text.Json;
using Elbo.Data;

namespace Elbo.Dashboard;

/// <summary>A picture or table that a run has.</summary>
internal sealed record RunItem(string File, string Kind, string Title, double? Epoch);

/// <summary>A sentence that a run said.</summary>
internal sealed record RunSentence(double At, double? Epoch, string? About, string Text, string? Remedy);

/// <summary>What the events of a run come to so far. It takes them as they come, so that a run that grows costs what is new of it.</summary>
internal sealed class RunDigest
{
    // A run may say the same thing in each of a million epochs.
    private const int MostNotices = 500;

    private readonly List<EpochPoint> _epochs = [];
    private readonly List<RunItem> _pictures = [];
    private readonly List<RunItem> _tables = [];
    private readonly List<RunSentence> _warnings = [];
    private readonly List<RunSentence> _notices = [];
    private readonly List<RunLevels> _levels = [];
    private string[] _columns = [];
    private string[] _latents = [];

    /// <summary>The number of the last event.</summary>
    public long Seq { get; private set; }

    /// <summary>Seconds from the beginning to the last event.</summary>
    public double Seconds { get; private set; }

    public string? Kind { get; private set; }

    public int? PlannedEpochs { get; private set; }

    public double? TrainingRows { get; private set; }

    public double HeldOutRows { get; private set; }

    public IReadOnlyList<EpochPoint> Epochs => _epochs;

    /// <summary>The bound step by step.</summary>
    public Course Steps { get; } = new();

    public double LastStep { get; private set; }

    public IReadOnlyList<string> Columns => _columns;

    public IReadOnlyList<string> Latents => _latents;

    public IReadOnlyList<RunItem> Pictures => _pictures;

    public IReadOnlyList<RunItem> Tables => _tables;

    public IReadOnlyList<RunSentence> Warnings => _warnings;

    public IReadOnlyList<RunSentence> Notices => _notices;

    public IReadOnlyList<RunLevels> Levels => _levels;

    /// <summary>How the constraint stands: an event of that type; null where there is none.</summary>
    public RecordedEvent? Constraint { get; private set; }

    /// <summary>The last judgement; null before there is one.</summary>
    public JsonElement? Certificate { get; private set; }

    /// <summary>How the last sitting ended; null while it has not.</summary>
    public RecordedEvent? Ended { get; private set; }

    /// <summary>The last epoch that was the best so far.</summary>
    public EpochPoint? Best => _epochs.FindLast(e => e.IsBest);

    /// <summary>Whether epochs are sweeps of a closed form.</summary>
    public bool IsSweeping { get; private set; }

    /// <summary>Takes an event.</summary>
    public void Add(RecordedEvent value)
    {
        (Seq, Seconds) = (value.Seq, Math.Max(Seconds, value.At));
        switch (value.Type)
        {
            case RecordedEventType.Started:
                Start(value);
                break;
            case RecordedEventType.Step when value.Number("step") is { } step:
                LastStep = step;
                Steps.Add(step, value.Number("elbo") ?? double.NaN, value.Number("count") ?? 1);
                _epochOfStep.Add(step, value.Number("epoch") ?? double.NaN, 1);
                break;
            case RecordedEventType.Epoch when value.Number("epoch") is { } epoch:
                AddEpoch(value, (int)epoch);
                break;
            case RecordedEventType.Notice when _notices.Count < MostNotices:
                _notices.Add(Sentence(value));
                break;
            case RecordedEventType.Warning:
                _warnings.Add(Sentence(value));
                break;
            case RecordedEventType.Constraint:
                Constraint = value;
                break;
            case RecordedEventType.Levels:
                _levels.Add(RunLevels.Of(value));
                break;
            case RecordedEventType.Picture when Item(value) is { } picture:
                Put(_pictures, picture);
                break;
            case RecordedEventType.Table when Item(value) is { } table:
                Put(_tables, table);
                break;
            case RecordedEventType.Certificate:
                Certificate = value.Body;
                break;
            case RecordedEventType.Ended:
                Ended = value;
                break;
        }
    }

    // Places of steps among the epochs, to know which of them a fit that goes on does again.
    private readonly Course _epochOfStep = new();

    // A fit that goes on begins after the epoch that was saved; what was recorded beyond it is done again.
    private void Start(RecordedEvent value)
    {
        Kind = value.Text("kind") ?? Kind;
        PlannedEpochs = (int?)value.Number("epochs") ?? PlannedEpochs;
        TrainingRows = value.Number("trainingRows") ?? TrainingRows;
        HeldOutRows = value.Number("heldOutRows") ?? HeldOutRows;
        (Ended, Certificate) = (null, null);
        if (!value.Is("resumed") || value.Number("epoch") is not { } done)
            return;
        _epochs.RemoveAll(e => e.Epoch > done);
        if (_epochOfStep.LastPlaceUpTo(done) is { } step)
        {
            Steps.CutAfter(step);
            _epochOfStep.CutAfter(step);
        }
    }

    private void AddEpoch(RecordedEvent value, int epoch)
    {
        IsSweeping |= value.Number("start") is not null;
        var (columns, latents) = (value.Terms("columns"), value.Terms("latents"));
        if (columns.Count > 0)
            _columns = [.. columns.Select(c => c.Name)];
        if (latents.Count > 0)
            _latents = [.. latents.Select(c => c.Name)];
        _epochs.Add(new(epoch)
        {
            Elbo = Of("elbo"),
            Error = Of("elboStandardError"),
            Reconstruction = Of("reconstruction"),
            Kl = Of("kl"),
            Weighted = Of("importanceWeighted"),
            Training = Of("trainingElbo"),
            KlWeight = Of("klWeight"),
            Active = Of("activeLatents"),
            Latents = Of("latentCount"),
            Loss = Of("heldOut"),
            TrainingLoss = Of("training"),
            IsBest = value.Is("isBest"),
            OfColumns = [.. columns.Select(c => c.Value)],
            OfLatents = [.. latents.Select(c => c.Value)],
        });

        double Of(string name) => value.Number(name) ?? double.NaN;
    }

    private static RunSentence Sentence(RecordedEvent value) => new(value.At, value.Number("epoch"), value.Text("about"), value.Text("text") ?? "", value.Text("remedy"));

    private static RunItem? Item(RecordedEvent value) =>
        value.Text("file") is { } file ? new(file, value.Text("kind") ?? "", value.Text("title") ?? file, value.Number("epoch")) : null;

    // A file that is written again takes the place of the one before.
    private static void Put(List<RunItem> items, RunItem item)
    {
        items.RemoveAll(i => i.File == item.File);
        items.Add(item);
    }
}

/// <summary>The bound of a diffusion model, level by level, nats per row.</summary>
internal sealed record RunLevels(double? Epoch, double Total, IReadOnlyList<(string Name, double Value)> Terms, double[] Levels, double[] Nats)
{
    public static RunLevels Of(RecordedEvent value)
    {
        var (levels, nats) = (new List<double>(), new List<double>());
        if (value.Body.TryGetProperty("levels", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var level in list.EnumerateArray())
            {
                levels.Add(Number(level, "level"));
                nats.Add(Number(level, "nats"));
            }
        }

        var terms = new List<(string, double)>();
        foreach (var (name, key) in (ReadOnlySpan<(string, string)>)[("prior", "prior"), ("all levels but the first", "steps"), ("reconstruction", "reconstruction"), ("bits per number", "bitsPerNumber")])
        {
            if (value.Body.TryGetProperty(key, out var term) && Number(term, "value") is var number && double.IsFinite(number))
                terms.Add((name, number));
        }

        var total = value.Body.TryGetProperty("total", out var sum) ? Number(sum, "value") : double.NaN;
        return new(value.Number("epoch"), total, terms, [.. levels], [.. nats]);
    }

    private static double Number(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
}
