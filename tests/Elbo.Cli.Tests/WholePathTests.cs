using System.Globalization;

namespace Elbo.Cli.Tests;

public sealed class WholePathTests(FittedCustomers fitted) : IClassFixture<FittedCustomers>
{
    private readonly CommandLine _line = fitted.Line;

    [Fact]
    public void Fit_shows_columns_epochs_and_report()
    {
        var text = fitted.Fit.Out;
        Assert.Contains("300 rows, 11 columns between commas, 10 of them modelled", text);
        Assert.Matches(@"customer_id +- +left out", text);
        Assert.Matches(@"income +positive +log-normal +\d", text);
        Assert.Contains("Training; nats per row, of the held-out rows", text);
        Assert.Contains("Trained on 270 rows, 30 held out: 3 epochs", text);
        Assert.Contains("of the 30 held-out rows", text);
        Assert.Matches(@"ELBO +-?\d+\.\d{3} +± \d", text);
        Assert.Contains("IWAE, K = 16", text);
        Assert.Contains("customers.elbo", text);
        Assert.DoesNotContain("\e[", text);
        Assert.Equal("", fitted.Fit.Error);
    }

    [Fact]
    public void Report_lists_columns_in_the_order_of_the_table()
    {
        var report = fitted.Fit.Out[fitted.Fit.Out.IndexOf("reconstruction of", StringComparison.Ordinal)..];
        string[] names = ["signup_date", "age", "income", "orders", "visits", "newsletter", "country", "plan", "satisfaction", "balance"];
        var places = names.Select(n => report.IndexOf(n, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void Info_shows_network_columns_and_report()
    {
        var text = _line.Run("info", "~/customers.elbo").Succeeds().Out;
        Assert.Contains("fitted to 300 rows", text);
        Assert.Contains("hidden layers of 8 units", text);
        Assert.Matches(@"newsletter +binary +bernoulli +no, yes", text);
        Assert.Contains("Left out: customer_id.", text);
        Assert.Contains("Trained for 3 epochs", text);
        Assert.Contains("30 rows held out from training", text);
        // The report is the one that fit printed.
        var elbo = text.Split('\n').First(l => l.StartsWith("ELBO", StringComparison.Ordinal));
        Assert.Contains(elbo, fitted.Fit.Out);
    }

    [Fact]
    public void Evaluate_says_when_the_rows_were_trained_on()
    {
        var outcome = _line.Run("evaluate", "~/customers.csv", "-m", "~/customers.elbo", "--samples", "16", "--threads", "1").Succeeds();
        Assert.Contains("of the 300 rows of", outcome.Out);
        Assert.Contains("flatter the model", outcome.Error);
        _line.Run("simulate", "customers", "--rows", "50", "--seed", "2", "-o", "~/others.csv").Succeeds();
        var others = _line.Run("evaluate", "~/others.csv", "-m", "~/customers.elbo", "--samples", "16", "--threads", "1").Succeeds();
        Assert.DoesNotContain("flatter", others.Error);
    }

    [Fact]
    public void Evaluate_gives_one_json_object_whose_terms_add_up()
    {
        var result = Assert.Single(_line.Run("evaluate", "~/customers.csv", "-m", "~/customers.elbo", "--samples", "16", "--json").Succeeds().Events);
        Assert.Equal("result", (string)result["event"]!);
        Assert.True((bool)result["isTrainingTable"]!);
        Assert.Equal((double)result["elbo"]!, (double)result["reconstruction"]! - (double)result["kl"]!, 9);
        Assert.Equal((double)result["reconstruction"]!, result["columns"]!.AsObject().Sum(c => (double)c.Value!), 9);
        Assert.Equal((double)result["kl"]!, result["latents"]!.AsObject().Sum(c => (double)c.Value!), 9);
    }

    [Fact]
    public void Encode_has_a_row_for_each_row_under_its_name()
    {
        var lines = _line.Run("encode", "~/customers.csv", "-m", "~/customers.elbo", "--threads", "1").Succeeds().Lines;
        Assert.Equal("customer_id,z1,z2,z3,z4,z5,z1_sd,z2_sd,z3_sd,z4_sd,z5_sd", lines[0]);
        Assert.Equal(301, lines.Length);
        Assert.StartsWith("C000300,", lines[^1]);
        Assert.All(lines.Skip(1).SelectMany(l => l.Split(',')[6..]), sd => Assert.True(Number(sd) > 0));
    }

    [Fact]
    public void Score_puts_the_most_unusual_row_first()
    {
        var lines = _line.Run("score", "~/customers.csv", "-m", "~/customers.elbo", "--samples", "16").Succeeds().Lines;
        Assert.Equal("row,customer_id,iwae,elbo,unusual_column,surprise", lines[0]);
        var rows = lines.Skip(1).Select(l => l.Split(',')).ToList();
        Assert.Equal(rows.Select(r => Number(r[2])).Order(), rows.Select(r => Number(r[2])));
        Assert.Equal(Enumerable.Range(1, 300), rows.Select(r => int.Parse(r[0], CultureInfo.InvariantCulture)).Order());
        Assert.All(rows, r => Assert.Equal($"C{int.Parse(r[0], CultureInfo.InvariantCulture):D6}", r[1]));
    }

    [Fact]
    public void Score_names_the_column_of_an_outlier()
    {
        var rows = _line.Read("customers.csv").Split('\n');
        var cells = rows[5].Split(',');
        cells[3] = "99999999";
        rows[5] = string.Join(',', cells);
        _line.Write("outlier.csv", string.Join('\n', rows));
        var first = _line.Run("score", "~/outlier.csv", "-m", "~/customers.elbo", "--samples", "16").Succeeds().Lines[1].Split(',');
        Assert.Equal("5", first[0]);
        Assert.Equal("income", first[4]);
    }

    [Fact]
    public void Sample_writes_rows_that_the_model_reads_and_that_depend_on_the_seed_alone()
    {
        var lines = _line.Run("sample", "-m", "~/customers.elbo", "-n", "40", "--seed", "3", "--threads", "1").Succeeds();
        Assert.Equal("signup_date,age,income,orders,visits,newsletter,country,plan,satisfaction,balance", lines.Lines[0]);
        Assert.Equal(41, lines.Lines.Length);
        Assert.DoesNotContain(",,", lines.Out);
        Assert.Equal(lines.Out, _line.Run("sample", "-m", "~/customers.elbo", "-n", "40", "--seed", "3", "--threads", "2").Out);
        Assert.NotEqual(lines.Out, _line.Run("sample", "-m", "~/customers.elbo", "-n", "40", "--seed", "4").Out);
        _line.Write("sampled.csv", lines.Out);
        _line.Run("evaluate", "~/sampled.csv", "-m", "~/customers.elbo", "--samples", "1").Succeeds();
    }

    [Fact]
    public void Tables_go_to_compressed_files_when_the_name_says_so()
    {
        var outcome = _line.Run("sample", "-m", "~/customers.elbo", "-n", "5", "-o", "~/sampled.tsv.gz").Succeeds();
        Assert.Equal("", outcome.Out);
        Assert.Contains("5 rows", outcome.Error);
        Assert.Equal([0x1F, 0x8B], File.ReadAllBytes(_line["sampled.tsv.gz"])[..2]);
    }

    [Fact]
    public void Quiet_commands_write_nothing_but_their_table()
    {
        Assert.Equal("", _line.Run("-q", "evaluate", "~/customers.csv", "-m", "~/customers.elbo", "--samples", "1").Succeeds().Out);
        var sample = _line.Run("sample", "--quiet", "-m", "~/customers.elbo", "-n", "2", "-o", "~/quiet.csv").Succeeds();
        Assert.Equal(("", ""), (sample.Out, sample.Error));
        var fit = _line.Run("fit", "--quiet", "~/customers.csv", "-o", "~/quiet.elbo", "--epochs", "1", "--hidden", "none", "--samples", "1").Succeeds();
        Assert.Equal(("", ""), (fit.Out, fit.Error));
        Assert.Contains("quiet.elbo", _line.Files);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
