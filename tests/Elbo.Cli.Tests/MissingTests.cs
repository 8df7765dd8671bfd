using System.Globalization;

namespace Elbo.Cli.Tests;

public sealed class MissingTests : IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void The_assumption_is_said_stored_and_kept()
    {
        var fit = Fit("--missing", "income=self-masking:high").Succeeds();
        const string sentence = "the higher the value of 'income', the more likely it is missing";
        Assert.Contains(sentence, fit.Out, StringComparison.Ordinal);
        Assert.Contains("No data can show whether that is so", fit.Out, StringComparison.Ordinal);
        Assert.Contains(sentence, _line.Run("info", "~/t.elbo").Succeeds().Out, StringComparison.Ordinal);
        Assert.Equal("income=self-masking:high", (string)_line.Run("info", "~/t.elbo", "--json").Succeeds().Events[0]["missing"]!);
        Assert.Contains(sentence, _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--samples", "4").Succeeds().Error, StringComparison.Ordinal);
        // The other commands read the model.
        Assert.Equal(61, _line.Run("score", "~/t.csv", "-m", "~/t.elbo", "--samples", "4").Succeeds().Lines.Length);
        _line.Run("evaluate", "~/t.csv", "-m", "~/t.elbo", "--samples", "4").Succeeds();
        _line.Run("sample", "-m", "~/t.elbo", "-n", "3").Succeeds();

        _line.Run("fit", "~/t.csv", "-o", "~/t.elbo", "--resume", "--epochs", "3", "--missing", "income=self-masking:high", "--samples", "1").Succeeds();
        _line.Run("fit", "~/t.csv", "-o", "~/t.elbo", "--resume", "--epochs", "4", "--missing", "income=self-masking:low").Fails("--missing", "income=self-masking:high");
        _line.Run("fit", "~/t.csv", "-o", "~/t.elbo", "--resume", "--epochs", "4", "--missing", "ignorable").Fails("--missing");
    }

    [Fact]
    public void Without_a_word_holes_are_ignored_and_that_is_said()
    {
        Assert.Contains("missing at random", Fit().Succeeds().Out, StringComparison.Ordinal);
        Assert.Equal("ignorable", (string)_line.Run("info", "~/t.elbo", "--json").Succeeds().Events[0]["missing"]!);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("agnostic:4")]
    public void Holes_by_the_whole_row_work_in_all_commands(string word)
    {
        var table = string.Concat(Enumerable.Range(0, 60).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 7 % 13 + 0.5},{(i % 4 == 0 ? "" : $"{i * 5 % 11 - 3.25}")}\n")));
        _line.Write("n.csv", "a,b\n" + table);
        _line.Run("fit", "~/n.csv", "-o", "~/n.elbo", "--epochs", "2", "--hidden", "4", "--samples", "1", "--importance", "2", "--missing", word).Succeeds();
        Assert.Equal(word, (string)_line.Run("info", "~/n.elbo", "--json").Succeeds().Events[0]["missing"]!);
        var filled = _line.Run("impute", "~/n.csv", "-m", "~/n.elbo", "--samples", "8").Succeeds();
        Assert.DoesNotContain(filled.Lines, l => l.EndsWith(','));
        // Instruments that need the density of a row given its code say that they do.
        Assert.Contains("self-masking", _line.Run("diagnose", "~/n.csv", "-m", "~/n.elbo", "--samples", "4", "--hard-rows", "2").Succeeds().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void What_intervals_hold_is_measured_said_and_used()
    {
        var rows = string.Concat(Enumerable.Range(0, 300).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Math.Sin(i * 1.7):F3},{(i % 7 == 0 ? "" : $"{Math.Sin(i * 1.7) + Math.Cos(i * 2.9):F3}")}\n")));
        _line.Write("w.csv", "a,b\n" + rows);
        var result = _line.Run("fit", "~/w.csv", "-o", "~/w.elbo", "--epochs", "5", "--samples", "2", "--json").Succeeds().Events[^1];
        Assert.InRange((int)result["intervals"]!["hiddenNumbers"]!, 40, 60);
        Assert.Equal((double)result["intervals"]!["levelFor90"]!, (double)_line.Run("info", "~/w.elbo", "--json").Succeeds().Events[0]["intervals"]!["levelFor90"]!);
        var level = string.Create(CultureInfo.InvariantCulture, $"takes those of {100 * (double)result["intervals"]!["levelFor90"]!:F1} %");
        Assert.Contains("known numbers that were hidden in held-out rows", string.Join(' ', _line.Run("info", "~/w.elbo").Succeeds().Lines), StringComparison.Ordinal);
        var impute = _line.Run("impute", "~/w.csv", "-m", "~/w.elbo", "-o", "~/f.csv", "--interval", "0.9", "--samples", "16").Succeeds();
        Assert.Contains(level, impute.Error, StringComparison.Ordinal);
        _line.Run("fit", "~/w.csv", "-o", "~/all.elbo", "--epochs", "1", "--samples", "2", "--holdout", "0").Succeeds();
        Assert.Contains("not known what they hold", _line.Run("impute", "~/w.csv", "-m", "~/all.elbo", "-o", "~/f.csv", "--interval", "0.9", "--samples", "16").Succeeds().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Intervals_have_a_line_for_each_filled_cell()
    {
        Fit().Succeeds();
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "-o", "~/filled.csv", "--interval", "0.9", "--samples", "16").Succeeds();
        var cells = _line.Read("filled-cells.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("row,name,column,value,lower,upper,probability,levels", cells[0]);
        Assert.Equal(_line.Read("t.csv").Split('\n').Sum(l => l.Split(',').Count(c => c == "")) - 1, cells.Length - 1);
        var filled = _line.Read("filled.csv").Split('\n').Select(l => l.Split(',')).ToArray();
        string[] columns = ["name", "income", "plan"];
        foreach (var cell in cells.Skip(1).Select(c => c.Split(',')))
        {
            Assert.Equal(filled[int.Parse(cell[0], CultureInfo.InvariantCulture)][Array.IndexOf(columns, cell[2])], cell[3]);
            Assert.Equal(filled[int.Parse(cell[0], CultureInfo.InvariantCulture)][0], cell[1]);
            if (cell[2] == "income")
            {
                var numbers = cell[4..6].Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
                Assert.True(numbers[0] < numbers[1]);
                Assert.Equal("", cell[6]);
            }
            else
            {
                Assert.StartsWith(cell[3] + " " + cell[6], cell[7], StringComparison.Ordinal);
                Assert.Equal("", cell[4]);
            }
        }
    }

    [Fact]
    public void What_makes_no_sense_is_refused_with_the_remedy()
    {
        Fit("--missing", "self-masked").Fails("'self-masked'", "did you mean 'self-masking'");
        Fit("--missing", "linear", "--missing", "income=self-masking").Fails("whole rows");
        Fit("--missing", "income=linear").Fails("whole rows");
        Fit("--missing", "incom=self-masking").Fails("'incom'", "income");
        Fit("--missing", "plan=self-masking:high").Fails("'plan'", "end");
        Assert.DoesNotContain("t.elbo", _line.Files);
        Fit().Succeeds();
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--interval", "90", "-o", "~/f.csv").Fails("--interval", "0.9");
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--interval", "0.9").Fails("--cells");
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--cells", "~/c.csv").Fails("--interval");
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--interval", "0.9", "-o", "~/f.csv", "--cells", "~/f.csv").Fails("two tables");
        Assert.DoesNotContain("f.csv", _line.Files);
    }

    private Outcome Fit(params string[] options)
    {
        var rows = Enumerable.Range(0, 60).Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i},{(i % 3 == 0 ? "" : $"{1000 + i * 37 % 91 * 10.5}")},{(i % 7 == 0 ? "" : i % 2 == 0 ? "basic" : "gold")}\n"));
        _line.Write("t.csv", "name,income,plan\n" + string.Concat(rows));
        return _line.Run(["fit", "~/t.csv", "-o", "~/t.elbo", "--epochs", "2", "--hidden", "4", "--threads", "1", "--samples", "1", .. options]);
    }
}
