using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Elbo.Cli.Tests;
using Elbo.Dashboard.Tests.Runs;
using Elbo.Data;
using Elbo.Data.Tests;

namespace Elbo.Dashboard.Tests;

public sealed partial class ReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CommandLine _command = new();

    public void Dispose()
    {
        _folder.Dispose();
        _command.Dispose();
    }

    [Fact]
    public void A_report_holds_all_it_needs_and_says_what_the_record_does()
    {
        var run = new RunReader(new SimulatedRun(2) { Name = "sprites", Epochs = 24, Latents = 5, Collapsing = [4] }.Images(_folder["runs"]));
        var html = Report.Html(RunSource.Of(run));
        // Nothing is asked for from anywhere: the only addresses are within the file.
        Assert.DoesNotMatch(@"(src|href)=""(?!data:)", html);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"https?://(?!www\.w3\.org/2000/svg)", html);
        var content = ContentOf(html)["runs"]![0]!;
        var epochs = run.Events().Where(e => e.Type == RecordedEventType.Epoch).ToArray();
        Assert.Equal(epochs.Select(e => e.Number("elbo")), content["view"]!["epochs"]!["elbo"]!.AsArray().Select(v => v?.GetValue<double?>()));
        Assert.Equal("z4", content["view"]!["latents"]!["collapsed"]![0]!["name"]!.GetValue<string>());
        var pictures = content["view"]!["pictures"]!.AsArray().Select(p => p!["file"]!.GetValue<string>()).ToArray();
        Assert.Equal(12, pictures.Length);
        Assert.All(pictures, file => Assert.Equal(File.ReadAllBytes(run.PathOf(file)!), Convert.FromBase64String(content["pictures"]![file]!.GetValue<string>()["data:image/png;base64,".Length..])));
        Assert.NotNull(content["tables"]!["tables/latent-end.csv"]!["columns"]);
    }

    [Fact]
    public void What_a_run_says_cannot_end_the_element_it_is_in()
    {
        var name = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
        var html = Report.Html(RunSource.Of(new RunReader(new SimulatedRun(1) { Name = name, Epochs = 3 }.Table(_folder["runs"]))));
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Equal(name, ContentOf(html)["runs"]![0]!["view"]!["name"]!.GetValue<string>());
        Assert.Equal(2, Regex.Count(html, "</script"));
    }

    [Fact]
    public void The_page_makes_no_markup_of_texts_and_no_name_is_in_it_twice()
    {
        var script = PageFiles.Script;
        foreach (var word in new[] { "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser", "</script", "import ", "\nexport " })
            Assert.DoesNotContain(word, script, StringComparison.Ordinal);
        var names = Declaration().Matches(script).Select(m => m.Groups["name"].Value).ToArray();
        Assert.True(names.Length > 50);
        Assert.Equal(names.Distinct(), names);
        // Every module is in it.
        Assert.Equal(PageFiles.Modules.Order(), typeof(PageFiles).Assembly.GetManifestResourceNames().Where(n => n.EndsWith(".js", StringComparison.Ordinal)).Select(n => n["Page/".Length..]).Order());
    }

    [Fact]
    public void The_command_writes_reports_and_single_pictures()
    {
        var run = new SimulatedRun(2) { Name = "sprites", Epochs = 24 }.Images(_folder["runs"]);
        var other = new SimulatedRun(3) { Epochs = 12 }.Table(_folder["runs"]);
        var runs = _folder["runs"];
        _command.Run("report", Path.GetFileName(run), Path.GetFileName(other), "--runs", runs, "-o", "~/both.html").Succeeds();
        Assert.Equal(["sprites", "customers"], ContentOf(_command.Read("both.html"))["runs"]!.AsArray().Select(r => r!["summary"]!["name"]!.GetValue<string>()));
        foreach (var name in RunPictures.Of(RunSource.Of(new RunReader(other))).Keys)
        {
            _command.Run("report", other, "--svg", name, "-o", $"~/{name}.svg").Succeeds();
            Assert.StartsWith("<svg", _command.Read($"{name}.svg"));
            _command.Run("report", other, "--png", name, "-o", $"~/{name}.png").Succeeds();
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(_command[$"{name}.png"])[..4]);
            File.Copy(_command[$"{name}.png"], Path.Combine(Browser.Screenshots, $"picture-{name}.png"), overwrite: true);
        }
        Assert.Superset(new HashSet<string> { "bound.svg", "gap.svg", "terms.svg", "latents.svg", "columns.svg", "codes.svg" }, _command.Files.ToHashSet());
        Assert.Contains("z1", _command.Read("latents.svg"), StringComparison.Ordinal);
        _command.Run("report", run, "--png", "samples", "-o", "~/samples.png").Succeeds();
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "pictures", "samples-00024.png")), File.ReadAllBytes(_command["samples.png"]));

        _command.Run("report", run, "--svg", "nothing", "-o", "~/x.svg").Fails("no picture 'nothing'", "bound");
        _command.Run("report", run, "--svg", "bound", "--png", "bound", "-o", "~/x.svg").Fails("Give one");
        _command.Run("report", "no-such-run", "--runs", runs, "-o", "~/x.html").Fails("no-such-run", "sprites");
        _command.Run("report", "--runs", _folder["nowhere"], "-o", "~/x.html").Fails("elbo fit");
        Assert.DoesNotContain("x.html", _command.Files);
    }

    [Fact]
    public void The_terminal_shows_the_usual_pictures()
    {
        var run = new SimulatedRun(3) { Epochs = 60, Collapsing = [2] }.Table(_folder["runs"]);
        _command.Width = 90;
        var text = _command.Run("plot", run).Succeeds().Out;
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 90, line));
        Assert.Contains("collapsed since 20", text, StringComparison.Ordinal);
        Assert.Contains("satisfaction", text, StringComparison.Ordinal);
        Assert.Contains("epoch 1", text, StringComparison.Ordinal);
        var reader = new RunReader(run);
        var last = reader.Events().Last(e => e.Type == RecordedEventType.Epoch);
        foreach (var (name, value) in last.Terms("latents").Concat(last.Terms("columns")))
            Assert.Matches($@"{name}\b.*{Regex.Escape(value.ToString("F3", System.Globalization.CultureInfo.InvariantCulture))}", text);
        Assert.DoesNotContain("satisfaction", _command.Run("plot", run, "bound").Succeeds().Out, StringComparison.Ordinal);
        _command.Run("plot", run, "levels").Fails("levels", "bound");
    }

    [Fact]
    public void A_curve_in_letters_goes_from_its_least_to_its_greatest_value()
    {
        double[] x = [.. Enumerable.Range(0, 201).Select(i => (double)i)];
        var lines = Elbo.Cli.Output.BrailleChart.Lines(x, [.. x.Select(v => v / 100)], null, 60, 10, "epoch").ToArray();
        Assert.Equal(12, lines.Length);
        Assert.StartsWith("2.000 ┤", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("0.000 ┤", lines[9], StringComparison.Ordinal);
        // It rises from the left below to the right above, without a hole.
        var first = lines[..10].Select(l => l.AsSpan(7).IndexOfAnyExcept('⠀', ' ')).ToArray();
        Assert.Equal(first.OrderDescending(), first);
        Assert.Equal(0, first[9]);
        Assert.EndsWith("200", lines[11], StringComparison.Ordinal);
    }

    private static JsonObject ContentOf(string html) => JsonNode.Parse(Content().Match(html).Groups["json"].Value)!.AsObject();

    [GeneratedRegex(@"<script type=""application/json"" id=""report"">(?<json>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Content();

    [GeneratedRegex(@"^(?:async )?(?:function|class|const|let) (?<name>[A-Za-z_]\w*)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
