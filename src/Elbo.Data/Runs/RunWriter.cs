using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Elbo.Recording;

namespace Elbo.Data;

/// <summary>What a program says of a run that it begins to record.</summary>
public sealed record RunOptions
{
    /// <summary>The data, as the user named them; null where they came from no file.</summary>
    public string? Data { get; init; }

    /// <summary>The model's file; null where there is none.</summary>
    public string? Model { get; init; }

    /// <summary>The command, word by word.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];
}

/// <summary>
/// Records a run: give it to a fit as its recorder, and dispose of it when the model has been made use of. What happens is in the folder within a quarter of a second, so that a run
/// can be watched, and survives a process that is killed. A record that cannot be written any more, as on a disk that is full, stops where it is and leaves the fit alone:
/// <see cref="Trouble"/>.
/// </summary>
/// <example>
/// <code>
/// using var run = RunWriter.Begin("elbo-runs", "digits");
/// using var model = Vae.Fit(images, training: Vae.ForImages with { Recorder = run });
/// </code>
/// </example>
public sealed class RunWriter : IProgress<FitEvent>, IDisposable
{
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(250);
    private const int WritesABeat = 20;
    private const int LargestPending = 1 << 16;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private readonly Lock _access = new();
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly Utf8JsonWriter _json;
    private readonly FileStream _events;
    private readonly RunLock _alive;
    private readonly Timer _timer;
    private readonly double _secondsBefore;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly EventJson _words = new();
    private long _seq;
    private int _writes;
    private bool _isDisposed;

    private RunWriter(string folder, RunInfo info, RunLock alive, RecordedEvent? last)
    {
        (Folder, Info, _alive) = (folder, info, alive);
        (_seq, _secondsBefore) = (last?.Seq ?? 0, last?.At ?? 0);
        _events = new(Path.Combine(folder, RunFolder.EventsFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        CutTornLine(_events);
        _json = new(_pending);
        _timer = new(_ => Guarded(WriteInTurn), null, BetweenWrites, BetweenWrites);
    }

    /// <summary>The folder of the run.</summary>
    public string Folder { get; }

    /// <summary>The name of the run: that of its folder.</summary>
    public string Id => Info.Id;

    /// <summary>What was said of the run so far.</summary>
    public RunInfo Info { get; private set; }

    /// <summary>Why the record is not whole; null where it is.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Seconds that the run has been recorded, all its sittings together.</summary>
    private double Seconds => _secondsBefore + Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Begins to record a run.</summary>
    /// <param name="folder">The folder of runs; made where there is none.</param>
    /// <param name="name">What the run is called. Its folder is named by the time and this.</param>
    /// <param name="options">What else is known of it.</param>
    /// <exception cref="DataException">The folder cannot be written to.</exception>
    public static RunWriter Begin(string folder, string name, RunOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new();
        return Opening(folder, () =>
        {
            Directory.CreateDirectory(folder);
            var started = DateTimeOffset.UtcNow;
            var id = RunFolder.IdOf(name, started);
            var own = NewFolder(folder, id);
            var info = new RunInfo
            {
                Id = Path.GetFileName(own),
                Name = name,
                Data = options.Data,
                Model = options.Model is { } model ? Path.GetFullPath(model) : null,
                Command = options.Command,
                Environment = RunInfo.EnvironmentHere(),
                Version = RunInfo.LibraryVersion,
                Started = started,
            };
            return Locked(own, alive =>
            {
                WriteInfo(own, info);
                return new RunWriter(own, info, alive, null);
            });
        });
    }

    /// <summary>Goes on with the record of a run.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="DataException">It is no run, is being written by another process, or cannot be written to.</exception>
    public static RunWriter Resume(RunReader run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var info = run.Info ?? throw new DataException(run.Folder, run.Problems is [var problem, ..] ? problem.ToString() : "it is no run", "Record another run");
        return Opening(run.Folder, () => Locked(run.Folder, alive => new RunWriter(run.Folder, info, alive, EventLog.LastOf(Path.Combine(run.Folder, RunFolder.EventsFile)))));
    }

    /// <summary>Records an event.</summary>
    public void Report(FitEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_access)
        {
            if (!_isDisposed)
                Guarded(() => Record(value));
        }
    }

    /// <summary>Ends the record. A fit that never said how it ended was stopped.</summary>
    public void Dispose()
    {
        lock (_access)
        {
            if (_isDisposed)
                return;
            Guarded(() =>
            {
                Add(RecordedEventType.Ended, _words.End(Seconds));
                Write();
                _events.Flush(flushToDisk: true);
            });
            _isDisposed = true;
            _timer.Dispose();
            _json.Dispose();
            _events.Dispose();
            _alive.Dispose();
        }
    }

    private void Record(FitEvent value)
    {
        switch (value)
        {
            case FitStarted started:
                Info = Info with { Kind = started.Kind, Seed = started.Seed, Settings = started.Settings };
                WriteInfo(Folder, Info);
                break;
            case TableMade table:
                var file = FileOf(RunFolder.Tables, table.Kind, table.Epoch, "csv");
                TableCsv.Write(Path.Combine(Folder, file), table);
                Add(RecordedEventType.Table, EventJson.Of(table, file));
                Write();
                return;
            case ImagesMade images:
                var picture = FileOf(RunFolder.Pictures, images.Kind, images.Epoch, "png");
                var (bytes, size) = PictureOf(images);
                AtomicFile.Write(Path.Combine(Folder, picture), stream => stream.Write(bytes), isDurable: false);
                Add(RecordedEventType.Picture, EventJson.Of(images, picture, size));
                Write();
                return;
            case FitJudged or FitCertified or LevelsJudged { Epoch: null }:
                var certificate = CertificateJson.Of(value);
                AtomicFile.Write(Path.Combine(Folder, RunFolder.CertificateFile), stream => stream.Write(Encoding.UTF8.GetBytes(certificate.ToJsonString(Indented))));
                certificate["file"] = RunFolder.CertificateFile;
                Add(RecordedEventType.Certificate, certificate);
                break;
        }
        foreach (var (type, json) in _words.Of(value))
            Add(type, json);
        // Steps are many, and wait for the timer.
        if (value is not StepsTaken || _pending.WrittenCount > LargestPending)
            Write();
    }

    private void Add(string type, JsonObject body)
    {
        _json.Reset(_pending);
        _json.WriteStartObject();
        _json.WriteNumber("seq", ++_seq);
        _json.WriteNumber("at", Math.Round(Seconds, 3));
        _json.WriteString("type", type);
        foreach (var (name, value) in body)
        {
            _json.WritePropertyName(name);
            if (value is null)
                _json.WriteNullValue();
            else
                value.WriteTo(_json);
        }
        _json.WriteEndObject();
        _json.Flush();
        _pending.Write("\n"u8);
    }

    private void WriteInTurn()
    {
        lock (_access)
        {
            if (_isDisposed)
                return;
            Write();
            if (_writes++ % WritesABeat == 0)
                _alive.Beat();
        }
    }

    // In one piece, so that a reader seldom sees half a line.
    private void Write()
    {
        if (_pending.WrittenCount == 0)
            return;
        _events.Write(_pending.WrittenSpan);
        _pending.ResetWrittenCount();
    }

    // A fit is worth more than its record.
    private void Guarded(Action write)
    {
        if (Trouble is not null)
            return;
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataException)
        {
            Trouble = $"The record of this run, {Folder}, is not whole: {e.Message.TrimEnd('.')}. The fit goes on without it.";
        }
    }

    private string FileOf(string folder, string kind, int? epoch, string ending)
    {
        Directory.CreateDirectory(Path.Combine(Folder, folder));
        return $"{folder}/{RunFolder.SafeName(kind)}-{(epoch is { } number ? number.ToString("D5", System.Globalization.CultureInfo.InvariantCulture) : "end")}.{ending}";
    }

    private static (byte[] Png, (int Width, int Height) Size) PictureOf(ImagesMade made)
    {
        const byte gapShade = 128;
        var grid = Pictures.ImageGrid.Of(made.Images, columns: made.Across, gap: 1, shade: gapShade);
        return (Pictures.PngWriter.Encode(grid.Width, grid.Height, grid.Channels, grid.Pixels(0)), (grid.Width, grid.Height));
    }

    private static void WriteInfo(string folder, RunInfo info) =>
        AtomicFile.Write(Path.Combine(folder, RunFolder.InfoFile), stream => stream.Write(Encoding.UTF8.GetBytes(info.ToJson().ToJsonString(Indented))));

    private static string NewFolder(string folder, string id)
    {
        for (var number = 1; ; number++)
        {
            var own = Path.Combine(Path.GetFullPath(folder), number == 1 ? id : $"{id}-{number}");
            if (Directory.Exists(own) || File.Exists(own))
                continue;
            Directory.CreateDirectory(own);
            return own;
        }
    }

    // What a killed writer left of a line is of no use, and the next line must begin on its own.
    private static void CutTornLine(FileStream events)
    {
        var end = events.Length;
        Span<byte> block = stackalloc byte[4096];
        while (end > 0)
        {
            var from = Math.Max(0, end - block.Length);
            var part = block[..(int)(end - from)];
            events.Position = from;
            events.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is >= 0 and var at)
            {
                end = from + at + 1;
                break;
            }
            end = from;
        }
        events.SetLength(end);
        events.Position = end;
    }

    private static RunWriter Locked(string folder, Func<RunLock, RunWriter> open)
    {
        var alive = RunLock.Take(folder);
        try
        {
            alive.Beat();
            return open(alive);
        }
        catch
        {
            alive.Dispose();
            throw;
        }
    }

    private static RunWriter Opening(string folder, Func<RunWriter> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(folder, $"a run cannot be recorded there: {e.Message.TrimEnd('.')}", "Name another folder with --runs, or leave the record out with --no-record", innerException: e);
        }
    }
}
