using System.Globalization;
using Elbo.Tables;

namespace Elbo.Data.Tests;

public sealed class KindTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1.5 2.5 -3 4", ColumnKind.Real)]
    [InlineData("0 1 0 1", ColumnKind.Binary)]
    [InlineData("yes no yes no", ColumnKind.Binary)]
    [InlineData("1 2 1 2 NA", ColumnKind.Binary)]
    [InlineData("1 1.0 2 2.0 1", ColumnKind.Binary)]
    [InlineData("a b c a b c", ColumnKind.Category)]
    [InlineData("1 2 3 1 2 3 1 2 3 1 2 3 1 2 3", ColumnKind.Category)]
    [InlineData("0 0 1 0 2 5 1 9 3 0 12 4", ColumnKind.Count)]
    [InlineData("2007 2008 2009 2008 2007 2009", ColumnKind.Real)]
    [InlineData("38 45 29 61 44 38 52", ColumnKind.Real)]
    [InlineData("2020-01-01 2021-02-03 NA 2020-05-06", ColumnKind.Date)]
    [InlineData("2020-01-01T10:00:00Z 2021-02-03T11:30:00Z", ColumnKind.Date)]
    [InlineData("31/12/2020 01/02/2021 05/05/2021", ColumnKind.Date)]
    [InlineData("12/31/2020 01/02/2021 05/05/2021", ColumnKind.Date)]
    [InlineData("1.2.2020 3.2.2020 24.12.2020", ColumnKind.Date)]
    [InlineData("01 02 01 02 03 03", ColumnKind.Category)]
    [InlineData("<5 6 7 <5 6 7", ColumnKind.Category)]
    [InlineData("1.5 None 2.5 -", ColumnKind.Real)]
    public void A_small_column_gets_the_kind_a_person_would_give_it(string cells, ColumnKind kind) =>
        Assert.Equal(kind, Assert.Single(Read(cells.Split(' ')).Table.Columns).Kind);

    [Theory]
    [InlineData("NA ? . -", "no row has a value")]
    [InlineData("7 7 NA 7", "its only value is 7")]
    [InlineData("x x x", "its only value is 'x'")]
    [InlineData("ab cd ef gh", "a different text in every row")]
    [InlineData("01/02/2020 03/04/2020 05/06/2020", "a different text in every row")]
    public void A_column_that_says_nothing_is_left_out_with_the_reason(string cells, string reason)
    {
        var result = Read(cells.Split(' '), second: true);

        Assert.Equal(["other"], result.Table.Columns.Select(c => c.Name));
        Assert.Contains(reason, result.Columns[0].LeftOut, StringComparison.Ordinal);
        Assert.Contains(result.Notices, n => n.StartsWith("Column 'x' is left out: ", StringComparison.Ordinal));
        Assert.Equal(["x"], result.Schema.LeftOut);
    }

    [Fact]
    public void Skewed_positive_numbers_are_positive()
    {
        var cells = Enumerable.Range(1, 99).Select(i => Math.Exp(6 * (i / 100.0 - 0.5)).ToString("F4", CultureInfo.InvariantCulture));

        var result = Read([.. cells]);

        Assert.Equal(ColumnKind.Positive, result.Table.Columns[0].Kind);
        Assert.Contains("skewness", result.Columns[0].Why, StringComparison.Ordinal);
        Assert.Equal(4, result.Schema.Columns[0].Decimals);
    }

    [Fact]
    public void Row_numbers_and_numbers_under_the_name_of_an_identifier_are_left_out()
    {
        var rows = Enumerable.Range(1, 40).Select(i => $"{i},{i * 7919 % 100003},{i * 7919 % 100003},{i % 3}.5");
        var path = _folder.Write("t.csv", "n,patient_id,weight,x\n" + string.Join('\n', rows));

        Assert.Equal(["weight", "x"], TableReader.Read(path).Table.Columns.Select(c => c.Name));
    }

    [Fact]
    public void A_word_that_means_missing_among_numbers_is_a_word_among_words()
    {
        var result = Read("None Brick Stone None Brick Stone None Brick".Split(' '));

        Assert.Equal(["Brick", "None", "Stone"], result.Table.Columns[0].Levels);
        Assert.Equal(0, result.Columns[0].MissingCount);
        Assert.Contains("'None' is taken for a category", Assert.Single(result.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_tokens_given_by_the_user_are_the_only_ones()
    {
        var path = _folder.Write("t.csv", "x,y\nNA,1.5\nnone given,2.5\nNA,\nXX,4.5\nXX,-9\n");

        var table = TableReader.Read(path, new TableReadOptions { MissingTokens = ["none given", "-9"] }).Table;

        Assert.Equal([0, double.NaN, 0, 1, 1], table.Values("x").ToArray());
        Assert.Equal(["NA", "XX"], table.Column("x").Levels);
        Assert.Equal([1.5, 2.5, double.NaN, 4.5, double.NaN], table.Values("y").ToArray());
    }

    [Fact]
    public void Many_numbers_with_a_word_among_them_are_left_out_naming_the_word()
    {
        foreach (var rows in new[] { 100, 5000 })
        {
            var cells = Enumerable.Range(0, rows).Select(i => i == rows - 2 ? "12 kg" : (i * 1.25).ToString(CultureInfo.InvariantCulture));
            var result = Read([.. cells], second: true);

            Assert.Contains($"'12 kg' in line {rows}", result.Columns[0].LeftOut, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(30)]
    [InlineData(3000)]
    public void Numbers_with_commas_are_left_out_saying_so(int rows)
    {
        var result = Read([.. Enumerable.Range(0, rows).Select(i => $"{i + 1},{i % 1000:D3}")], second: true);

        Assert.Contains("numbers with commas, such as '1,000' in line 2", result.Columns[0].LeftOut, StringComparison.Ordinal);
    }

    [Fact]
    public void The_texts_of_a_column_that_is_left_out_can_be_had()
    {
        var file = DelimitedFile.Open(_folder.Write("t.csv", "id,x\n\"a,1\",1.5\nb2,2.5\n,3.5\n"));

        Assert.Equal(["a,1", "b2", ""], file.Texts("id"));
        Assert.Throws<ArgumentException>(() => file.Texts("ID"));
    }

    [Fact]
    public void No_comes_before_yes_and_numbers_in_their_order()
    {
        Assert.Equal(["No", "Yes"], Read("Yes No Yes".Split(' ')).Table.Columns[0].Levels);
        Assert.Equal(["9", "10"], Read("10 9 10".Split(' ')).Table.Columns[0].Levels);
    }

    [Fact]
    public void Requests_overrule_guesses()
    {
        var path = _folder.Write("t.csv", "a,b,c,d,e\n1,low,7,1,2\n2,high,8,2,3\n3,mid,9,3,4\n1,low,7,1,2\n");
        var options = new TableReadOptions
        {
            Columns = [.. new[] { "a=category", "b=ordinal:low<mid<high", "c=identifier", "d=ordinal", "e=count" }.Select(ColumnRequest.Parse)],
        };

        var result = TableReader.Read(path, options);

        Assert.Equal(
            [
                new Column("a", ColumnKind.Category, ["1", "2", "3"]), new Column("b", ColumnKind.Ordinal, ["low", "mid", "high"]),
                new Column("d", ColumnKind.Ordinal, ["1", "2", "3"]), new Column("e", ColumnKind.Count),
            ],
            result.Table.Columns);
        Assert.Equal([0, 2, 1, 0], result.Table.Values("b").ToArray());
    }

    [Fact]
    public void Large_columns_leave_the_dictionary_and_keep_their_values()
    {
        const int rows = 3000;
        var start = new DateTime(2015, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var lines = Enumerable.Range(0, rows).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{i * 0.37:F2},{(i % 10 == 0 ? "" : start.AddMinutes(i * 37).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture))},name {i},{i % 4}"));
        var path = _folder.Write("t.csv", "x,when,name,few\n" + string.Join('\n', lines) + "\n");

        var result = TableReader.Read(path);

        Assert.Equal([ColumnKind.Real, ColumnKind.Date, ColumnKind.Category], result.Table.Columns.Select(c => c.Kind));
        for (var i = 0; i < rows; i++)
        {
            Assert.Equal(double.Parse((i * 0.37).ToString("F2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), result.Table.Values("x")[i]);
            var days = (start.AddMinutes(i * 37) - DateTime.UnixEpoch).TotalDays;
            Assert.Equal(i % 10 == 0 ? double.NaN : days, result.Table.Values("when")[i], 1e-9);
        }

        Assert.Equal(rows / 10, result.Columns[1].MissingCount);
        Assert.NotNull(result.Columns[2].LeftOut);
    }

    private TableReadResult Read(string[] cells, bool second = false)
    {
        var lines = cells.Select((c, i) => second ? $"\"{c}\",{i % 2}.{i}" : $"\"{c}\"");
        return TableReader.Read(
            _folder.Write("t.csv", (second ? "x,other\n" : "x\n") + string.Join('\n', lines)), new TableReadOptions { HasHeader = true });
    }
}
