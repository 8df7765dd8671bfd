using System.Globalization;

namespace Elbo.Cli.Tests;

public sealed class ImputeTests : IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Observed_cells_come_back_to_the_byte()
    {
        Fit(NastyTable());
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "-o", "~/filled.csv", "--samples", "4").Succeeds();
        var before = Cells(_line.Read("t.csv"));
        var after = Cells(_line.Read("filled.csv"));
        Assert.Equal(before.Count, after.Count);
        var filled = 0;
        for (var row = 0; row < before.Count; row++)
        {
            for (var cell = 0; cell < before[row].Count; cell++)
            {
                if (before[row][cell].Trim() is "" or "NA" or "\"NA\"")
                {
                    Assert.False(string.IsNullOrWhiteSpace(after[row][cell]));
                    filled++;
                }
                else
                {
                    Assert.Equal(before[row][cell], after[row][cell]);
                }
            }
        }

        Assert.True(filled > 20);
    }

    [Fact]
    public void Draws_are_stacked_below_each_other_with_the_numbers_of_imputation_and_row()
    {
        Fit(NastyTable());
        var lines = Cells(_line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--draws", "3", "--samples", "4").Succeeds().Out);
        Assert.Equal([".imp", ".id", "\"name, with comma\"", "price", "size", "note"], lines[0]);
        Assert.Equal(1 + 3 * 60, lines.Count);
        Assert.Equal(Enumerable.Range(0, 180).Select(i => $"{i / 60 + 1} {i % 60 + 1}"), lines.Skip(1).Select(l => $"{l[0]} {l[1]}"));
    }

    [Fact]
    public void Draws_go_to_files_of_their_own_where_the_name_has_a_place_for_the_number()
    {
        Fit(NastyTable());
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--draws", "2", "-o", "~/draw-{}.csv", "--samples", "4").Succeeds();
        Assert.Equal(["draw-1.csv", "draw-2.csv", "t.csv", "t.elbo"], _line.Files);
        var stacked = Cells(_line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--draws", "2", "--samples", "4").Out);
        Assert.Equal(Cells(_line.Read("draw-2.csv")).Skip(1).Select(l => string.Join(',', l)), stacked.Skip(61).Select(l => string.Join(',', l.Skip(2))));
    }

    [Fact]
    public void The_seed_decides_the_draws_and_threads_do_not()
    {
        Fit(NastyTable());
        string Draw(params string[] options) => _line.Run(["impute", "~/t.csv", "-m", "~/t.elbo", "--draws", "1", "--samples", "4", .. options]).Succeeds().Out;
        Assert.Equal(Draw("--threads", "1"), Draw("--threads", "2"));
        Assert.NotEqual(Draw("--seed", "8"), Draw("--seed", "9"));
        Assert.Equal(Draw("--seed", "8"), Draw("--seed", "8"));
    }

    [Fact]
    public void Columns_left_out_are_copied_and_their_holes_are_told()
    {
        _line.Run("simulate", "customers", "--rows", "100", "-o", "~/t.csv").Succeeds();
        var rows = _line.Read("t.csv").Split('\n');
        rows[7] = rows[7][rows[7].IndexOf(',', StringComparison.Ordinal)..];
        Fit(string.Join('\n', rows));
        var outcome = _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--samples", "1").Succeeds();
        Assert.Contains("1 missing cell of columns that the model leaves out stay", outcome.Error);
        Assert.Contains("'customer_id'", outcome.Error);
        Assert.Equal(rows.Select(r => r.Split(',')[0]), outcome.Out.Split('\n').Select(r => r.Split(',')[0]));
    }

    [Fact]
    public void A_file_without_a_header_stays_without_one()
    {
        var rows = string.Concat(Enumerable.Range(0, 40).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 0.5:F2},{(i % 4 == 0 ? "" : i % 3 == 0 ? "x" : "y")}\n")));
        Fit(rows);
        var filled = _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--samples", "1").Succeeds().Lines;
        Assert.Equal(40, filled.Length);
        Assert.StartsWith("0.00,", filled[0]);
        var stacked = _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--samples", "1", "--draws", "2").Succeeds().Lines;
        Assert.Equal(80, stacked.Length);
        Assert.StartsWith("1,1,0.00,", stacked[0]);
        Assert.StartsWith("2,1,0.00,", stacked[40]);
    }

    [Fact]
    public void A_column_named_as_the_number_of_an_imputation_is_refused()
    {
        Fit(".imp,b\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i * 7 % 11}.5,{(i % 4 == 0 ? "" : "1.25")}{i % 4}\n")));
        _line.Run("impute", "~/t.csv", "-m", "~/t.elbo", "--draws", "2", "-o", "~/out.csv").Fails("t.csv", "'.imp'");
        Assert.DoesNotContain("out.csv", _line.Files);
    }

    private void Fit(string content)
    {
        _line.Write("t.csv", content);
        _line.Run("fit", "~/t.csv", "-o", "~/t.elbo", "--epochs", "2", "--hidden", "4", "--threads", "1", "--samples", "1").Succeeds();
    }

    // Quotes, delimiters and line breaks in cells, spaces around them, numbers in odd dress, and Windows line ends.
    private static string NastyTable()
    {
        string[] numbers = ["1.50", "1e3", "+2", " 3 ", "-0.0", "007.5", ".5", "12.", "\"4.250\"", "", "NA"];
        string[] words = ["plain", "\"with, comma\"", "\"say \"\"hi\"\"\"", "\"two\nlines\"", " spaced ", "\"NA\"", ""];
        var rows = Enumerable.Range(0, 60).Select(i => $"\"n{i}\",{numbers[i * 7 % numbers.Length]},{(i % 5 == 0 ? "" : (i % 3).ToString(CultureInfo.InvariantCulture) + ".0")},{words[i * 3 % words.Length]}\r\n");
        return "\"name, with comma\",price,size,note\r\n" + string.Concat(rows);
    }

    // Raw cells, quotes and spaces included.
    private static List<List<string>> Cells(string text)
    {
        var (rows, row, cell, inside) = (new List<List<string>>(), new List<string>(), "", false);
        foreach (var c in text)
        {
            inside ^= c == '"';
            if (!inside && c is (',' or '\n'))
            {
                row.Add(cell.TrimEnd('\r'));
                cell = "";
                if (c == '\n')
                {
                    rows.Add(row);
                    row = [];
                }
            }
            else
            {
                cell += c;
            }
        }

        return rows;
    }
}
