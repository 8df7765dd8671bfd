using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Elbo.Recording;

namespace Elbo.Data;

/// <summary>What was fitted and how, as <c>run.json</c> has it.</summary>
public sealed record RunInfo
{
    /// <summary>The name of the run's folder.</summary>
    public required string Id { get; init; }

    /// <summary>What the run is called: of a fit by the command line, the model's file without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of model, as in <see cref="FitStarted.Kind"/>; null until the fit says.</summary>
    public string? Kind { get; init; }

    /// <summary>The data; null where they came from no file.</summary>
    public string? Data { get; init; }

    /// <summary>The full path of the model's file; null where there is none.</summary>
    public string? Model { get; init; }

    /// <summary>The command, word by word; none for a fit by a program.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The seed of the fit; null until it says.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The options of the fit.</summary>
    public IReadOnlyList<FitSetting> Settings { get; init; } = [];

    /// <summary>Where it runs: machine, system, runtime, processors, vector width.</summary>
    public IReadOnlyList<FitSetting> Environment { get; init; } = [];

    /// <summary>The version of the library.</summary>
    public string Version { get; init; } = "";

    /// <summary>When the run began.</summary>
    public DateTimeOffset Started { get; init; }

    internal static string LibraryVersion { get; } =
        typeof(FitEvent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    internal static IReadOnlyList<FitSetting> EnvironmentHere() =>
    [
        new("machine", System.Environment.MachineName),
        new("system", RuntimeInformation.OSDescription),
        new("runtime", RuntimeInformation.FrameworkDescription),
        new("processors", System.Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        new("architecture", RuntimeInformation.ProcessArchitecture.ToString()),
        new("vector bits", VectorBits().ToString(CultureInfo.InvariantCulture)),
    ];

    internal JsonObject ToJson() => new()
    {
        ["format"] = RunFolder.FormatName,
        ["formatVersion"] = RunFolder.FormatVersion,
        ["id"] = Id,
        ["name"] = Name,
        ["kind"] = Kind,
        ["data"] = Data,
        ["model"] = Model,
        ["command"] = new JsonArray([.. Command.Select(c => (JsonNode?)c)]),
        ["seed"] = Seed,
        ["settings"] = Of(Settings),
        ["environment"] = Of(Environment),
        ["version"] = Version,
        ["started"] = Started.ToString("O", CultureInfo.InvariantCulture),
    };

    /// <exception cref="FormatException">It is no run of this format.</exception>
    internal static RunInfo FromJson(JsonNode? json, string id)
    {
        if (((json as JsonObject)?["format"] as JsonValue)?.ToString() != RunFolder.FormatName)
            throw new FormatException($"it does not say \"format\": \"{RunFolder.FormatName}\"");
        if (RequiredJson.Get<int>(json, "formatVersion") is var version && version > RunFolder.FormatVersion)
            throw new FormatException($"a newer program wrote it (format {version}); update elbo");
        var started = RequiredJson.Get<string>(json, "started");
        return new()
        {
            Id = id,
            Name = RequiredJson.Get<string>(json, "name"),
            Kind = Optional(json, "kind"),
            Data = Optional(json, "data"),
            Model = Optional(json, "model"),
            Command = [.. RequiredJson.List(json, "command").Select(c => c?.ToString() ?? "")],
            Seed = JsonNumber.Optional<ulong>(json, "seed"),
            Settings = SettingsIn(json, "settings"),
            Environment = SettingsIn(json, "environment"),
            Version = Optional(json, "version") ?? "",
            Started = DateTimeOffset.TryParse(started, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : throw new FormatException($"'started' is no time: {started}"),
        };
    }

    private static string? Optional(JsonNode? json, string name) => (json as JsonObject)?[name] is null ? null : RequiredJson.Get<string>(json, name);

    private static JsonObject Of(IReadOnlyList<FitSetting> settings)
    {
        var json = new JsonObject();
        foreach (var setting in settings)
            json[setting.Name] = setting.Value;
        return json;
    }

    private static FitSetting[] SettingsIn(JsonNode? json, string name) =>
        (json as JsonObject)?[name] is JsonObject settings ? [.. settings.Select(s => new FitSetting(s.Key, s.Value?.ToString() ?? ""))] : [];

    private static int VectorBits() => System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 512
        : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? 256
        : System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated ? 128 : 64;
}
