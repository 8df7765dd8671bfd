using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Elbo.Data;

/// <summary>
/// The folder of a run: <c>run.json</c> says what was fitted and how, <c>events.jsonl</c> has a line for each thing that happened, <c>pictures</c> and <c>tables</c> hold what
/// events name, <c>certificate.json</c> what the fit came to. A folder of runs has one such folder for each.
/// </summary>
public static class RunFolder
{
    /// <summary>The usual name of a folder of runs.</summary>
    public const string UsualName = "elbo-runs";

    internal const string FormatName = "elbo-run";
    internal const int FormatVersion = 1;
    internal const string InfoFile = "run.json";
    internal const string EventsFile = "events.jsonl";
    internal const string CertificateFile = "certificate.json";
    internal const string LockFile = "writer.lock";
    internal const string AliveFile = "alive.json";
    internal const string Pictures = "pictures";
    internal const string Tables = "tables";

    private static readonly string[] OwnFiles = [EventsFile, CertificateFile, LockFile, AliveFile];

    /// <summary>The folder of runs that belongs to a model's file: beside it.</summary>
    /// <param name="model">The model's file.</param>
    public static string Beside(string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        return Path.Combine(Path.GetDirectoryName(model) is { Length: > 0 } folder ? folder : "", UsualName);
    }

    /// <summary>Whether a folder looks like that of a run, whole or broken.</summary>
    public static bool IsRun(string folder) => File.Exists(Path.Combine(folder, InfoFile)) || File.Exists(Path.Combine(folder, EventsFile));

    /// <summary>All runs in a folder of runs, the latest first. Folders that are none are left out; broken runs are among them, and say what is broken.</summary>
    /// <param name="folder">The folder of runs; one that does not exist has none.</param>
    /// <exception cref="DataException">The folder cannot be read.</exception>
    public static IReadOnlyList<RunReader> All(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            return [];
        try
        {
            return [.. Directory.EnumerateDirectories(folder).Where(IsRun).Select(f => new RunReader(f)).OrderByDescending(r => r.Info?.Started ?? DateTimeOffset.MinValue).ThenByDescending(r => r.Id, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(folder, $"cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
        }
    }

    /// <summary>A run in a folder of runs: by the name of its folder, its beginning or its end, by what it is called, where only one is called so, or by "latest".</summary>
    /// <param name="folder">The folder of runs.</param>
    /// <param name="name">The name, or the path of the folder of a run.</param>
    /// <exception cref="DataException">There is no such run, or it may be several.</exception>
    public static RunReader Find(string folder, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || name.Contains(Path.AltDirectorySeparatorChar, StringComparison.Ordinal) || name is "." or "..")
        {
            return IsRun(name) ? new RunReader(Path.GetFullPath(name))
                : throw new DataException(name, "is not the folder of a run", $"Name a run, or the folder of one, which has a file {InfoFile}");
        }

        var runs = All(folder);
        if (runs.Count == 0)
            throw new DataException(folder, Directory.Exists(folder) ? "has no runs in it" : "there is no such folder", "Name the folder of runs with --runs, or fit a model first: elbo fit DATA");
        if (name == "latest")
            return runs[0];
        if (runs.FirstOrDefault(r => r.Id == name) is { } run)
            return run;
        RunReader[] alike = [.. runs.Where(r => r.Info?.Name == name)];
        if (alike.Length == 0)
            alike = [.. runs.Where(r => r.Id.StartsWith(name, StringComparison.Ordinal) || r.Id.EndsWith($"-{name}", StringComparison.Ordinal))];
        return alike.Length switch
        {
            1 => alike[0],
            0 => throw new DataException(folder, $"has no run '{name}'", $"It has {Listed(runs)}"),
            _ => throw new DataException(folder, $"'{name}' may be {alike.Length} runs", $"Say which: {Listed(alike)}"),
        };
    }

    /// <summary>Removes the folder of a run: the files that a run has, and then its folders where nothing else is in them. Files of others are left.</summary>
    /// <param name="run">The run.</param>
    /// <returns>Whether nothing was left.</returns>
    /// <exception cref="DataException">It is not a run, is being written, or cannot be removed.</exception>
    public static bool Remove(RunReader run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var folder = run.Folder;
        if (run.Info is null)
            throw new DataException(folder, $"is not removed, as its {InfoFile} does not say that it is a run", "Look at what is in it, and remove it by hand");
        if (run.State == RunState.Running)
            throw new DataException(folder, "is not removed, as its fit goes on", "Stop the fit first");
        try
        {
            foreach (var (name, ending) in new[] { (Pictures, ".png"), (Tables, ".csv") })
                RemoveFiles(Path.Combine(folder, name), file => file.EndsWith(ending, StringComparison.Ordinal));
            RemoveFiles(folder, file => Array.IndexOf(OwnFiles, file) >= 0, keepsFolder: true);
            // Last, so that what was begun can be ended.
            File.Delete(Path.Combine(folder, InfoFile));
            if (Directory.EnumerateFileSystemEntries(folder).Any())
                return false;
            Directory.Delete(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(folder, $"cannot be removed: {e.Message.TrimEnd('.')}", innerException: e);
        }
    }

    /// <summary>A name that is fit for a folder: letters, digits, '-', '_' and '.', at most so many.</summary>
    internal static string SafeName(string text, int longest = 40)
    {
        var safe = new StringBuilder();
        foreach (var c in text)
        {
            if (safe.Length == longest)
                break;
            safe.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-');
        }
        var name = safe.ToString().Trim('.', '-');
        return name.Length == 0 ? "run" : name;
    }

    internal static string IdOf(string name, DateTimeOffset started) =>
        string.Create(CultureInfo.InvariantCulture, $"{started.UtcDateTime:yyyyMMdd-HHmmss}-{SafeName(name)}");

    internal static JsonObject? ObjectIn(string path) => JsonNode.Parse(File.ReadAllText(path)) as JsonObject;

    // A link is left as it is: what it points to is not of the run.
    private static void RemoveFiles(string folder, Func<string, bool> isOwn, bool keepsFolder = false)
    {
        var directory = new DirectoryInfo(folder);
        if (!directory.Exists || directory.LinkTarget is not null)
            return;
        foreach (var file in directory.EnumerateFiles().Where(f => isOwn(f.Name)).ToArray())
            file.Delete();
        if (!keepsFolder && !directory.EnumerateFileSystemInfos().Any())
            directory.Delete();
    }

    private static string Listed(IReadOnlyList<RunReader> runs) => string.Join(", ", runs.Take(10).Select(r => r.Id)) + (runs.Count > 10 ? ", …" : "");
}
