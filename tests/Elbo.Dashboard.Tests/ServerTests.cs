using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Elbo.Dashboard.Tests.Runs;
using Elbo.Data;
using Elbo.Data.Tests;
using Elbo.Recording;

namespace Elbo.Dashboard.Tests;

public sealed class ServerTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private DashboardServer? _server;

    private string Runs => _folder["runs"];

    public async Task InitializeAsync() => _server = await DashboardServer.StartAsync(Runs);

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_page_is_there_before_any_run_is()
    {
        Assert.Equal("127.0.0.1", _server!.Address.Host);
        Assert.NotEqual(0, _server.Address.Port);
        foreach (var (path, type) in new[] { ("", "text/html"), ("page.js", "text/javascript"), ("page.css", "text/css"), ("icon.svg", "image/svg+xml"), ("api/runs", "application/json") })
        {
            using var answer = await _client.GetAsync(new Uri(_server.Address, path));
            Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        }
        Assert.Empty((await Json("api/runs"))["runs"]!.AsArray());
    }

    [Theory]
    [InlineData("Host", "example.org", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Host", "127.0.0.1:1", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Host", "127.0.0.1", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Host", "127.0.0.1.example.org:{port}", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Host", "localhost:{port}", HttpStatusCode.OK)]
    [InlineData("Origin", "http://example.org", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "http://127.0.0.1:{port}", HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    public async Task Only_this_page_under_its_own_name_is_answered(string header, string value, HttpStatusCode expected)
    {
        foreach (var path in new[] { "", "api/runs", "api/changes", "page.js", "nothing" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server!.Address, path));
            request.Headers.TryAddWithoutValidation(header, value.Replace("{port}", $"{_server.Address.Port}", StringComparison.Ordinal));
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(expected == HttpStatusCode.OK && path == "nothing" ? HttpStatusCode.NotFound : expected, answer.StatusCode);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Nothing_can_be_changed()
    {
        var run = new SimulatedRun(1) { Epochs = 2 }.Table(Runs);
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options, HttpMethod.Patch })
        {
            using var request = new HttpRequestMessage(method, new Uri(_server!.Address, $"api/runs/{Path.GetFileName(run)}"));
            using var answer = await _client.SendAsync(request);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        }
    }

    [Fact]
    public async Task No_path_outside_of_a_run_is_reached()
    {
        var run = new SimulatedRun(1) { Epochs = 4 }.Images(Runs);
        var id = Path.GetFileName(run);
        _folder.Write("secret.png", "secret");
        File.WriteAllText(Path.Combine(Runs, "beside.png"), "secret");
        File.CreateSymbolicLink(Path.Combine(run, "pictures", "link.png"), _folder["secret.png"]);
        var own = Directory.GetFiles(Path.Combine(run, "pictures"), "samples-*.png")[0];
        using (var answer = await _client.GetAsync(new Uri(_server!.Address, $"api/runs/{id}/pictures/pictures%2F{Path.GetFileName(own)}")))
            Assert.Equal(File.ReadAllBytes(own), await answer.Content.ReadAsByteArrayAsync());
        string[] others =
        [
            $"{id}/pictures/pictures%2Flink.png", $"{id}/pictures/..%2F..%2Fsecret.png", $"{id}/pictures/pictures%2F..%2F..%2F..%2Fsecret.png", $"{id}/pictures/%2Fetc%2Fpasswd", $"{id}/pictures/run.json", $"{id}/pictures/..%2Fbeside.png",
            $"{id}/pictures/tables%2Flatent-end.csv", $"{id}/pictures/pictures%252Flink.png", $"{id}/tables/run.json", $"{id}/tables/events.jsonl", $"{id}/tables/..%2F..%2Fsecret.png", $"{id}/tables/C:%5Csecret.csv", "..", "..%2F", "%2e%2e/pictures/secret.png",
            $"..%2Fruns%2F{id}", ".", $"{id}%00", $"{id}/",
        ];
        foreach (var path in others)
        {
            // As written: a client would tidy the path up.
            var (status, body) = await Raw($"/api/runs/{path}");
            Assert.True(status == 404 || (status == 400 && body.Length == 0) || (path is "." || path == $"{id}/") && status == 200, $"{path}: {status}");
            Assert.DoesNotContain("secret", body.Replace(path, "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_page_is_told_is_what_the_record_says()
    {
        var run = new RunReader(new SimulatedRun(7) { Collapsing = [2, 5] }.Table(Runs));
        var view = await Json($"api/runs/{run.Id}");
        var epochs = run.Events().Where(e => e.Type == RecordedEventType.Epoch).ToArray();
        Assert.Equal(epochs.Select(e => e.Number("elbo")), view["epochs"]!["elbo"]!.AsArray().Select(v => v?.GetValue<double?>()));
        Assert.Equal(epochs.Select(e => e.Number("kl")), view["epochs"]!["kl"]!.AsArray().Select(v => v?.GetValue<double?>()));
        Assert.Equal(epochs[^1].Terms("latents").Select(t => t.Value), view["latents"]!["values"]!.AsArray().Select(row => row!.AsArray()[^1]!.GetValue<double>()));
        Assert.Equal(epochs[^1].Terms("columns").Select(t => t.Value), view["columns"]!["values"]!.AsArray().Select(row => row!.AsArray()[^1]!.GetValue<double>()));
        Assert.Equal(["z2", "z5"], view["latents"]!["collapsed"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
        Assert.Equal(20, view["latents"]!["collapsed"]![0]!["since"]!.GetValue<int>());
        Assert.Equal(run.Certificate!["elbo"]!.GetValue<double>(), view["now"]!["elbo"]!.GetValue<double>());
        Assert.Equal("good", view["verdict"]!["tone"]!.GetValue<string>());
        var codes = await Json($"api/runs/{run.Id}/tables/tables%2Flatent-end.csv");
        Assert.Equal((2000, 2000), (codes["rows"]!.GetValue<int>(), codes["shown"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_run_is_followed_to_its_end_and_a_listener_who_comes_back_misses_nothing()
    {
        var simulated = new SimulatedRun(3);
        using var writer = simulated.BeginTable(Runs);
        using var listener = new Listener(await _client.GetStreamAsync(new Uri(_server!.Address, $"api/runs/{writer.Id}/changes")));
        await listener.Until(view => view["state"]!.GetValue<string>() == "running");
        // As a fit of small steps does: thousands of events in a moment.
        for (var step = 1; step <= 5000; step++)
            writer.Report(new StepsTaken(step, 1, -40 + step / 1000.0));
        for (var epoch = 1; epoch <= 30; epoch++)
            writer.Report(new EpochEnded(simulated.Epoch(epoch), true));
        await listener.Until(view => view["epochCount"]!.GetValue<int>() == 30);
        Assert.Equal(5000, listener.View["stepCount"]!.GetValue<double>());
        Assert.InRange(listener.View["steps"]!["x"]!.AsArray().Count, 100, RunView.MostPoints);
        writer.Report(new FitEnded(FitOutcome.Finished));
        writer.Dispose();
        await listener.Until(view => view["state"]!.GetValue<string>() == "finished");
        var again = await Json($"api/runs/{writer.Id}");
        Assert.Equal(again.ToJsonString(), listener.Ordered(again).ToJsonString());
    }

    [Fact]
    public async Task A_folder_full_of_broken_runs_opens()
    {
        var good = Path.GetFileName(new SimulatedRun(1) { Epochs = 5 }.Table(Runs));
        Broken("empty-info", "", null);
        Broken("no-json", "{ not json", "");
        Broken("an-array", "[1, 2, 3]", "[1]\n{}\nnull\n17\n");
        Broken("wrong-types", """{"format":"elbo-run","formatVersion":"one","name":7}""", """{"seq":"a","type":3}""" + "\n");
        Broken("only-events", null, """{"seq":1,"at":0.1,"type":"epoch","epoch":1,"elbo":-3.5,"latents":7,"columns":[1,{"name":2}]}""" + "\n" + """{"seq":2,"at":"later","type":"levels","levels":[{},3],"total":4}""" + "\n");
        Broken("torn", File.ReadAllText(Path.Combine(Runs, good, "run.json")), File.ReadAllText(Path.Combine(Runs, good, "events.jsonl"))[..^700]);
        Broken("strange", null, """{"seq":1,"type":"certificate","kind":{"a":1},"elbo":"high","evidence":3,"remarks":[1,null,"a remark"]}""" + "\n" + """{"seq":2,"type":"picture","file":"../../etc/passwd","kind":5}""" + "\n" + """{"seq":3,"type":"step","step":1e300,"elbo":1e999}""" + "\n");
        Broken("bytes", "\0\u0001\u0002", "\u00ff\u00fe\0\0\n\n\n");
        Directory.CreateDirectory(Path.Combine(Runs, "events-is-a-folder", "events.jsonl"));
        File.WriteAllText(Path.Combine(Runs, "events-is-a-folder", "run.json"), "{}");

        var list = (await Json("api/runs"))["runs"]!.AsArray();
        Assert.Equal(10, list.Count);
        foreach (var run in list)
        {
            var id = run!["id"]!.GetValue<string>();
            var view = await Json($"api/runs/{id}");
            Assert.Equal(id == good, view["problems"]!.AsArray().Count == 0 && view["state"]!.GetValue<string>() == "finished");
        }
        Assert.Equal(-3.5, (await Json("api/runs/only-events"))["now"]!["elbo"]!.GetValue<double>());
        Assert.Equal("a remark", (await Json("api/runs/strange"))["certificate"]!["remarks"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task A_run_that_is_removed_is_gone_for_who_looks_at_it()
    {
        var run = new SimulatedRun(1) { Epochs = 2 }.Table(Runs);
        using var listener = new Listener(await _client.GetStreamAsync(new Uri(_server!.Address, $"api/runs/{Path.GetFileName(run)}/changes")));
        await listener.Until(view => view["name"] is not null);
        Directory.Delete(run, recursive: true);
        await listener.Until(view => view["gone"] is not null);
        using var answer = await _client.GetAsync(new Uri(_server.Address, $"api/runs/{Path.GetFileName(run)}"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private void Broken(string name, string? info, string? events)
    {
        var run = Directory.CreateDirectory(Path.Combine(Runs, name)).FullName;
        if (info is not null)
            File.WriteAllText(Path.Combine(run, "run.json"), info);
        if (events is not null)
            File.WriteAllText(Path.Combine(run, "events.jsonl"), events, Encoding.Latin1);
    }

    private async Task<JsonObject> Json(string path) => JsonNode.Parse(await _client.GetStringAsync(new Uri(_server!.Address, path)))!.AsObject();

    private async Task<(int Status, string Body)> Raw(string path)
    {
        using var connection = new System.Net.Sockets.TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _server!.Address.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{_server.Address.Port}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var text = await reader.ReadToEndAsync();
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), text[(head + 4)..]);
    }

    /// <summary>Puts together what a stream of changes tells, as the page does.</summary>
    private sealed class Listener(Stream stream) : IDisposable
    {
        private readonly StreamReader _reader = new(stream);

        public JsonObject View { get; } = [];

        public async Task Until(Func<JsonObject, bool> holds)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (View.Count == 0 || !holds(View))
            {
                var line = await _reader.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("The stream ended.");
                if (!line.StartsWith("data: ", StringComparison.Ordinal))
                    continue;
                foreach (var (name, value) in JsonNode.Parse(line[6..])!.AsObject())
                    View[name] = value?.DeepClone();
            }
        }

        public JsonObject Ordered(JsonObject like) => new(like.Select(p => KeyValuePair.Create(p.Key, View[p.Key]?.DeepClone())));

        public void Dispose() => _reader.Dispose();
    }
}
