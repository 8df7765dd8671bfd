namespace Elbo.Cli.Tests;

public sealed class ErrorTests : IClassFixture<FittedCustomers>, IDisposable
{
    private readonly CommandLine _line = new();

    public ErrorTests(FittedCustomers fitted)
    {
        File.Copy(fitted.Line["customers.csv"], _line["t.csv"]);
        File.Copy(fitted.Line["customers.elbo"], _line["m.elbo"]);
    }

    public void Dispose() => _line.Dispose();

    [Theory]
    [InlineData("fit ~/nothere.csv", "nothere.csv: there is no such file")]
    [InlineData("fit ~/t.csv -o ~/no/such/folder.elbo", "folder.elbo: cannot be written")]
    [InlineData("fit ~/t.csv -o ~/t.csv", "t.csv: this file is read, so it is not written over. Choose another name")]
    [InlineData("fit ~/t.csv -o ~/words.csv", "words.csv: there is such a file and it is no model")]
    [InlineData("fit ~/t.csv --epochs 0", "--epochs is '0', but must be a whole number from 1 up")]
    [InlineData("fit ~/t.csv --epochs many", "--epochs is 'many'")]
    [InlineData("fit ~/t.csv --holdout 0.9", "--holdout is '0.9', but must be a fraction from 0 to 0.5")]
    [InlineData("fit ~/t.csv --hidden 8,x", "--hidden is '8,x', but must be sizes separated by commas")]
    [InlineData("fit ~/t.csv --learning-rate nan", "--learning-rate is 'nan', but must be a number above 0")]
    [InlineData("fit ~/t.csv --delimiter comma,", "--delimiter is 'comma,'")]
    [InlineData("fit ~/t.csv --header --no-header", "contradict")]
    [InlineData("fit ~/t.csv --epoch 3", "there is no option '--epoch'; did you mean '--epochs'?")]
    [InlineData("fit ~/t.csv ~/t.csv", "one argument too many")]
    [InlineData("fit", "DATA")]
    [InlineData("fitt ~/t.csv", "there is no command 'fitt'; did you mean 'fit'?")]
    [InlineData("fit ~/t.csv --column incom=real", "there is no column 'incom'. Did you mean 'income'?")]
    [InlineData("fit ~/t.csv --column income=reel", "--column: 'reel' is not a kind of column (did you mean 'real'?)")]
    [InlineData("fit ~/t.csv --column plan=real", "t.csv:2: column 'plan': 'business' is not a number")]
    [InlineData("fit ~/t.csv --likelihood incom=student-t", "there is no column 'incom' to model (did you mean 'income'?)")]
    [InlineData("fit ~/t.csv --likelihood income=studnet-t", "'studnet-t' is no family (did you mean 'student-t'?)")]
    [InlineData("fit ~/t.csv --likelihood plan=gaussian", "column 'plan' of kind category cannot be gaussian; it can be categorical")]
    [InlineData("fit ~/t.csv --likelihood ordinal", "there is no column that it suits")]
    [InlineData("fit ~/ragged.csv", "ragged.csv:3: row has 1 field but the header has 2")]
    [InlineData("fit ~/words.csv", "words.csv: no column is left to learn from")]
    [InlineData("fit ~/one.csv", "one.csv:")]
    [InlineData("evaluate ~/t.csv", "--model")]
    [InlineData("evaluate ~/t.csv -m ~/nothere.elbo", "nothere.elbo: there is no such file. Check the path; 'elbo fit' makes a model")]
    [InlineData("evaluate ~/t.csv -m ~/t.csv", "t.csv: the model is damaged or is not a model")]
    [InlineData("evaluate ~/t.csv -m ~/m.elbo --samples 0", "--samples is '0'")]
    [InlineData("evaluate ~/missing.csv -m ~/m.elbo", "missing.csv: the column 'age' is missing")]
    [InlineData("impute ~/t.csv -m ~/m.elbo -o ~/t.csv", "t.csv: this file is read")]
    [InlineData("impute ~/t.csv -m ~/m.elbo -o ~/m.elbo", "m.elbo: this file is read")]
    [InlineData("impute ~/t.csv -m ~/m.elbo -o ~/x{}.csv", "--draws")]
    [InlineData("impute ~/bad-cell.csv -m ~/m.elbo -o ~/x.csv", "bad-cell.csv:2: column 'age': 'old' is not a number")]
    [InlineData("encode ~/t.csv -m ~/m.elbo -o ~/no/such/x.csv", "x.csv: cannot be written")]
    [InlineData("sample -m ~/m.elbo", "--rows")]
    [InlineData("sample -m ~/m.elbo -n 0", "--rows is '0'")]
    [InlineData("sample -m ~/m.elbo -n 2 --seed -1", "--seed is '-1'")]
    [InlineData("simulate custmers", "there is no simulator 'custmers' (did you mean 'customers'?)")]
    [InlineData("simulate customers --missing 2", "--missing is '2'")]
    [InlineData("info ~/nothere.elbo", "nothere.elbo: there is no such file")]
    [InlineData("nonsense", "there is no command 'nonsense'")]
    public void Mistakes_are_named_with_a_remedy_and_leave_nothing_behind(string command, string message)
    {
        _line.Write("ragged.csv", "a,b\n1,2\n3\n");
        _line.Write("words.csv", "note\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"word {i}\n")));
        _line.Write("one.csv", "a,b\n1,2\n");
        _line.Write("missing.csv", WithoutAge());
        _line.Write("bad-cell.csv", BadCell());
        var before = _line.Files.ToDictionary(f => f, f => File.ReadAllBytes(_line[f]));
        _line.Run(command.Split(' ')).Fails(message);
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), _line.Files);
        Assert.All(before, f => Assert.Equal(f.Value, File.ReadAllBytes(_line[f.Key])));
    }

    [Fact]
    public void A_model_damaged_anywhere_is_refused_or_still_right()
    {
        var bytes = File.ReadAllBytes(_line["m.elbo"]);
        var whole = _line.Run("encode", "~/t.csv", "-m", "~/m.elbo").Succeeds().Out;
        for (var at = 0; at < bytes.Length; at += bytes.Length / 150)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x24;
            File.WriteAllBytes(_line["damaged.elbo"], damaged);
            var outcome = _line.Run("encode", "~/t.csv", "-m", "~/damaged.elbo", "--threads", "1");
            if (outcome.Code == 0)
                Assert.Equal(whole, outcome.Out);
            else
                outcome.Fails("damaged.elbo: ", "damaged");
        }
    }

    [Fact]
    public void A_model_cut_short_or_of_a_newer_program_is_refused()
    {
        File.WriteAllBytes(_line["cut.elbo"], File.ReadAllBytes(_line["m.elbo"])[..^100]);
        _line.Run("info", "~/cut.elbo").Fails("cut.elbo: the model is damaged", "fit the model again");
        File.Copy(_line["m.elbo"], _line["newer.elbo"]);
        using (var zip = System.IO.Compression.ZipFile.Open(_line["newer.elbo"], System.IO.Compression.ZipArchiveMode.Update))
        {
            var text = System.Text.Encoding.UTF8.GetString(_line.ReadEntry("m.elbo", "model.json")).Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal);
            zip.GetEntry("model.json")!.Delete();
            using var stream = zip.CreateEntry("model.json").Open();
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        _line.Run("info", "~/newer.elbo").Fails("newer.elbo: the model has format version 2", "Update elbo");
    }

    [Fact]
    public void Extra_columns_and_unseen_categories_are_noticed_and_no_error()
    {
        var rows = _line.Read("t.csv").Replace("Germany", "Atlantis", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        _line.Write("new.csv", string.Concat(rows.Select((r, i) => i == 0 ? $"extra,{r}\n" : $"7,{r}\n")));
        var outcome = _line.Run("impute", "~/new.csv", "-m", "~/m.elbo", "--samples", "1").Succeeds();
        Assert.Contains("a column the model does not know ('extra'); not used", outcome.Error);
        Assert.Contains("a category the model has not seen ('Atlantis'); taken as missing", outcome.Error);
        Assert.StartsWith("extra,customer_id", outcome.Out);
        Assert.Contains("Atlantis", outcome.Out);
        Assert.Equal("", _line.Run("score", "~/new.csv", "-m", "~/m.elbo", "--samples", "1", "--quiet").Succeeds().Error);
    }

    [Fact]
    public void Without_a_command_there_is_help_and_exit_code_2()
    {
        var outcome = _line.Run();
        Assert.Equal(2, outcome.Code);
        Assert.Contains("elbo [command] [options]", outcome.Out);
    }

    private string WithoutAge() =>
        string.Join('\n', _line.Read("t.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(r => string.Join(',', r.Split(',').Where((_, i) => i != 2))));

    private string BadCell()
    {
        var rows = _line.Read("t.csv").Split('\n');
        var cells = rows[1].Split(',');
        cells[2] = "old";
        rows[1] = string.Join(',', cells);
        return string.Join('\n', rows);
    }
}
