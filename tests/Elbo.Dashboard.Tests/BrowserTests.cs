using Elbo.Dashboard.Tests.Runs;
using Elbo.Data.Tests;

namespace Elbo.Dashboard.Tests;

public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrowserFact]
    public async Task Every_kind_of_run_is_shown_light_dark_and_on_a_phone()
    {
        var table = Path.GetFileName(new SimulatedRun(1) { Collapsing = [3, 6, 7] }.Table(_folder["runs"]));
        var images = Path.GetFileName(new SimulatedRun(2) { Name = "sprites", Height = -82, Epochs = 40, Latents = 10 }.Images(_folder["runs"]));
        var diffusion = Path.GetFileName(new SimulatedRun(3) { Name = "digits by diffusion" }.Diffusion(_folder["runs"]));
        string model;
        using (var writer = new SimulatedRun(4) { Name = "eight schools" }.BeginModel(_folder["runs"]))
        {
            SimulatedRun.AddPosterior(writer);
            writer.Report(new Recording.FitEnded(Recording.FitOutcome.Finished));
            model = writer.Id;
        }
        var collapsed = Path.GetFileName(new SimulatedRun(5) { Name = "collapsed", Collapsing = [1, 2, 3, 4, 5, 6, 7, 8], Height = -36 }.Table(_folder["runs"]));
        await using var server = await DashboardServer.StartAsync(_folder["runs"]);
        foreach (var (suffix, isDark, width) in new[] { ("light", false, 1360), ("dark", true, 1360), ("phone", false, 390) })
        {
            await using var page = await browser.Open(isDark, width);
            foreach (var (name, run) in new[] { ("table", table), ("images", images), ("diffusion", diffusion), ("model", model), ("collapsed", collapsed) })
            {
                await page.Page.GotoAsync($"{server.Address}#/run/{run}");
                await page.Page.WaitForSelectorAsync(".card");
                await page.Page.WaitForTimeoutAsync(250);
                await page.Keep($"{name}-{suffix}");
            }
            await page.Page.GotoAsync($"{server.Address}#/compare/{table}/{collapsed}");
            await page.Page.WaitForSelectorAsync("#compare-bound svg");
            await page.Page.WaitForTimeoutAsync(250);
            await page.Keep($"compare-{suffix}");
            await page.Page.GotoAsync($"{server.Address}#/");
            await page.Page.WaitForSelectorAsync(".item");
            await page.Keep($"list-{suffix}", whole: false);
            Assert.Empty(page.Complaints);
        }
    }
}
