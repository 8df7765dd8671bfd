using System.Globalization;
using System.Text.Json;
using Elbo.Dashboard.Tests.Runs;
using Elbo.Data;
using Elbo.Data.Tests;
using Elbo.Recording;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Elbo.Dashboard.Tests;

public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Runs => _folder["runs"];

    public void Dispose() => _folder.Dispose();

    [BrowserFact]
    public async Task Names_and_cells_are_never_markup()
    {
        const string evil = "<img src=x onerror=\"window.hit = 1\"><script>window.hit = 2</script>";
        using (var writer = RunWriter.Begin(Runs, evil, new() { Data = evil, Command = ["elbo", "fit", evil] }))
        {
            writer.Report(new FitStarted("table-vae", 1, [new(evil, evil)]) { Epochs = 3 });
            var epoch = new SimulatedRun(1) { Latents = 2 }.Epoch(1);
            writer.Report(new EpochEnded(epoch with { HeldOut = epoch.HeldOut with { Columns = [new(evil, -1), new("b", -2)], Latents = [new(evil, 1), new("z2", 0)] } }, true));
            writer.Report(new FitNotice(evil));
            writer.Report(new FitWarning(evil, evil) { Remedy = evil });
            foreach (var kind in new[] { FitTableKind.Latent, FitTableKind.Imputations, FitTableKind.Marginals, FitTableKind.Posterior, FitTableKind.Predictive, evil })
            {
                writer.Report(new TableMade(kind, evil, [
                    FitColumn.Of("name", [evil, evil]), FitColumn.Of("column", [evil, evil]), FitColumn.Of("what", [evil, "b"]), FitColumn.Of("data", [1, 2]), FitColumn.Of("model", [1, 2]), FitColumn.Of("row", [1, 2]),
                    FitColumn.Of("z1", [1, 2]), FitColumn.Of("z2", [1, 2]), FitColumn.Of("mean", [1, 2]), FitColumn.Of("q05", [0, 1]), FitColumn.Of("median", [1, 2]), FitColumn.Of("q95", [2, 3]), FitColumn.Of(evil, [evil, "</script>"])]));
            }
        }
        await using var server = await DashboardServer.StartAsync(Runs);
        File.WriteAllText(_folder["report.html"], Report.Html(RunSource.Of(Assert.Single(RunFolder.All(Runs)))));
        await using var page = await browser.Open();
        foreach (var address in new[] { server.Address.ToString(), new Uri(_folder["report.html"]).ToString() })
        {
            await page.Page.GotoAsync(address);
            await Expect(page.Page.Locator("h1")).ToHaveTextAsync(evil);
            await Expect(page.Page.Locator("#warnings")).ToContainTextAsync(evil);
            await Expect(page.Page.Locator("#details dd").GetByText(evil).First).ToBeVisibleAsync();
            await Expect(page.Page.Locator("#posterior .column-name").First).ToHaveTextAsync(evil);
            Assert.Equal(0, await page.Page.EvaluateAsync<int>("window.hit ?? 0"));
            Assert.Equal(0, await page.Page.Locator("img[src=x]").CountAsync());
        }
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task A_report_is_the_page_in_one_file()
    {
        var run = new RunReader(new SimulatedRun(6) { Name = "sprites", Epochs = 24, Latents = 5, Collapsing = [2] }.Images(Runs));
        File.WriteAllText(_folder["report.html"], Report.Html(RunSource.Of(run)));
        await using var page = await browser.Open(isDark: true);
        await page.Page.GotoAsync(new Uri(_folder["report.html"]).ToString());
        await Expect(page.Page.Locator("h1")).ToHaveTextAsync("sprites");
        Assert.Equal(run.Certificate!["elbo"]!.GetValue<double>(), (await Numbers(page.Page))["elbo"]);
        await Expect(page.Page.Locator("#latents .heat-values .collapsed")).ToHaveCountAsync(1);
        foreach (var kind in new[] { "reconstructions", "samples", "traversals" })
            await page.Page.WaitForFunctionAsync($"document.querySelector('#pictures-{kind} img').naturalWidth > 100");
        await Expect(page.Page.Locator("#space canvas")).ToBeVisibleAsync();
        await page.Keep("report-dark");
        Assert.Empty(page.Complaints);
        Assert.All(page.Requests, address => Assert.True(address.StartsWith("data:", StringComparison.Ordinal) || address == new Uri(_folder["report.html"]).ToString(), address));
    }

    [BrowserFact]
    public async Task All_can_be_done_by_keys_and_a_chart_reads_out_what_the_record_says()
    {
        var first = new RunReader(new SimulatedRun(1) { Name = "first", Epochs = 30 }.Table(Runs));
        var second = new RunReader(new SimulatedRun(2) { Name = "second", Epochs = 30 }.Table(Runs));
        await using var server = await DashboardServer.StartAsync(Runs);
        await using var page = await browser.Open();
        await page.Page.GotoAsync($"{server.Address}#/run/{second.Id}");
        await Expect(page.Page.Locator("h1")).ToHaveTextAsync("second");
        await page.Page.Keyboard.PressAsync("j");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator("h1")).ToHaveTextAsync("first");
        await page.Page.Locator("#bound svg").FocusAsync();
        await page.Page.Keyboard.PressAsync("Home");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        var third = first.Events().Single(e => e.Type == RecordedEventType.Epoch && e.Number("epoch") == 2).Number("elbo")!.Value;
        await Expect(page.Page.Locator("#bound .tip")).ToContainTextAsync("epoch 2");
        await Expect(page.Page.Locator("#bound .tip")).ToContainTextAsync(third.ToString("F3", CultureInfo.InvariantCulture).Replace('-', '−'));
        await page.Page.Keyboard.PressAsync("t");
        Assert.Equal("light", await page.Page.Locator("html").GetAttributeAsync("data-theme"));
        await page.Page.Keyboard.PressAsync("t");
        Assert.Equal("dark", await page.Page.Locator("html").GetAttributeAsync("data-theme"));
        await page.Page.ReloadAsync();
        Assert.Equal("dark", await page.Page.Locator("html").GetAttributeAsync("data-theme"));
        await page.Page.Keyboard.PressAsync("?");
        await Expect(page.Page.Locator("dialog.help")).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator("dialog.help")).Not.ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("/");
        await page.Page.Keyboard.TypeAsync("sec");
        await Expect(page.Page.Locator(".item")).ToHaveCountAsync(1);
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task Every_kind_of_run_is_shown_light_dark_and_on_a_phone()
    {
        var ids = new Dictionary<string, string>
        {
            ["table"] = new SimulatedRun(1) { Collapsing = [3, 6, 7] }.Table(Runs),
            ["images"] = new SimulatedRun(2) { Name = "sprites", Height = -82, Epochs = 40, Latents = 10 }.Images(Runs),
            ["diffusion"] = new SimulatedRun(3) { Name = "digits by diffusion" }.Diffusion(Runs),
            ["collapsed"] = new SimulatedRun(5) { Name = "collapsed", Collapsing = [1, 2, 3, 4, 5, 6, 7, 8], Height = -36 }.Table(Runs),
        };
        using (var writer = new SimulatedRun(4) { Name = "eight schools" }.BeginModel(Runs))
        {
            SimulatedRun.AddPosterior(writer);
            writer.Report(new FitEnded(FitOutcome.Finished));
            ids["model"] = writer.Id;
        }
        await using var server = await DashboardServer.StartAsync(Runs);
        foreach (var (suffix, isDark, width, names) in new[]
        {
            ("light", false, 1360, new[] { "table", "images", "diffusion", "model", "collapsed" }),
            ("dark", true, 1360, ["table", "images", "diffusion"]),
            ("phone", false, 390, ["table", "model", "diffusion"]),
        })
        {
            await using var page = await browser.Open(isDark, width);
            foreach (var name in names)
            {
                await page.Page.GotoAsync($"{server.Address}#/run/{Path.GetFileName(ids[name])}");
                await Expect(page.Page.Locator("#details")).ToBeVisibleAsync();
                // Nothing is wider than the screen.
                Assert.True(await page.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{name}, {suffix}");
                await page.Page.WaitForTimeoutAsync(150);
                await page.Keep($"{name}-{suffix}");
            }
            await page.Page.GotoAsync($"{server.Address}#/compare/{Path.GetFileName(ids["table"])}/{Path.GetFileName(ids["collapsed"])}");
            await Expect(page.Page.Locator("#compare-bound svg path.line")).ToHaveCountAsync(2);
            Assert.True(await page.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"compare, {suffix}");
            await page.Keep($"compare-{suffix}");
            await page.Page.GotoAsync($"{server.Address}#/");
            await Expect(page.Page.Locator(".item")).ToHaveCountAsync(5);
            await page.Keep($"list-{suffix}", whole: false);
            Assert.Empty(page.Complaints);
        }
    }

    [BrowserFact]
    public async Task Pictures_of_the_page_for_its_documentation()
    {
        var run = Path.GetFileName(new SimulatedRun(1) { Collapsing = [3, 6, 7] }.Table(Runs));
        new SimulatedRun(2) { Name = "sprites", Height = -82, Epochs = 40, Latents = 10 }.Images(Runs);
        new SimulatedRun(8) { Name = "customers, wider", Height = -34.6, Epochs = 90 }.Table(Runs);
        await using var server = await DashboardServer.StartAsync(Runs);
        foreach (var (name, isDark, width, height) in new[] { ("dashboard", false, 1280, 1180), ("dashboard-phone", true, 390, 844) })
        {
            await using var page = await browser.Open(isDark, width, height);
            await page.Page.GotoAsync($"{server.Address}#/run/{run}");
            await Expect(page.Page.Locator("#latents .heat-values .collapsed")).ToHaveCountAsync(3);
            await page.Page.EvaluateAsync("document.querySelector('.folder').textContent = 'elbo-runs'");
            if (width < 600)
                await page.Page.Locator("#latents").ScrollIntoViewIfNeededAsync();
            await page.Page.WaitForTimeoutAsync(200);
            await page.Keep(name, whole: false);
        }
    }

    // The tiles at the top, all at one moment.
    private static async Task<Dictionary<string, double>> Numbers(IPage page)
    {
        await Expect(page.Locator("[data-tile=elbo] b")).ToBeVisibleAsync();
        var json = await page.EvaluateAsync<string>("JSON.stringify(Object.fromEntries([...document.querySelectorAll('.tile')].map(t => [t.dataset.tile, Number(t.querySelector('b').dataset.value)])))");
        return JsonSerializer.Deserialize<Dictionary<string, double>>(json)!;
    }
}
