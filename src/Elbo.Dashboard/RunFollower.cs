using System.Text.Json.Nodes;
using Elbo.Data;

namespace Elbo.Dashboard;

/// <summary>A run that is looked at: what its events come to so far, and what of it the page shows. May be used from several threads.</summary>
internal sealed class RunFollower(RunReader reader)
{
    // Events of a part are in memory at once.
    private const int EventsAtOnce = 20_000;

    private readonly Lock _lock = new();
    private readonly RunDigest _history = new();
    private (string Name, DateTime Written, JsonObject Content)? _table;

    public string Id => reader.Id;

    public RunReader Reader => reader;

    /// <summary>Takes what is new and tells all of the run.</summary>
    public JsonObject View()
    {
        lock (_lock)
        {
            var state = Refresh();
            return RunView.Of(RunIdentity.Of(reader), _history, state);
        }
    }

    /// <summary>Takes what is new and tells what the list of runs shows.</summary>
    public JsonObject Summary()
    {
        lock (_lock)
        {
            var state = Refresh();
            return RunView.Summary(RunIdentity.Of(reader), _history, state);
        }
    }

    /// <summary>What was recorded of the run.</summary>
    public RunDigest History()
    {
        lock (_lock)
        {
            Refresh();
            return _history;
        }
    }

    /// <summary>The bound between two steps, in as many stretches as there is room for.</summary>
    public JsonObject Steps(double from, double to)
    {
        lock (_lock)
        {
            Refresh();
            return RunView.Steps(_history.Steps.Between(from, to, RunView.MostPoints));
        }
    }

    /// <summary>A table of the run, with no more rows than can be shown; null where it has none of that name.</summary>
    public JsonObject? Table(string file)
    {
        if (reader.PathOf(file) is not { } path)
            return null;
        lock (_lock)
        {
            var written = File.GetLastWriteTimeUtc(path);
            if (_table is { } known && known.Name == file && known.Written == written)
                return known.Content;
            var content = RunTables.Read(path, _history.Tables.FirstOrDefault(t => t.File == file)?.Kind == "latent" ? RunTables.MostPoints : RunTables.MostRows);
            _table = (file, written, content);
            return content;
        }
    }

    private RunState Refresh()
    {
        // Looked at before the events, so that a run that is told to have ended has all of its events.
        var state = reader.State;
        IReadOnlyList<RecordedEvent> events;
        do
        {
            events = reader.Events(_history.Seq, EventsAtOnce);
            foreach (var value in events)
                _history.Add(value);
        }
        while (events.Count == EventsAtOnce);
        return state;
    }
}
