using Elbo.Images;
using Elbo.Objectives;
using Elbo.Recording;
using Elbo.Training;

namespace Elbo.Data.Tests.Runs;

public sealed class RunRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_fit_tells_is_read_back_numbered_and_in_order()
    {
        string own;
        using (var writer = RunWriter.Begin(_folder["runs"], "digits of mine", new() { Data = "digits.npy", Model = "digits.elbo", Command = ["fit", "digits.npy"] }))
        {
            own = writer.Folder;
            writer.Report(Started with { Epochs = 3, TrainingRows = 90, HeldOutRows = 10 });
            writer.Report(new StepsTaken(7, 7, -12.5) { Epoch = 0.5, Kl = 3.25 });
            writer.Report(new EpochEnded(Epoch(1, -11.25), true));
            writer.Report(new FitNotice("Something was mended.") { Epoch = 1 });
            writer.Report(new FitEnded(FitOutcome.Finished));
        }

        var reader = new RunReader(own);
        var events = reader.Events();
        Assert.Empty(reader.Problems);
        Assert.Equal(["started", "step", "epoch", "notice", "ended"], events.Select(e => e.Type));
        Assert.Equal([1, 2, 3, 4, 5], events.Select(e => e.Seq));
        Assert.True(events.Zip(events.Skip(1)).All(pair => pair.First.At <= pair.Second.At));
        Assert.Equal(-12.5, events[1].Number("elbo"));
        Assert.Equal(3.25, events[1].Number("kl"));
        Assert.Equal(-11.25, events[2].Number("elbo"));
        Assert.Equal([("z1", 2.0), ("z2", 1.0)], events[2].Terms("latents"));
        Assert.Equal("Something was mended.", events[3].Text("text"));
        Assert.Equal(-11.25, events[4].Number("elbo"));
        Assert.Equal(RunState.Finished, reader.State);
        var info = reader.Info!;
        Assert.Equal(("digits of mine", "image-vae", 7ul, "digits.npy"), (info.Name, info.Kind, info.Seed, info.Data));
        Assert.Equal([new FitSetting("latent", "2")], info.Settings);
        Assert.Equal(["fit", "digits.npy"], info.Command);
        Assert.EndsWith("-digits-of-mine", reader.Id, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_none_are_null()
    {
        var writer = RunWriter.Begin(_folder["runs"], "a");
        writer.Report(new StepsTaken(1, 1, double.NaN) { Kl = double.PositiveInfinity });
        writer.Dispose();
        var step = new RunReader(writer.Folder).Events()[0];
        Assert.Null(step.Number("elbo"));
        Assert.Contains("\"elbo\":null", step.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_read_while_it_grows_and_nothing_twice()
    {
        using var writer = RunWriter.Begin(_folder["runs"], "a");
        var reader = new RunReader(writer.Folder);
        Assert.Empty(reader.Events());
        Assert.Equal(RunState.Running, reader.State);
        writer.Report(Started);
        Assert.Equal(["started"], reader.Events().Select(e => e.Type));
        for (var epoch = 1; epoch <= 2500; epoch++)
            writer.Report(new FitNotice("n") { Epoch = epoch });
        var news = reader.Events(after: 1);
        Assert.Equal(Enumerable.Range(1, 2500).Select(e => (double?)e), news.Select(e => e.Number("epoch")));
        Assert.Empty(reader.Events(after: news[^1].Seq));
        writer.Report(new FitNotice("last"));
        Assert.Equal("last", Assert.Single(reader.Events(after: news[^1].Seq)).Text("text"));
        // From anywhere, as one who comes back asks.
        Assert.Equal([1203L, 1204L], reader.Events(after: 1202, most: 2).Select(e => e.Seq));
        Assert.Equal(2502, reader.Events().Count);
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void Steps_come_within_a_second_without_another_event()
    {
        using var writer = RunWriter.Begin(_folder["runs"], "a");
        writer.Report(new StepsTaken(1, 1, -3));
        var reader = new RunReader(writer.Folder);
        Assert.True(SpinWait.SpinUntil(() => reader.Events().Count == 1, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_torn_line_is_left_out_and_cut_off_when_the_run_goes_on()
    {
        var own = Ended(FitOutcome.Stopped);
        var events = Path.Combine(own, "events.jsonl");
        File.AppendAllText(events, "{\"seq\":4,\"at\":1.5,\"type\":\"epo");
        var reader = new RunReader(own);
        Assert.Equal(3, reader.Events().Count);
        Assert.Empty(reader.Problems);
        Assert.Equal(RunState.Stopped, reader.State);
        using (var writer = RunWriter.Resume(reader))
        {
            writer.Report(Started with { EpochsDone = 1 });
            Assert.Equal(RunState.Running, reader.State);
        }
        var more = reader.Events(after: 3);
        Assert.Equal([("started", 4L), ("ended", 5L)], more.Select(e => (e.Type, e.Seq)));
        Assert.True(more[0].Is("resumed"));
        Assert.True(more[0].At >= reader.Events()[2].At);
        Assert.DoesNotContain("epo\"", File.ReadAllText(events), StringComparison.Ordinal);
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void One_writer_at_a_time()
    {
        using var writer = RunWriter.Begin(_folder["runs"], "a");
        var mistake = Assert.Throws<DataException>(() => RunWriter.Resume(new RunReader(writer.Folder)));
        Assert.Contains("another process", mistake.Message, StringComparison.Ordinal);
        Assert.Contains("goes on", Assert.Throws<DataException>(() => RunFolder.Remove(new RunReader(writer.Folder))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_lines_are_named_and_the_others_read()
    {
        var own = Ended(FitOutcome.Finished);
        var path = Path.Combine(own, "events.jsonl");
        var lines = File.ReadAllLines(path);
        File.WriteAllText(path, string.Join('\n', [lines[0], "no JSON", "{\"type\":\"epoch\"}", lines[0], "[1,2]", .. lines[1..]]) + "\n");
        var reader = new RunReader(own);
        Assert.Equal(["started", "notice", "ended"], reader.Events().Select(e => e.Type));
        Assert.Equal([2, 3, 4, 5], reader.Problems.Select(p => p.Line ?? 0));
        Assert.All(reader.Problems, p => Assert.Equal("events.jsonl", p.File));
        reader.Events();
        Assert.Equal(4, reader.Problems.Count);
        Assert.Equal(RunState.Finished, reader.State);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"elbo-run\"}")]
    [InlineData("{\"format\":\"other\",\"formatVersion\":1}")]
    [InlineData("{\"format\":\"elbo-run\",\"formatVersion\":99,\"name\":\"a\"}")]
    [InlineData("{\"format\":\"elbo-run\",\"format\":\"elbo-run\",\"formatVersion\":1}")]
    [InlineData("{\"format\":\"elbo-run\",\"formatVersion\":1,\"name\":\"a\",\"command\":[],\"started\":\"yesterday\"}")]
    public void A_broken_run_opens_and_says_what_is_broken(string info)
    {
        Directory.CreateDirectory(_folder["runs/b"]);
        File.WriteAllText(_folder["runs/b/run.json"], info);
        File.WriteAllBytes(_folder["runs/b/events.jsonl"], [0xFF, 0xFE, 0, (byte)'\n', .. new byte[300_000]]);
        var good = Ended(FitOutcome.Finished);
        var all = RunFolder.All(_folder["runs"]);
        Assert.Equal([Path.GetFileName(good), "b"], all.Select(r => r.Id));
        Assert.Null(all[1].Info);
        Assert.Empty(all[1].Events());
        Assert.Equal(["run.json", "events.jsonl"], all[1].Problems.Select(p => p.File));
        Assert.Equal(RunState.Unknown, all[1].State);
        Assert.Null(all[1].Certificate);
        Assert.Throws<DataException>(() => RunFolder.Remove(all[1]));
        Assert.Throws<DataException>(() => RunWriter.Resume(all[1]));
        Assert.True(File.Exists(_folder["runs/b/run.json"]));
    }

    [Fact]
    public void Numbers_of_the_wrong_kind_are_no_numbers()
    {
        var own = Ended(FitOutcome.Finished);
        File.WriteAllText(Path.Combine(own, "events.jsonl"), "{\"seq\":1,\"at\":\"soon\",\"type\":\"epoch\",\"elbo\":\"high\",\"latents\":[3,{\"name\":1},{\"name\":\"z\"}]}\n");
        var read = Assert.Single(new RunReader(own).Events());
        Assert.Null(read.Number("elbo"));
        Assert.Equal(0, read.At);
        Assert.True(double.IsNaN(Assert.Single(read.Terms("latents")).Value));
    }

    [Fact]
    public void A_folder_that_is_not_there_has_no_runs()
    {
        Assert.Empty(RunFolder.All(_folder["none"]));
        Directory.CreateDirectory(_folder["runs/not a run"]);
        Assert.Empty(RunFolder.All(_folder["runs"]));
        Assert.Contains("no runs", Assert.Throws<DataException>(() => RunFolder.Find(_folder["runs"], "latest")).Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Unknown, new RunReader(_folder["none"]).State);
    }

    [Fact]
    public void Tables_and_pictures_are_written_whole_and_named()
    {
        string own;
        using (var writer = RunWriter.Begin(_folder["runs"], "a"))
        {
            own = writer.Folder;
            writer.Report(new TableMade(FitTableKind.Latent, "Codes", [FitColumn.Of("z1", [0.1f, double.NaN, 3]), FitColumn.Of("what, ever", ["a", null, "say \"b\""])]) { Epoch = 2 });
            writer.Report(new ImagesMade(FitPictureKind.Samples, "Samples", new ImageSet(2, 2, 1, new byte[] { 0, 50, 100, 255, 1, 2, 3, 4 }), 2));
        }

        var reader = new RunReader(own);
        var events = reader.Events();
        Assert.Equal(("table", "latent", 2.0, 3.0), (events[0].Type, events[0].Text("kind"), events[0].Number("epoch"), events[0].Number("rows")));
        Assert.Equal("z1,\"what, ever\"\n0.1,a\n,\n3,\"say \"\"b\"\"\"\n", File.ReadAllText(reader.PathOf(events[0].Text("file"))!));
        Assert.Equal(("picture", "samples", 2.0), (events[1].Type, events[1].Text("kind"), events[1].Number("images")));
        var picture = ImageReader.Read(Path.GetDirectoryName(reader.PathOf(events[1].Text("file"))!)!).Images;
        Assert.Equal((4, 7), (picture.Height, picture.Width));
        Assert.Equal([128, 0, 50, 128], picture.Pixels(0).Slice(7, 4).ToArray());
        Assert.Equal(["writer.lock", "alive.json", "events.jsonl", "run.json"], Directory.GetFiles(own).Select(Path.GetFileName).OrderByDescending(n => n == "writer.lock").ThenBy(n => n, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("../run.json")]
    [InlineData("pictures/../run.json")]
    [InlineData("run.json")]
    [InlineData("pictures/..")]
    [InlineData("pictures/.hidden.png")]
    [InlineData("tables/samples-end.png")]
    [InlineData("pictures/none.png")]
    [InlineData("/etc/passwd")]
    [InlineData("pictures/a/b.png")]
    [InlineData("pictures/secret.png")]
    [InlineData("")]
    [InlineData(null)]
    public void No_path_leads_out_of_the_run(string? file)
    {
        var own = Ended(FitOutcome.Finished);
        Directory.CreateDirectory(Path.Combine(own, "pictures"));
        File.WriteAllText(Path.Combine(own, "pictures", ".hidden.png"), "");
        File.CreateSymbolicLink(Path.Combine(own, "pictures", "secret.png"), Path.Combine(own, "run.json"));
        Assert.Null(new RunReader(own).PathOf(file));
    }

    [Fact]
    public void Only_what_a_run_has_is_removed()
    {
        var own = Ended(FitOutcome.Finished);
        File.WriteAllText(Path.Combine(own, "thesis.txt"), "all of it");
        Directory.CreateDirectory(Path.Combine(own, "tables"));
        File.WriteAllText(Path.Combine(own, "tables", "mine.txt"), "mine");
        File.WriteAllText(Path.Combine(own, "tables", "latent-end.csv"), "z");
        Directory.CreateSymbolicLink(Path.Combine(own, "pictures"), Directory.CreateDirectory(_folder["photos"]).FullName);
        File.WriteAllText(_folder["photos/holiday.png"], "sun");
        Assert.False(RunFolder.Remove(new RunReader(own)));
        Assert.Equal(["pictures", "tables", "thesis.txt"], Directory.GetFileSystemEntries(own).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(own, "tables", "mine.txt")) && !File.Exists(Path.Combine(own, "tables", "latent-end.csv")));
        Assert.True(File.Exists(_folder["photos/holiday.png"]));
        var other = Ended(FitOutcome.Failed);
        Assert.True(RunFolder.Remove(new RunReader(other)));
        Assert.False(Directory.Exists(other));
    }

    [Fact]
    public void Runs_are_found_by_the_beginning_or_the_end_of_their_names()
    {
        var (one, two) = (Path.GetFileName(Ended(FitOutcome.Finished)), Path.GetFileName(Ended(FitOutcome.Stopped)));
        Assert.Equal(one, RunFolder.Find(_folder["runs"], one).Id);
        Assert.Equal(two, RunFolder.Find(_folder["runs"], Path.Combine(_folder["runs"], two)).Id);
        Assert.Contains(RunFolder.Find(_folder["runs"], "latest").Id, new[] { one, two });
        string named;
        using (var writer = RunWriter.Begin(_folder["runs"], "eight schools"))
            named = Path.GetFileName(writer.Folder);
        Assert.Equal((named, named), (RunFolder.Find(_folder["runs"], "eight schools").Id, RunFolder.Find(_folder["runs"], "eight-schools").Id));
        Assert.Contains("may be 3 runs", Assert.Throws<DataException>(() => RunFolder.Find(_folder["runs"], "20")).Message, StringComparison.Ordinal);
        Assert.Contains(one, Assert.Throws<DataException>(() => RunFolder.Find(_folder["runs"], "x")).Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => RunFolder.Find(_folder["runs"], ".."));
    }

    [Fact]
    public void A_record_that_cannot_be_written_says_so_and_leaves_the_fit_alone()
    {
        using var writer = RunWriter.Begin(_folder["runs"], "a");
        // A file where a folder has to be.
        File.WriteAllText(Path.Combine(writer.Folder, "tables"), "");
        writer.Report(new TableMade(FitTableKind.Latent, "Codes", [FitColumn.Of("z1", [1.0])]));
        Assert.Contains("The fit goes on", writer.Trouble, StringComparison.Ordinal);
        writer.Report(new FitNotice("n"));
        Assert.Contains("--runs", Assert.Throws<DataException>(() => RunWriter.Begin(Path.Combine(writer.Folder, "tables"), "b")).Message, StringComparison.Ordinal);
    }

    private string Ended(FitOutcome outcome)
    {
        using var writer = RunWriter.Begin(_folder["runs"], "a");
        writer.Report(Started);
        writer.Report(new FitNotice("a notice"));
        writer.Report(new FitEnded(outcome));
        return writer.Folder;
    }

    private static FitStarted Started => new("image-vae", 7, [new("latent", "2")]);

    private static EpochReport Epoch(int epoch, double elbo) => new(
        epoch, elbo - 1, 1, new Bound(elbo, elbo + 3, 3, [new("pixels", elbo + 3)], [new("z1", 2), new("z2", 1)], 0.1, 10), new ImportanceWeightedBound(elbo + 0.5, 5, 0.1), 2, true, []);
}
