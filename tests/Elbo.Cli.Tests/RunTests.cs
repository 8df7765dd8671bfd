using System.Diagnostics;
using Elbo.Data;

namespace Elbo.Cli.Tests;

public sealed class RunTests : IDisposable
{
    private static readonly string[] Settings = ["--hidden", "8", "--warm-up", "2", "--samples", "4", "--seed", "5", "--threads", "1", "--patience", "1000000"];

    private readonly CommandLine _line = new();

    public RunTests() => _line.Run("simulate", "customers", "--rows", "200", "-o", "~/t.csv").Succeeds();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void A_fit_records_its_run_beside_the_model_and_says_how_to_look_at_it()
    {
        var fit = Fit("m", "--epochs", "3");
        var run = Assert.Single(Runs());
        Assert.Contains($"elbo runs show {run.Folder}", fit.Out);
        Assert.Equal((RunState.Finished, "table-vae", 5ul, "m"), (run.State, run.Info!.Kind, run.Info.Seed, run.Info.Name));
        Assert.Equal(["elbo", "fit"], run.Info.Command.Take(2));
        Assert.Equal(_line["m.elbo"], run.Info.Model);
        Assert.Empty(run.Problems);

        var events = run.Events();
        var report = ((TableModelFile)ModelFile.Load(_line["m.elbo"])).Report!.Evaluation;
        var certificate = events.Last(e => e.Type == RecordedEventType.Certificate);
        Assert.Equal((report.Bound.Elbo, report.Bound.Kl, report.ImportanceWeighted.Value), (certificate.Number("elbo"), certificate.Number("kl"), certificate.Number("importanceWeighted")));
        Assert.Equal(report.Bound.Columns.Select(c => (c.Name, c.Value)), certificate.Terms("columns"));
        Assert.Equal(report.Bound.Elbo, run.Certificate!["elbo"]!.GetValue<double>());
        foreach (var made in events.Where(e => e.Type is RecordedEventType.Table or RecordedEventType.Picture))
            Assert.True(File.Exists(run.PathOf(made.Text("file"))));
        var tables = events.Where(e => e.Type == RecordedEventType.Table).Select(e => e.Text("kind")).ToHashSet();
        Assert.Equal(["imputations", "latent", "marginals", "samples"], tables.Order());
        Assert.Equal("ended", events[^1].Type);
    }

    [Fact]
    public void A_run_elsewhere_or_none_is_recorded_where_that_is_asked_for_and_the_model_is_the_same()
    {
        Fit("a", "--epochs", "2", "--runs", "~/other");
        Fit("b", "--epochs", "2", "--no-record");
        Assert.False(Directory.Exists(_line["elbo-runs"]));
        Assert.Single(RunFolder.All(_line["other"]));
        Assert.Equal(_line.ReadEntry("a.elbo", "weights.safetensors"), _line.ReadEntry("b.elbo", "weights.safetensors"));
        _line.Write("file", "");
        _line.Run("fit", "~/t.csv", "-o", "~/c.elbo", "--runs", "~/file", "--epochs", "1").Fails("a run cannot be recorded there", "--no-record");
    }

    [Fact]
    public void A_process_that_is_killed_leaves_a_run_that_can_be_read_and_goes_on()
    {
        Fit("whole", "--epochs", "6");
        Fit("m", "--epochs", "2");
        using (var fit = Start(["fit", _line["t.csv"], "-o", _line["m.elbo"], "--epochs", "1000000", "--resume", "--quiet", .. Settings]))
        {
            try
            {
                var growing = Runs().Single(r => r.Info?.Name == "m");
                Assert.True(SpinWait.SpinUntil(() => growing.Events().Count(e => e.Type == RecordedEventType.Epoch) >= 20 || fit.HasExited, TimeSpan.FromMinutes(2)));
                Assert.False(fit.HasExited, "the fit ended by itself");
                Assert.Equal(RunState.Running, growing.State);
                _line.Run("runs", "remove", growing.Folder).Fails("goes on");
            }
            finally
            {
                fit.Kill();
                fit.WaitForExit();
            }
        }

        var run = Runs().Single(r => r.Info?.Name == "m");
        Assert.Equal(RunState.Lost, run.State);
        var events = run.Events();
        Assert.Empty(run.Problems);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(s => (long)s), events.Select(e => e.Seq));
        Assert.Contains("lost", _line.Run("runs", "--runs", "~/elbo-runs").Succeeds().Out);

        // The model was not saved since, or some ten seconds ago: what was done after that is done again.
        var done = ModelFile.Load(_line["m.elbo"]).State!.Epoch;
        Fit("m", "--epochs", $"{done + 4}", "--resume");
        run = Runs().Single(r => r.Info?.Name == "m");
        Assert.Equal(RunState.Finished, run.State);
        var standing = RunHistory.Standing(run.Events()).Where(e => e.Type == RecordedEventType.Epoch).ToList();
        Assert.Equal(Enumerable.Range(1, done + 4).Select(e => (double?)e), standing.Select(e => e.Number("epoch")));
        var whole = Runs().Single(r => r.Info?.Name == "whole").Events().Where(e => e.Type == RecordedEventType.Epoch).Select(e => e.Number("elbo")).ToList();
        Assert.Equal(whole, standing.Take(6).Select(e => e.Number("elbo")));
        Assert.Equal(run.Events().Select(e => e.At).Order(), run.Events().Select(e => e.At));
    }

    [Fact]
    public void A_fit_of_another_run_is_not_taken_for_the_one_that_goes_on()
    {
        Fit("m", "--epochs", "2");
        Fit("m", "--epochs", "2", "--no-record", "--latent", "3");
        Fit("m", "--epochs", "3", "--resume");
        Assert.Equal(2, Runs().Count);
        Assert.Equal([3.0], Runs()[0].Events().Where(e => e.Type == RecordedEventType.Epoch).Select(e => e.Number("epoch") ?? 0));
    }

    [Fact]
    public void An_interrupted_fit_is_stopped_and_one_that_fails_says_why()
    {
        Assert.Equal(130, _line.RunInterruptedAt("\"epoch\":2,", ["fit", "~/t.csv", "-o", "~/m.elbo", "--epochs", "5", "--json", .. Settings]).Code);
        var run = Assert.Single(Runs());
        Assert.Equal((RunState.Stopped, 2.0), (run.State, run.Events()[^1].Number("epoch")));
        Fit("m", "--epochs", "5", "--resume");
        run = Assert.Single(Runs());
        Assert.Equal((RunState.Finished, 5.0), (run.State, run.Events()[^1].Number("epoch")));

        _line.Run("fit", "~/t.csv", "-o", "~/bad.elbo", "--epochs", "3", "--learning-rate", "1e30", "--hidden", "8", "--threads", "1").Fails("not finite");
        var failed = Runs().Single(r => r.Info?.Name == "bad");
        Assert.Equal(RunState.Failed, failed.State);
        Assert.Contains("not finite", failed.Events()[^1].Text("message"));
    }

    [Fact]
    public void A_diffusion_model_is_recorded_in_the_words_of_its_table_and_goes_on_in_the_same_run()
    {
        string[] fit = ["fit", "~/t.csv", "--model", "diffusion", "--hidden", "8", "--steps", "20", "--threads", "1", "--samples", "4", "--seed", "2"];
        _line.Run([.. fit, "-o", "~/whole.elbo", "--epochs", "4"]).Succeeds();
        Assert.Equal(130, _line.RunInterruptedAt("\"epoch\":2,", [.. fit, "-o", "~/d.elbo", "--epochs", "4", "--json"]).Code);
        Assert.Equal(RunState.Stopped, Runs().Single(r => r.Info?.Name == "d").State);
        _line.Run([.. fit, "-o", "~/d.elbo", "--epochs", "4", "--resume"]).Succeeds();

        var (whole, parts) = (Runs().Single(r => r.Info?.Name == "whole"), Runs().Single(r => r.Info?.Name == "d"));
        Assert.Equal((RunState.Finished, "diffusion"), (parts.State, parts.Info!.Kind));
        Assert.Equal(Epochs(whole), Epochs(parts));
        Assert.Equal([1.0, 2, 3, 4], Epochs(parts).Select(e => e.Epoch!.Value));
        Assert.All(Epochs(parts), e => Assert.True(double.IsFinite(e.HeldOut!.Value)));
        var events = parts.Events();
        Assert.Equal(20, events.Last(e => e.Type == RecordedEventType.Levels).Body.GetProperty("levels").GetArrayLength());
        Assert.Equal(["imputations", "marginals", "samples"], events.Where(e => e.Type == RecordedEventType.Table).Select(e => e.Text("kind")!).Distinct().Order());
        var samples = events.Last(e => e.Type == RecordedEventType.Table && e.Text("kind") == "samples");
        var lines = File.ReadAllLines(parts.PathOf(samples.Text("file"))!);
        Assert.Equal(_line.Run("sample", "-m", "~/d.elbo", "-n", "1", "--steps", "5").Succeeds().Lines[0], lines[0]);

        static IEnumerable<(double? Epoch, double? HeldOut)> Epochs(RunReader run) =>
            RunHistory.Standing(run.Events()).Where(e => e.Type == RecordedEventType.Epoch).Select(e => (e.Number("epoch"), e.Number("heldOut")));
    }

    [Fact]
    public void Images_and_texts_are_recorded_too()
    {
        _line.Run("simulate", "sprites", "-o", "~/s.npy", "--rows", "60");
        if (File.Exists(_line["s.npy"]))
            _line.Run("fit", "~/s.npy", "-o", "~/s.elbo", "--epochs", "1", "--latent", "2", "--hidden", "8", "--threads", "1", "--samples", "2").Succeeds();
        _line.Write("n.csv", "story\n" + string.Join('\n', Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? "cat dog bird cat fish" : "bond share fund bond market")) + "\n");
        _line.Run("fit", "~/n.csv", "-o", "~/n.elbo", "--text", "story", "--topics", "2").Succeeds();
        var texts = Runs().Single(r => r.Info?.Name == "n");
        Assert.Equal(("topics", RunState.Finished), (texts.Info!.Kind, texts.State));
        Assert.Contains(texts.Events(), e => e.Type == RecordedEventType.Epoch && e.Number("elbo") < 0);
        Assert.Contains(texts.Events(), e => e.Type == RecordedEventType.Table && e.Text("kind") == "topics");

        _line.Write("q.csv", "question,department\n" + string.Join('\n', Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $"where is my parcel {i},{(i < 40 ? "post" : "")}" : $"the bill is wrong {i},{(i < 40 ? "money" : "")}")) + "\n");
        _line.Run("fit", "~/q.csv", "-o", "~/q.elbo", "--text", "question", "--label", "department").Succeeds();
        var classifier = Runs().Single(r => r.Info?.Name == "q");
        Assert.Equal(("text-classifier", RunState.Finished), (classifier.Info!.Kind, classifier.State));
        double[] bounds = [.. classifier.Events().Where(e => e.Type == RecordedEventType.Epoch).Select(e => e.Number("elbo")!.Value)];
        Assert.NotEmpty(bounds);
        Assert.Equal(bounds.Order(), bounds);
        var answers = File.ReadAllLines(classifier.PathOf(classifier.Events().Single(e => e.Type == RecordedEventType.Table).Text("file"))!);
        Assert.Equal("probability,answered,wrong", answers[0]);
        Assert.EndsWith(",1,0", answers[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_listed_shown_compared_and_removed()
    {
        Fit("a", "--epochs", "2");
        Fit("b", "--epochs", "3", "--latent", "2");
        Directory.CreateDirectory(_line["elbo-runs/broken"]);
        _line.Write("elbo-runs/broken/run.json", "{");
        Directory.CreateDirectory(_line["elbo-runs/none"]);

        var list = _line.Run("runs", "--runs", "~/elbo-runs").Succeeds();
        Assert.Equal(4, list.Lines.Length);
        Assert.Contains("run.json", list.Error);
        var events = _line.Run("runs", "--runs", "~/elbo-runs", "--json").Succeeds().Events;
        Assert.Equal(["b", "a", "broken"], events.Select(e => e["name"]!.GetValue<string>()));
        var (a, b) = (events[1], events[0]);

        var shown = _line.Run("runs", "show", $"{b["run"]}", "--runs", "~/elbo-runs").Succeeds().Out;
        Assert.Contains("finished", shown);
        Assert.Contains("held-out rows", shown);
        var whole = _line.Run("runs", "show", "b", "--runs", "~/elbo-runs", "--json").Succeeds().Events[0];
        Assert.Equal("2", whole["settings"]!["latent"]!.GetValue<string>());
        Assert.Equal(b["elbo"]!.GetValue<double>(), whole["certificate"]!["elbo"]!.GetValue<double>());

        Assert.Contains("latent", _line.Run("runs", "compare", "a", "b", "--runs", "~/elbo-runs").Succeeds().Out);
        var compared = _line.Run("runs", "compare", "a", "b", "--runs", "~/elbo-runs", "--json").Succeeds().Events[0];
        var elbo = compared["figures"]!.AsArray().Single(f => f!["name"]!.GetValue<string>() == "elbo")!;
        Assert.Equal((a["elbo"]!.GetValue<double>(), b["elbo"]!.GetValue<double>()), (elbo["a"]!.GetValue<double>(), elbo["b"]!.GetValue<double>()));
        Assert.Equal(elbo["b"]!.GetValue<double>() - elbo["a"]!.GetValue<double>(), elbo["difference"]!.GetValue<double>(), 1e-9);
        Assert.Equal(["epochs", "latent"], compared["settings"]!.AsArray().Select(s => s!["name"]!.GetValue<string>()).Where(n => n is "latent" or "epochs").Order());

        _line.Run("runs", "show", "nothing", "--runs", "~/elbo-runs").Fails("has no run 'nothing'");
        _line.Run("runs", "remove", "broken", "--runs", "~/elbo-runs").Fails("by hand");
        _line.Run("runs", "remove", $"{a["run"]}", $"{b["run"]}", "--runs", "~/elbo-runs").Succeeds();
        Assert.Equal(["broken", "none"], Directory.GetDirectories(_line["elbo-runs"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(_line["a.elbo"]) && File.Exists(_line["elbo-runs/broken/run.json"]));
        _line.Run("runs", "--runs", "~/nowhere").Fails("there is no such folder");
        _line.Run("runs", "remove", _line.Write("file", "") + "/", "--runs", "~/elbo-runs").Fails("not the folder of a run");
    }

    private IReadOnlyList<RunReader> Runs() => RunFolder.All(_line["elbo-runs"]);

    private Outcome Fit(string model, params string[] options) => _line.Run(["fit", "~/t.csv", "-o", $"~/{model}.elbo", .. options, .. Settings]).Succeeds();

    // The program as its own process, which can be killed.
    private static Process Start(IReadOnlyList<string> arguments)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
        return Process.Start(new ProcessStartInfo(host, ["exec", typeof(Program).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }
}
