using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Elbo.Data;

namespace Elbo.Dashboard;

/// <summary>The runs in a folder of runs. A run is asked for by a name that the folder was found to have; no path is made of what a request says.</summary>
internal sealed class RunShelf(string folder)
{
    private readonly ConcurrentDictionary<string, RunFollower> _runs = new(StringComparer.Ordinal);
    private readonly Lock _looking = new();
    private DateTime _looked;
    private string[] _order = [];

    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>A run; null where the folder has none of that name.</summary>
    public RunFollower? Find(string id)
    {
        Look();
        return _runs.GetValueOrDefault(id);
    }

    /// <summary>What the list of runs shows, the latest first.</summary>
    public JsonObject List()
    {
        Look();
        return new()
        {
            ["folder"] = Folder,
            ["runs"] = new JsonArray([.. _order.Select(id => _runs.GetValueOrDefault(id)).OfType<RunFollower>().Select(r => (JsonNode?)r.Summary())]),
        };
    }

    private void Look()
    {
        lock (_looking)
        {
            // Several who look at once need one look.
            if (DateTime.UtcNow - _looked < TimeSpan.FromMilliseconds(200))
                return;
            _looked = DateTime.UtcNow;
            IReadOnlyList<RunReader> found;
            try
            {
                found = RunFolder.All(Folder);
            }
            catch (DataException)
            {
                found = [];
            }
            foreach (var run in found)
                _runs.TryAdd(run.Id, new(run));
            _order = [.. found.Select(r => r.Id)];
            foreach (var gone in _runs.Keys.Except(_order, StringComparer.Ordinal))
                _runs.TryRemove(gone, out _);
        }
    }
}
