using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Elbo.Data;

namespace Elbo.Dashboard;

/// <summary>
/// The page over some fits as one file that needs no other, to mail or to keep. It asks for nothing from anywhere, and runs no script but its own: its content security policy names it by
/// its hash.
/// </summary>
public static class Report
{
    // Pictures of a kind that are taken along: the latest, and some on the way to it.
    private const int MostPictures = 6;

    private const int MostPoints = 3000;
    private const int MostRows = 200;

    /// <summary>Writes a report, whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="runs">The fits; of two or more any two can be compared in it.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public static void Write(string path, params IReadOnlyList<RunSource> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(Html(runs))));
    }

    /// <summary>The text of a report.</summary>
    /// <param name="runs">The fits.</param>
    public static string Html(params IReadOnlyList<RunSource> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var content = new JsonObject { ["folder"] = "", ["runs"] = new JsonArray([.. runs.Select(r => (JsonNode?)Of(r))]) };
        var (script, style) = (PageFiles.Script, PageFiles.Style);
        var policy = $"default-src 'none'; script-src '{Hash(script)}'; style-src '{Hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
        var icon = $"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(PageFiles.Icon))}";
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"").Append(WebUtility.HtmlEncode(policy)).Append("\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
        html.Append("<title>").Append(WebUtility.HtmlEncode(string.Join(", ", runs.Select(r => r.Name)))).Append(" – Elbo</title>\n<link rel=\"icon\" href=\"").Append(icon).Append("\">\n");
        html.Append("<style>").Append(style).Append("</style>\n</head>\n<body>\n<noscript>\n");
        foreach (var run in runs)
            html.Append("<p>").Append(WebUtility.HtmlEncode(InWords(run))).Append("</p>\n");
        html.Append("<p>A script in this file draws the rest; it asks for nothing from anywhere.</p>\n</noscript>\n");
        // The usual encoder of JSON leaves no angle bracket as it is, so that no content can end the element.
        html.Append("<script type=\"application/json\" id=\"report\">").Append(content.ToJsonString()).Append("</script>\n");
        return html.Append("<script>").Append(script).Append("</script>\n</body>\n</html>\n").ToString();
    }

    private static JsonObject Of(RunSource run)
    {
        var (pictures, tables) = (new JsonObject(), new JsonObject());
        var chosen = run.History.Pictures.GroupBy(p => p.Kind).SelectMany(g => Evenly([.. g])).ToHashSet();
        foreach (var picture in chosen)
        {
            if (run.Picture(picture) is { } bytes)
                pictures[picture.File] = $"data:image/png;base64,{Convert.ToBase64String(bytes)}";
        }
        foreach (var table in run.History.Tables.GroupBy(t => t.Kind).Select(g => g.Last()))
        {
            if (run.Table(table, table.Kind == "latent" ? MostPoints : MostRows) is { } content)
                tables[table.File] = content;
        }

        var view = run.View();
        view["pictures"] = new JsonArray([.. view["pictures"]!.AsArray().Where(p => pictures.ContainsKey(p!["file"]!.GetValue<string>())).Select(p => p!.DeepClone())]);
        view["tables"] = new JsonArray([.. view["tables"]!.AsArray().Where(t => tables.ContainsKey(t!["file"]!.GetValue<string>())).Select(t => t!.DeepClone())]);
        return new() { ["summary"] = run.Summary(), ["view"] = view, ["pictures"] = pictures, ["tables"] = tables };
    }

    private static IEnumerable<RunItem> Evenly(RunItem[] items) =>
        items.Length <= MostPictures ? items : Enumerable.Range(0, MostPictures).Select(i => items[(int)((long)i * (items.Length - 1) / (MostPictures - 1))]);

    private static string InWords(RunSource run)
    {
        var verdict = run.View()["verdict"]!;
        return $"{run.Name}: {verdict["text"]!.GetValue<string>()} {verdict["detail"]!.GetValue<string>()}";
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
