using System.Buffers;
using System.Text.Json;

namespace Elbo.Data;

/// <summary>Reads a file of events, one JSON object a line, from where it was read before. Not for several threads at once.</summary>
internal sealed class EventLog(string path)
{
    private const int Block = 1 << 16;
    private const int LargestLine = 16 << 20;
    private const int EventsBetweenMarks = 1000;
    private const int MostProblems = 100;

    private readonly string _name = Path.GetFileName(path);
    private readonly List<RunProblem> _problems = [];

    // Where lines begin, some of them: after the event of a number, at a byte, after so many lines.
    private readonly List<(long Seq, long Offset, long Lines)> _marks = [(0, 0, 0)];

    // Lines whose problems were told.
    private long _linesJudged;

    public IReadOnlyList<RunProblem> Problems => _problems;

    public List<RecordedEvent> Read(long after, int most)
    {
        var events = new List<RecordedEvent>();
        try
        {
            using var file = Open(path);
            // A file that has become shorter is another one.
            if (file.Length < _marks[^1].Offset)
            {
                _marks.RemoveRange(1, _marks.Count - 1);
                _linesJudged = 0;
            }
            var (seq, offset, lines) = _marks.FindLast(m => m.Seq <= Math.Max(0, after));
            file.Position = offset;
            var (sinceMark, isFull) = (0, false);
            ForEachLine(file, (line, end) =>
            {
                offset = end;
                lines++;
                var read = Parse(line, lines, seq);
                _linesJudged = Math.Max(_linesJudged, lines);
                if (read is not null)
                {
                    seq = read.Seq;
                    if (++sinceMark % EventsBetweenMarks == 0)
                        Mark(seq, offset, lines);
                    if (seq > after)
                        events.Add(read);
                    isFull = events.Count >= most;
                }
                return !isFull;
            });
            Mark(seq, offset, lines);
        }
        catch (FileNotFoundException)
        {
            // A run that has just begun.
        }
        catch (DirectoryNotFoundException)
        {
            Tell(new(_name, null, "the folder is gone"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(new(_name, null, e.Message.TrimEnd('.')));
        }
        return events;
    }

    /// <summary>The last whole event of a file; null where there is none.</summary>
    public static RecordedEvent? LastOf(string path)
    {
        try
        {
            using var file = Open(path);
            for (var size = (long)Block; ; size *= 8)
            {
                file.Position = Math.Max(0, file.Length - size);
                RecordedEvent? last = null;
                var isFirst = file.Position > 0;
                ForEachLine(file, (line, _) =>
                {
                    // The first line may have begun before.
                    if (!isFirst)
                        last = TryParse(line, out var read, out var _) ? read : last;
                    isFirst = false;
                    return true;
                });
                if (last is not null || size >= file.Length || size > LargestLine)
                    return last;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Where the writer has its own way to share the file.
    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private RecordedEvent? Parse(ReadOnlySpan<byte> line, long number, long before)
    {
        var isNew = number > _linesJudged;
        if (!TryParse(line, out var read, out var reason))
        {
            if (isNew && line.Length > 0)
                Tell(new(_name, number, $"left out, as {reason}"));
            return null;
        }
        if (read!.Seq > before)
            return read;
        if (isNew)
            Tell(new(_name, number, $"left out, as its number {read.Seq} does not follow {before}"));
        return null;
    }

    private static bool TryParse(ReadOnlySpan<byte> line, out RecordedEvent? read, out string? reason)
    {
        (read, reason) = (null, null);
        try
        {
            var reader = new Utf8JsonReader(line);
            var json = JsonElement.ParseValue(ref reader);
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("seq", out var seq) || seq.ValueKind != JsonValueKind.Number || !seq.TryGetInt64(out var number)
                || !json.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
            {
                reason = "it has no number or no type";
                return false;
            }
            read = new(number, json.TryGetProperty("at", out var at) && at.ValueKind == JsonValueKind.Number && at.TryGetDouble(out var seconds) ? seconds : 0, type.GetString()!, json);
            return true;
        }
        // Text that is not UTF-8 is found when it is first looked at.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            reason = "it is not JSON";
            return false;
        }
    }

    private void Mark(long seq, long offset, long lines)
    {
        if (seq > _marks[^1].Seq)
            _marks.Add((seq, offset, lines));
        // Of places close to each other the last is enough.
        if (_marks.Count > 2 && _marks[^1].Seq - _marks[^3].Seq <= EventsBetweenMarks)
            _marks.RemoveAt(_marks.Count - 2);
    }

    private void Tell(RunProblem problem)
    {
        if (_problems.Count < MostProblems && !_problems.Contains(problem))
            _problems.Add(problem);
    }

    // Whole lines only: what follows the last line break is still being written, or was when the writer was killed.
    private static void ForEachLine(FileStream file, LineAction action)
    {
        var (start, buffer, filled) = (file.Position, ArrayPool<byte>.Shared.Rent(Block), 0);
        try
        {
            while (true)
            {
                if (filled == buffer.Length)
                {
                    if (buffer.Length >= LargestLine)
                        return;
                    var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                    buffer.AsSpan(0, filled).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
                var read = file.Read(buffer, filled, buffer.Length - filled);
                if (read == 0)
                    return;
                filled += read;
                var done = 0;
                while (buffer.AsSpan(done, filled - done).IndexOf((byte)'\n') is >= 0 and var length)
                {
                    var line = buffer.AsSpan(done, length);
                    done += length + 1;
                    if (!action(line, start + done))
                        return;
                }
                buffer.AsSpan(done, filled - done).CopyTo(buffer);
                (start, filled) = (start + done, filled - done);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate bool LineAction(ReadOnlySpan<byte> line, long end);
}
