using System.Text.Json;
using System.Text.Json.Nodes;

namespace Elbo.Data;

/// <summary>
/// Reads a run, also while it grows. What is broken is named in <see cref="Problems"/> and left out; nothing is thrown for it. May be used from several threads.
/// </summary>
public sealed class RunReader
{
    private const long LargestInfo = 4 << 20;

    private readonly Lock _lock = new();
    private readonly EventLog _log;
    private (RunInfo? Info, RunProblem? Problem, DateTime Of) _info;

    /// <summary>A reader of a folder; it need not be that of a run.</summary>
    /// <param name="folder">The folder.</param>
    public RunReader(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
        Id = Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder));
        _log = new(Path.Combine(Folder, RunFolder.EventsFile));
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Its name.</summary>
    public string Id { get; }

    /// <summary>What was fitted and how; null where that cannot be read.</summary>
    public RunInfo? Info
    {
        get
        {
            lock (_lock)
                return Read().Info;
        }
    }

    /// <summary>How the run stands now.</summary>
    public RunState State
    {
        get
        {
            // Looked at before the last line, as a run that ends writes that line first.
            var isAlive = RunLock.IsAlive(Folder);
            return EventLog.LastOf(Path.Combine(Folder, RunFolder.EventsFile)) switch
            {
                { Type: RecordedEventType.Ended } ended => ended.Text("outcome") switch
                {
                    "finished" => RunState.Finished,
                    "stopped" => RunState.Stopped,
                    "failed" => RunState.Failed,
                    _ => RunState.Unknown,
                },
                _ when isAlive => RunState.Running,
                null when Info is null => RunState.Unknown,
                _ => RunState.Lost,
            };
        }
    }

    /// <summary>What cannot be read of what was looked at so far.</summary>
    public IReadOnlyList<RunProblem> Problems
    {
        get
        {
            lock (_lock)
                return Read().Problem is { } problem ? [problem, .. _log.Problems] : [.. _log.Problems];
        }
    }

    /// <summary>What the fit came to, as <c>certificate.json</c> has it; null where there is none yet.</summary>
    public JsonNode? Certificate
    {
        get
        {
            try
            {
                return RunFolder.ObjectIn(Path.Combine(Folder, RunFolder.CertificateFile));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>The events so far. A line that is still being written is left for the next look.</summary>
    /// <param name="after">Only those with a greater number. To follow a run, give the number of the last that was read: the file is read from there.</param>
    /// <param name="most">At most so many.</param>
    public IReadOnlyList<RecordedEvent> Events(long after = 0, int most = int.MaxValue)
    {
        lock (_lock)
            return _log.Read(after, most);
    }

    /// <summary>The path of a picture or table that an event names; null where the name is none that a run has, whatever it is, or there is no such file.</summary>
    /// <param name="file">As in the event: "pictures/…png" or "tables/…csv".</param>
    public string? PathOf(string? file)
    {
        if (file?.Split('/') is not [var folder, var name] || name.Length == 0 || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            return null;
        if (!(folder == RunFolder.Pictures && name.EndsWith(".png", StringComparison.Ordinal)) && !(folder == RunFolder.Tables && name.EndsWith(".csv", StringComparison.Ordinal)))
            return null;
        var path = new FileInfo(Path.Combine(Folder, folder, name));
        // Links might lead anywhere.
        return path.Exists && path.LinkTarget is null && path.Directory!.LinkTarget is null ? path.FullName : null;
    }

    private (RunInfo? Info, RunProblem? Problem) Read()
    {
        var path = Path.Combine(Folder, RunFolder.InfoFile);
        var written = File.GetLastWriteTimeUtc(path);
        if (_info.Of != written)
            _info = Read(path, written);
        return (_info.Info, _info.Problem);
    }

    private (RunInfo?, RunProblem?, DateTime) Read(string path, DateTime written)
    {
        try
        {
            var size = new FileInfo(path).Length;
            return size > LargestInfo ? (null, new(RunFolder.InfoFile, null, $"its {size} bytes are too many for what it is to say"), written)
                : (RunInfo.FromJson(JsonNode.Parse(File.ReadAllText(path)), Id), null, written);
        }
        catch (FileNotFoundException)
        {
            return (null, new(RunFolder.InfoFile, null, "there is no such file"), written);
        }
        // JsonObject finds a name that is there twice when it is first asked for one, by an ArgumentException.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or ArgumentException)
        {
            return (null, new(RunFolder.InfoFile, null, e.Message.TrimEnd('.')), written);
        }
    }
}
