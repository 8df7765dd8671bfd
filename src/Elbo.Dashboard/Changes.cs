using System.Text.Json.Nodes;

namespace Elbo.Dashboard;

/// <summary>Tells one listener the parts of a view that are other than when it was last told, from the whole of it on.</summary>
internal sealed class Changes
{
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>What is new of a view; null where nothing is.</summary>
    public string? Of(JsonObject view)
    {
        var changed = new List<string>();
        foreach (var (name, value) in view)
        {
            var text = value?.ToJsonString() ?? "null";
            if (_told.TryGetValue(name, out var before) && before == text)
                continue;
            _told[name] = text;
            changed.Add($"{JsonValue.Create(name).ToJsonString()}:{text}");
        }

        // What is not there any more, such as the certificate of a fit that goes on.
        foreach (var name in _told.Keys.Where(n => !view.ContainsKey(n)).ToArray())
        {
            _told.Remove(name);
            changed.Add($"{JsonValue.Create(name).ToJsonString()}:null");
        }
        return changed.Count == 0 ? null : $"{{{string.Join(',', changed)}}}";
    }
}
