namespace Elbo.Cli.Tests;

public sealed class FitOutputTests : IDisposable
{
    private readonly CommandLine _line = new();

    public FitOutputTests() => _line.Run("simulate", "customers", "--rows", "80", "-o", "~/t.csv").Succeeds();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Json_lines_are_events_in_order()
    {
        var events = Fit("--epochs", "3", "--json").Events;
        Assert.Equal(["columns", "notice", "epoch", "epoch", "epoch", "result"], events.Select(e => (string)e["event"]!));
        Assert.Equal(11, events[0]["columns"]!.AsArray().Count);
        Assert.Equal("log-normal", (string)events[0]["columns"]![3]!["likelihood"]!);
        Assert.Null(events[0]["columns"]![0]!["likelihood"]);
        Assert.Equal([1, 2, 3], events[2..5].Select(e => (int)e["epoch"]!));
        foreach (var epoch in events[2..])
            Assert.Equal((double)epoch["elbo"]!, (double)epoch["reconstruction"]! - (double)epoch["kl"]!, 9);
        var result = events[^1];
        Assert.Equal((72, 8, "held-out"), ((int)result["trainingRows"]!, (int)result["heldOutRows"]!, (string)result["rows"]!));
        Assert.Equal((double)result["gap"]!, (double)result["importanceWeighted"]! - (double)result["elbo"]!, 9);
    }

    [Fact]
    public void Quiet_json_is_the_result_alone()
    {
        var result = Assert.Single(Fit("--epochs", "2", "--json", "--quiet").Events);
        Assert.Equal("result", (string)result["event"]!);
    }

    [Fact]
    public void Profile_follows_the_result_with_a_line_for_each_kernel()
    {
        var lines = Fit("--epochs", "1", "--profile").Lines.SkipWhile(l => !l.StartsWith("A training step", StringComparison.Ordinal)).ToList();
        Assert.Contains("FLOP", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.Contains("MatrixProduct", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("whole run", StringComparison.Ordinal));
        var profile = Fit("--epochs", "1", "--profile", "--json").Events[^1];
        Assert.Equal("profile", (string)profile["event"]!);
        Assert.Equal(1, profile["kernels"]!.AsArray().Sum(k => (double)k!["share"]!), 1e-9);
    }

    [Fact]
    public void A_long_run_is_told_in_at_most_fifty_lines_with_the_first_the_best_and_the_last()
    {
        var lines = Fit("--epochs", "137", "--patience", "200", "--hidden", "none").Lines;
        var table = lines.SkipWhile(l => !l.StartsWith(" epoch", StringComparison.Ordinal)).Skip(1).TakeWhile(l => l.StartsWith(' ')).ToList();
        var epochs = table.Select(l => int.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(epochs.Count, 10, 50);
        Assert.Equal(1, epochs[0]);
        Assert.Contains(137, epochs);
        var best = System.Text.RegularExpressions.Regex.Match(string.Join('\n', lines), @"The best was epoch (\d+)").Groups[1].Value;
        Assert.Contains(int.Parse(best, System.Globalization.CultureInfo.InvariantCulture), epochs);
    }

    [Fact]
    public void Without_held_out_rows_the_report_says_so()
    {
        var text = Fit("--epochs", "1", "--holdout", "0").Out;
        Assert.Contains("80 rows, none held out", text);
        Assert.Contains("of the 80 rows it was trained on, so the numbers flatter it", text);
    }

    [Fact]
    public void The_model_is_named_after_the_table()
    {
        Assert.Equal("customers.elbo", Output.FileNames.ModelOf("data/customers.csv.gz"));
        Assert.Equal("wdbc.elbo", Output.FileNames.ModelOf("wdbc.data"));
        Assert.Equal("table.elbo", Output.FileNames.ModelOf("table"));
        Assert.Equal(".csv.elbo", Output.FileNames.ModelOf(".csv"));
    }

    [Fact]
    public void Likelihoods_are_asked_for_by_column_or_for_all_that_they_suit()
    {
        var columns = Fit("--epochs", "1", "--json", "--likelihood", "student-t", "--likelihood", "orders=Poisson").Events[0]["columns"]!.AsArray();
        string? Of(string name) => (string?)columns.Single(c => (string)c!["name"]! == name)!["likelihood"];
        Assert.Equal(("student-t", "student-t", "poisson", "bernoulli"), (Of("age"), Of("income"), Of("orders"), Of("newsletter")));
    }

    [Fact]
    public void Missing_tokens_delimiter_and_header_are_as_said()
    {
        _line.Write("odd.txt", string.Concat(Enumerable.Range(0, 40).Select(i => $"{(i % 5 == 0 ? "none-given" : $"{i % 7}.5")}:{i % 3}.25\n")));
        var events = _line.Run("fit", "~/odd.txt", "-o", "~/odd.elbo", "--delimiter", ":", "--no-header", "--missing-token", "none-given", "--epochs", "1", "--json", "--samples", "1").Succeeds().Events;
        Assert.Equal(8, (int)events[0]["columns"]![0]!["missing"]!);
        Assert.Equal("column2", (string)events[0]["columns"]![1]!["name"]!);
    }

    [Fact]
    public void On_a_screen_progress_is_drawn_over_itself_and_the_report_follows()
    {
        (_line.IsInteractive, _line.Width) = (true, 80);
        var text = Fit("--epochs", "4").Out;
        Assert.Contains("epoch 4 of at most 4", text);
        Assert.Contains("\e[", text);
        Assert.DoesNotContain("\e[32m", text);
        Assert.Contains("Saved ", text);
        _line.HasColour = true;
        Assert.Contains("\e[32m", Fit("--epochs", "1").Out);
    }

    [Fact]
    public void Lines_fit_a_terminal_of_80_columns()
    {
        _line.Width = 80;
        // A path is not broken, however long it is.
        Assert.All(Fit("--epochs", "1").Lines.Where(l => !l.Contains(_line[""], StringComparison.Ordinal)), l => Assert.InRange(l.Length, 1, 80));
    }

    [Fact]
    public void Every_command_has_help_with_an_example()
    {
        foreach (var command in new[] { "fit", "evaluate", "impute", "encode", "score", "diagnose", "sample", "reconstruct", "info", "simulate" })
        {
            var help = _line.Run(command, "--help").Succeeds().Out;
            Assert.Contains($"  elbo {command} ", help);
            Assert.Contains(command, _line.Run("--help").Succeeds().Out);
        }

        Assert.Matches(@"^elbo \d+\.\d+\.\d+", _line.Run("--version").Succeeds().Out);
    }

    [Fact]
    public void Simulated_tables_go_where_they_are_asked_to_and_depend_on_the_seed_alone()
    {
        var text = _line.Run("simulate", "customers", "--rows", "80").Succeeds().Out;
        Assert.Equal(_line.Read("t.csv"), text);
        Assert.NotEqual(text, _line.Run("simulate", "customers", "--rows", "80", "--seed", "2").Out);
        Assert.DoesNotContain(",,", _line.Run("simulate", "customers", "--rows", "80", "--missing", "0").Out);
    }

    private Outcome Fit(params string[] options) =>
        _line.Run(["fit", "~/t.csv", "-o", "~/m.elbo", "--hidden", "4", "--threads", "1", "--samples", "2", .. options]).Succeeds();
}
