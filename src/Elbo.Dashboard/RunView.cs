using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Data;

namespace Elbo.Dashboard;

/// <summary>Which run it is, and what of it cannot be read.</summary>
internal sealed record RunIdentity(string Id, RunInfo? Info, IReadOnlyList<RunProblem> Problems)
{
    public static RunIdentity Of(RunReader reader) => new(reader.Id, reader.Info, reader.Problems);
}

/// <summary>What the page is told of a run. What is not known, or not finite, is null or is not there.</summary>
internal static class RunView
{
    /// <summary>Places of a course that are sent at most: about as many as a screen has across.</summary>
    public const int MostPoints = 900;

    private const int MostHeatColumns = 240;
    private const int MostCourse = 60;
    private const int MostColumnCourse = 80;
    private const int MostSentences = 300;

    /// <summary>What the list of runs shows.</summary>
    public static JsonObject Summary(RunIdentity run, RunDigest history, RunState state)
    {
        var info = run.Info;
        var now = RunNumbers.Of(history);
        return new()
        {
            ["id"] = run.Id,
            ["name"] = info?.Name ?? run.Id,
            ["kindName"] = RunWords.KindName(history.Kind ?? info?.Kind),
            ["data"] = info?.Data,
            ["state"] = RunWords.StateName(state),
            ["started"] = info?.Started.ToString("O", CultureInfo.InvariantCulture),
            ["elbo"] = Number(now.Elbo),
            ["warnings"] = Warnings(history).Count,
            ["course"] = Numbers(history.Epochs.Count > 0 ? EpochPoint.Evenly(history.Epochs, MostCourse).Select(e => e.Elbo) : history.Steps.Between(double.NegativeInfinity, double.PositiveInfinity, MostCourse).Mean),
        };
    }

    /// <summary>All of a run.</summary>
    public static JsonObject Of(RunIdentity run, RunDigest history, RunState state)
    {
        var info = run.Info;
        var now = RunNumbers.Of(history);
        var warnings = Warnings(history);
        var verdict = RunWords.Verdict(history, state, now, warnings);
        var view = new JsonObject
        {
            ["id"] = run.Id,
            ["seq"] = history.Seq,
            ["name"] = info?.Name ?? run.Id,
            ["kind"] = history.Kind ?? info?.Kind,
            ["kindName"] = RunWords.KindName(history.Kind ?? info?.Kind),
            ["data"] = info?.Data,
            ["rows"] = history.TrainingRows is { } rows ? rows + history.HeldOutRows : null,
            ["heldOut"] = history.HeldOutRows > 0,
            ["unit"] = RunWords.IsTotal(history.Kind) ? "total" : "row",
            ["turn"] = RunWords.Turn(history),
            ["started"] = info?.Started.ToString("O", CultureInfo.InvariantCulture),
            ["seconds"] = history.Ended?.Number("seconds") ?? Elapsed(history, info, state),
            ["state"] = RunWords.StateName(state),
            ["verdict"] = new JsonObject { ["tone"] = verdict.Tone, ["text"] = verdict.Text, ["detail"] = verdict.Detail },
            ["plannedEpochs"] = history.PlannedEpochs,
            ["epochCount"] = history.Epochs.Count > 0 ? history.Epochs[^1].Epoch : 0,
            ["bestEpoch"] = history.IsSweeping ? null : history.Best?.Epoch,
            ["stepCount"] = history.LastStep,
            ["now"] = Of(now),
            ["warnings"] = new JsonArray([.. warnings.Select(w => (JsonNode?)new JsonObject { ["text"] = w.Text, ["remedy"] = w.Remedy })]),
            ["notices"] = new JsonArray([.. history.Notices.TakeLast(MostSentences).Select(n => (JsonNode?)new JsonObject { ["at"] = n.At, ["epoch"] = n.Epoch, ["text"] = n.Text })]),
            ["problems"] = new JsonArray([.. run.Problems.Select(p => (JsonNode?)p.ToString())]),
            ["pictures"] = Items(history.Pictures),
            ["tables"] = Items(history.Tables),
            ["details"] = Details(info, history),
        };
        AddCourses(view, history);
        if (history.Certificate is { } certificate)
            view["certificate"] = CertificateView.Of(certificate);
        return view;
    }

    /// <summary>The bound step by step.</summary>
    public static JsonObject Steps(Stretches steps) => new() { ["x"] = Numbers(steps.X), ["mean"] = Numbers(steps.Mean), ["low"] = Numbers(steps.Low), ["high"] = Numbers(steps.High), ["smooth"] = Numbers(steps.Smooth) };

    /// <summary>The number, or null for what JSON has no word for.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(Number)]);

    // The same doubt is said again when a model is judged with more effort; the last word counts.
    private static IReadOnlyList<RunSentence> Warnings(RunDigest history) => [.. history.Warnings.GroupBy(w => w.About ?? w.Text).Select(g => g.Last())];

    private static double Elapsed(RunDigest history, RunInfo? info, RunState state) =>
        state == RunState.Running && info is not null && history.Seconds == 0 ? Math.Max(0, (DateTimeOffset.UtcNow - info.Started).TotalSeconds) : history.Seconds;

    private static JsonObject Of(RunNumbers now)
    {
        var json = new JsonObject();
        Put("elbo", now.Elbo);
        Put("error", now.Error);
        Put("reconstruction", now.Reconstruction);
        Put("kl", now.Kl);
        Put("iwae", now.Weighted);
        Put("active", now.Active);
        Put("latents", now.Latents);
        Put("gap", now.Gap);
        Put("khat", now.ParetoShape);
        Put("khatLimit", now.ParetoThreshold);
        if (now.Change is { } change)
            (json["change"], json["changeOver"]) = (Number(change), now.ChangeOver);
        if (now.IsSettled is { } settled)
            json["settled"] = settled;
        return json;

        void Put(string name, double value)
        {
            if (double.IsFinite(value))
                json[name] = value;
        }
    }

    private static void AddCourses(JsonObject view, RunDigest history)
    {
        var epochs = EpochPoint.Chosen(history.Epochs, MostPoints);
        if (epochs.Any(e => double.IsFinite(e.Elbo)))
        {
            var json = new JsonObject { ["x"] = Numbers(epochs.Select(e => (double)e.Epoch)), ["elbo"] = Numbers(epochs.Select(e => e.Elbo)) };
            Put("iwae", e => e.Weighted);
            Put("training", e => e.Training);
            Put("reconstruction", e => e.Reconstruction);
            Put("kl", e => e.Kl);
            view["epochs"] = json;

            void Put(string name, Func<EpochPoint, double> of)
            {
                if (epochs.Any(e => double.IsFinite(of(e))))
                    json[name] = Numbers(epochs.Select(of));
            }
        }

        if (epochs.Any(e => double.IsFinite(e.Loss) || double.IsFinite(e.TrainingLoss)))
            view["loss"] = new JsonObject { ["x"] = Numbers(epochs.Select(e => (double)e.Epoch)), ["heldOut"] = Numbers(epochs.Select(e => e.Loss)), ["training"] = Numbers(epochs.Select(e => e.TrainingLoss)) };
        if (history.Steps.Count > 0)
            view["steps"] = Steps(history.Steps.Between(double.NegativeInfinity, double.PositiveInfinity, MostPoints));
        AddLatents(view, history);
        AddColumns(view, history);
        AddLevels(view, history);
    }

    private static void AddLatents(JsonObject view, RunDigest history)
    {
        var shown = EpochPoint.Evenly([.. history.Epochs.Where(e => e.OfLatents.Length == history.Latents.Count)], MostHeatColumns);
        if (history.Latents.Count == 0 || shown.Count == 0)
            return;
        view["latents"] = new JsonObject
        {
            ["names"] = new JsonArray([.. history.Latents.Select(n => (JsonNode?)n)]),
            ["epochs"] = Numbers(shown.Select(e => (double)e.Epoch)),
            ["values"] = new JsonArray([.. history.Latents.Select((_, i) => (JsonNode?)Numbers(shown.Select(e => e.OfLatents[i])))]),
            ["collapsed"] = new JsonArray([.. RunWords.Collapsed(history).Select(c => (JsonNode?)new JsonObject { ["name"] = c.Name, ["since"] = c.Since })]),
        };
    }

    private static void AddColumns(JsonObject view, RunDigest history)
    {
        var shown = EpochPoint.Evenly([.. history.Epochs.Where(e => e.OfColumns.Length == history.Columns.Count)], MostColumnCourse);
        // Of one column, such as the pixels of images, the reconstruction is already shown.
        if (history.Columns.Count < 2 || shown.Count == 0)
            return;
        view["columns"] = new JsonObject
        {
            ["names"] = new JsonArray([.. history.Columns.Select(n => (JsonNode?)n)]),
            ["values"] = new JsonArray([.. history.Columns.Select((_, i) => (JsonNode?)Numbers(shown.Select(e => e.OfColumns[i])))]),
        };
    }

    private static void AddLevels(JsonObject view, RunDigest history)
    {
        if (history.Levels.Count == 0)
            return;
        var (first, last) = (history.Levels[0], history.Levels[^1]);
        view["levels"] = new JsonObject
        {
            ["x"] = Numbers(last.Levels),
            ["y"] = Numbers(last.Nats),
            ["before"] = first != last && first.Nats.Length == last.Nats.Length ? Numbers(first.Nats) : null,
            ["terms"] = new JsonArray([.. last.Terms.Select(t => (JsonNode?)new JsonObject { ["name"] = t.Name, ["value"] = Number(t.Value) })]),
        };
    }

    private static JsonArray Items(IReadOnlyList<RunItem> items) =>
        new([.. items.Select(i => (JsonNode?)new JsonObject { ["file"] = i.File, ["kind"] = i.Kind, ["title"] = i.Title, ["epoch"] = i.Epoch })]);

    private static JsonObject Details(RunInfo? info, RunDigest history)
    {
        var environment = new JsonArray();
        var settings = new JsonArray();
        if (info is not null)
        {
            Add(environment, "Elbo", info.Version);
            foreach (var setting in info.Environment)
                Add(environment, setting.Name, setting.Value);
            if (info.Seed is { } seed)
                Add(settings, "seed", seed.ToString(CultureInfo.InvariantCulture));
            foreach (var setting in info.Settings)
                Add(settings, setting.Name, setting.Value);
            if (info.Model is { } model)
                Add(environment, "model", model);
        }
        if (history.TrainingRows is { } rows)
            Add(settings, "rows", history.HeldOutRows > 0 ? $"{rows:N0} to train on, {history.HeldOutRows:N0} held out" : $"{rows:N0}");
        return new()
        {
            ["command"] = info is { Command.Count: > 0 } ? string.Join(' ', info.Command.Select(Word)) : null,
            ["settings"] = settings,
            ["environment"] = environment,
        };

        static void Add(JsonArray list, string name, string value) => list.Add((JsonNode)new JsonArray(name, value));
    }

    private static string Word(string text) =>
        text.Length > 0 && text.All(c => char.IsLetterOrDigit(c) || "./_-=:,+@%".Contains(c, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
