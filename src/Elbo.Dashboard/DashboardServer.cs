using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elbo.Dashboard;

/// <summary>
/// The local page over a folder of runs. It is reached from this machine only, under the name it says, and only by itself; it reads run folders and writes nothing.
/// </summary>
public sealed class DashboardServer : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenLists = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly WebApplication _application;

    private DashboardServer(WebApplication application) => _application = application;

    /// <summary>Where the page is.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Begins to serve.</summary>
    /// <param name="folder">The folder of runs; it may come to be later.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<DashboardServer> StartAsync(string folder, int port = 0, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        // Nothing of the surroundings, such as a file or a variable with other addresses, has a say in where it listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Limit(options, port));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Use(Guard);
        application.UseRouting();
        Map(application, new RunShelf(folder), application.Lifetime.ApplicationStopping);
        var server = new DashboardServer(application);
        try
        {
            await application.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        server.Address = new($"{application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/");
        return server;
    }

    /// <summary>Stops serving.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private static void Limit(KestrelServerOptions options, int port)
    {
        options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MaxConcurrentConnections = 200;
    }

    private static async Task Guard(HttpContext context, RequestDelegate next)
    {
        Safety.AddHeaders(context.Response);
        if (Safety.Refusal(context) is var (status, reason))
        {
            await Say(context, status, reason).ConfigureAwait(false);
            return;
        }
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whoever asked has gone.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await Say(context, StatusCodes.Status500InternalServerError, $"This should not happen: {e.Message}").ConfigureAwait(false);
        }
    }

    private static void Map(WebApplication application, RunShelf shelf, CancellationToken stopping)
    {
        Add("/", c => Send(c, PageFiles.Html, "text/html; charset=utf-8"));
        Add("/page.js", c => Send(c, PageFiles.Script, "text/javascript; charset=utf-8"));
        Add("/page.css", c => Send(c, PageFiles.Style, "text/css; charset=utf-8"));
        Add("/icon.svg", c => Send(c, PageFiles.Icon, "image/svg+xml"));
        Add("/api/runs", c => SendJson(c, shelf.List()));
        Add("/api/changes", c => Stream(c, shelf.List, BetweenLists, stopping));
        Add("/api/runs/{id}", c => OfRun(c, shelf, run => SendJson(c, run.View())));
        Add("/api/runs/{id}/changes", c => OfRun(c, shelf, run => Stream(c, () => shelf.Find(run.Id) is { } there ? there.View() : new() { ["gone"] = true }, BetweenLooks, stopping)));
        Add("/api/runs/{id}/steps", c => OfRun(c, shelf, run => SendJson(c, run.Steps(Number(c, "from") ?? double.NegativeInfinity, Number(c, "to") ?? double.PositiveInfinity))));
        Add("/api/runs/{id}/tables/{file}", c => OfRun(c, shelf, run => run.Table(File(c)) is { } table ? SendJson(c, table) : Missing(c)));
        Add("/api/runs/{id}/pictures/{file}", c => OfRun(c, shelf, run => run.Reader.PathOf(File(c)) is { } path && path.EndsWith(".png", StringComparison.Ordinal) ? SendFile(c, path) : Missing(c)));
        application.MapFallback(Missing);

        void Add(string pattern, RequestDelegate answer) => application.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], answer);
    }

    private static Task OfRun(HttpContext context, RunShelf shelf, Func<RunFollower, Task> answer) =>
        context.Request.RouteValues["id"] is string id && shelf.Find(id) is { } run ? answer(run) : Missing(context);

    private static string File(HttpContext context) => Uri.UnescapeDataString((string)context.Request.RouteValues["file"]!);

    private static double? Number(HttpContext context, string name) =>
        double.TryParse(context.Request.Query[name], System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    // A view whole, and from then on what changes of it. A browser that lost its way asks again and is told the whole again.
    private static async Task Stream(HttpContext context, Func<JsonObject> view, TimeSpan between, CancellationToken stopping)
    {
        context.Response.ContentType = "text/event-stream";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var (changes, silence) = (new Changes(), TimeSpan.Zero);
        while (!ending.IsCancellationRequested)
        {
            var text = changes.Of(view());
            if (text is not null || silence > LongestSilence)
            {
                silence = TimeSpan.Zero;
                await context.Response.WriteAsync(text is null ? ": nothing new\n\n" : $"event: view\ndata: {text}\n\n", ending.Token).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
            }
            await Task.Delay(between, ending.Token).ConfigureAwait(false);
            silence += between;
        }
    }

    private static Task SendJson(HttpContext context, JsonObject json) => Send(context, json.ToJsonString(), "application/json; charset=utf-8");

    private static Task Missing(HttpContext context) => Say(context, StatusCodes.Status404NotFound, "There is no such thing here.");

    private static Task Say(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return Send(context, text, "text/plain; charset=utf-8");
    }

    private static async Task Send(HttpContext context, string text, string type)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        (context.Response.ContentType, context.Response.ContentLength) = (type, bytes.Length);
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task SendFile(HttpContext context, string path)
    {
        var bytes = await System.IO.File.ReadAllBytesAsync(path, context.RequestAborted).ConfigureAwait(false);
        (context.Response.ContentType, context.Response.ContentLength) = ("image/png", bytes.Length);
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }
}
