using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Data;
using Elbo.Recording;

namespace Elbo.Cli.Output;

/// <summary>Runs for machines.</summary>
internal static class RunJson
{
    public static string Of(RunReader run, RunOverview overview) => JsonText.Line("run", Object(run, overview));

    /// <summary>All of a run but its single epochs and steps.</summary>
    public static string Whole(RunReader run)
    {
        var json = Object(run, RunOverview.Of(run));
        var events = RunHistory.Standing(run.Events());
        json["command"] = new JsonArray([.. (run.Info?.Command ?? []).Select(c => (JsonNode?)c)]);
        json["settings"] = Settings(run.Info?.Settings ?? []);
        json["environment"] = Settings(run.Info?.Environment ?? []);
        json["certificate"] = run.Certificate?.DeepClone();
        json["warnings"] = new JsonArray([.. events.Where(e => e.Type == RecordedEventType.Warning).Select(e => JsonNode.Parse(e.Line))]);
        json["notices"] = new JsonArray([.. events.Where(e => e.Type == RecordedEventType.Notice).Select(e => (JsonNode?)e.Text("text"))]);
        json["files"] = new JsonArray([.. events.Where(e => e.Type is RecordedEventType.Table or RecordedEventType.Picture).Select(e => (JsonNode?)e.Text("file")).OfType<JsonNode>().DistinctBy(f => f.ToString()).Cast<JsonNode?>()]);
        json["problems"] = new JsonArray([.. run.Problems.Select(p => (JsonNode?)p.ToString())]);
        return JsonText.Line("run", json);
    }

    public static string Of(RunComparison comparison) => JsonText.Line("comparison", new()
    {
        ["a"] = comparison.A.Id,
        ["b"] = comparison.B.Id,
        ["settings"] = new JsonArray([.. comparison.Settings.Select(s => (JsonNode?)new JsonObject { ["name"] = s.Name, ["a"] = s.A, ["b"] = s.B })]),
        ["figures"] = Figures(comparison.Figures),
        ["columns"] = Figures(comparison.Columns),
        ["verdict"] = comparison.Verdict,
    });

    private static JsonObject Object(RunReader run, RunOverview overview) => new()
    {
        ["run"] = overview.Id,
        ["folder"] = run.Folder,
        ["name"] = overview.Name,
        ["kind"] = overview.Kind,
        ["state"] = overview.State.ToString().ToLowerInvariant(),
        ["started"] = overview.Started?.ToString("O", CultureInfo.InvariantCulture),
        ["seconds"] = overview.Seconds,
        ["epoch"] = overview.Epoch,
        ["epochs"] = overview.Epochs,
        ["bestEpoch"] = overview.BestEpoch,
        ["elbo"] = overview.Elbo,
        ["warningCount"] = overview.Warnings,
        ["problemCount"] = overview.Problems,
        ["data"] = run.Info?.Data,
        ["model"] = run.Info?.Model,
        ["seed"] = run.Info?.Seed,
    };

    private static JsonObject Settings(IEnumerable<FitSetting> settings)
    {
        var json = new JsonObject();
        foreach (var setting in settings)
            json[setting.Name] = setting.Value;
        return json;
    }

    private static JsonArray Figures(IEnumerable<ComparedFigure> figures) => new([.. figures.Select(f =>
        (JsonNode?)new JsonObject { ["name"] = f.Name, ["a"] = JsonText.Number(f.A), ["b"] = JsonText.Number(f.B), ["difference"] = JsonText.Number(f.Difference) })]);
}
