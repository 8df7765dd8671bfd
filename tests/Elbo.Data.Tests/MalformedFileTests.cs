using Elbo.Tables;

namespace Elbo.Data.Tests;

public sealed class MalformedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Content, line, column, and parts of the message: what is wrong and what to do.
    public static TheoryData<string, int?, string?, string[]> Catalogue => new()
    {
        { "a,b\n1,2\n3,4,5\n", 3, null, ["row has 3 fields but the header has 2", "quotes"] },
        { "a,b,c\n1,2,3\n3\n5,6,7\n", 3, null, ["row has 1 field but the header has 3", "Add the missing fields"] },
        { "1,2\n3,4\n5,6,7\n", 3, null, ["row has 3 fields but the first row has 2"] },
        { "a,b\n1,x\n2,\"open\n3,y\n4,z\n", 3, null, ["a quote opens a field here and is never closed", "double it"] },
        { "a,b\n\"two\nlines\",x\n\"more\nlines\",\"open\n3,y\n", 5, null, ["never closed"] },
        { "a,b\n1,x\n5\" pipe,\"open\n3,y\n", 3, null, ["a quote opens a field here and is never closed"] },
        { "a,b\n1,x\n2,\"y\" z\n", 3, null, ["text follows the closing quote", "double each quote"] },
        { "", null, null, ["the file is empty"] },
        { " \n\n", null, null, ["the file is empty"] },
        { "a,b\n", null, null, ["no row below it"] },
        { "age,income,age\n1,2,3\n", 1, null, ["2 columns are named 'age' (columns 1 and 3)", "name of its own"] },
        { "a,b\n1,2\n3,\0\n", 3, null, ["not text", "UTF-8"] },
        { "a,b\n1,1\n1,1\n", null, null, ["no column is left to learn from", "'a' because its only value is 1"] },
    };

    [Theory]
    [MemberData(nameof(Catalogue))]
    public void Says_what_is_wrong_where_and_what_to_do(string content, int? line, string? column, string[] parts)
    {
        var path = _folder.Write("bad.csv", content);

        var error = Assert.Throws<DataException>(() => TableReader.Read(path));

        Assert.Equal(path, error.File);
        Assert.Equal(line, (int?)error.Line);
        Assert.Equal(column, error.Column);
        Assert.StartsWith(line is null ? $"{path}: " : $"{path}:{line}: ", error.Message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x=real", "a,x\n1,2\n3,abc\n", 3, "'abc' is not a number")]
    [InlineData("x=real", "a,x\n1,\"1,5\"\n3,2\n", 2, "'1,5' is not a number")]
    [InlineData("x=positive", "a,x\n1,2\n3,0\n", 3, "'0' is not above zero")]
    [InlineData("x=count", "a,x\n1,2\n3,1.5\n", 3, "'1.5' is not a whole number")]
    [InlineData("x=count", "a,x\n1,2\n3,-1\n", 3, "'-1' is not a whole number from zero up")]
    [InlineData("x=date", "a,x\n1,2026-01-02\n3,soon\n", 3, "'soon' is not a date")]
    [InlineData("x=date", "a,x\n1,01/02/2026\n3,02/03/2026\n", null, "days and months cannot be told apart")]
    [InlineData("x=binary", "a,x\n1,p\n2,q\n3,r\n", null, "two different values but this one has 3")]
    [InlineData("x=ordinal", "a,x\n1,p\n2,q\n3,r\n", null, "x=ordinal:p<q<r")]
    [InlineData("x=ordinal:p<q", "a,x\n1,p\n2,q\n3,r\n", 4, "'r' is not one of the levels 'p', 'q'")]
    public void A_cell_that_does_not_suit_the_requested_kind_is_named(string request, string content, int? line, string part)
    {
        var path = _folder.Write("bad.csv", content);
        var options = new TableReadOptions { Columns = [ColumnRequest.Parse(request)] };

        var error = Assert.Throws<DataException>(() => TableReader.Read(path, options));

        Assert.Equal(line, (int?)error.Line);
        Assert.Equal("x", error.Column);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_request_for_no_column_names_the_nearest_and_lists_all()
    {
        var path = _folder.Write("t.csv", "income,age\n1,2\n2,4\n7,1\n");
        var options = new TableReadOptions { Columns = [new ColumnRequest("incme", ColumnKind.Real)] };

        var error = Assert.Throws<DataException>(() => TableReader.Read(path, options));

        Assert.Contains("there is no column 'incme'. Did you mean 'income'? The columns are 'income', 'age'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_inside_an_unquoted_field_is_text() =>
        Assert.Equal(
            ["5\" pipe", "6\" pipe"],
            TableReader.Read(_folder.Write("t.csv", "a,b\n1.5,5\" pipe\n2,6\" pipe\n3,5\" pipe\n")).Table.Column("b").Levels);

    [Fact]
    public void A_quote_that_swallows_a_large_file_is_found_without_reading_it_all_into_memory()
    {
        var path = _folder.Write("t.csv", "a,b\n1,2\n3,\"open\n" + string.Concat(Enumerable.Repeat("some more text,1\n", 2_500_000)));

        var error = Assert.Throws<DataException>(() => TableReader.Read(path));

        Assert.Equal(3, error.Line);
        Assert.Contains("longer than 16 MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_such_file_and_a_directory_are_errors()
    {
        Assert.Contains("there is no such file", Assert.Throws<DataException>(() => TableReader.Read(_folder["none.csv"])).Message, StringComparison.Ordinal);
        Assert.Contains("is a directory", Assert.Throws<DataException>(() => TableReader.Read(_folder[""])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_an_error_with_its_line()
    {
        var path = _folder.Write("latin.csv", [.. "a,b\n1,x\n2,caf"u8, 0xE9, .. "\n3,x\n"u8]);

        var error = Assert.Throws<DataException>(() => TableReader.Read(path));

        Assert.Equal(3, error.Line);
        Assert.Equal("b", error.Column);
        Assert.Contains("'café' is not UTF-8", error.Message, StringComparison.Ordinal);
        Assert.Contains("iconv", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gzip_file_cut_anywhere_is_an_error()
    {
        var text = "a,b\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"{i * i % 97}.5,{i % 7}\n"));
        var whole = TemporaryFolder.Gzip(text);
        Assert.Equal(500, TableReader.Read(_folder.Write("whole.csv", whole)).Table.RowCount);

        for (var length = 2; length < whole.Length; length += 13)
        {
            var path = _folder.Write("cut.csv.gz", whole[..length]);
            var error = Assert.Throws<DataException>(() => TableReader.Read(path));
            Assert.Contains("gzip file is truncated or damaged", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_gzip_file_of_several_members_is_whole()
    {
        byte[] members = [.. TemporaryFolder.Gzip("a,b\n1.5,2\n"), .. TemporaryFolder.Gzip("2.5,3\n3.5,9\n")];

        var table = TableReader.Read(_folder.Write("two.csv.gz", members)).Table;

        Assert.Equal([1.5, 2.5, 3.5], table.Values("a").ToArray());
    }

    [Theory]
    [InlineData("x=number", "'number' is not a kind of column. The kinds are real, positive, count, binary, category, ordinal, date, identifier")]
    [InlineData("x=catgory", "did you mean 'category'")]
    [InlineData("x", "is not name=kind")]
    [InlineData("x=real:a<b", "only an ordinal column takes an order")]
    [InlineData("x=ordinal:a<a", "each once")]
    public void A_bad_request_says_what_is_possible(string text, string part) =>
        Assert.Contains(part, Assert.Throws<FormatException>(() => ColumnRequest.Parse(text)).Message, StringComparison.Ordinal);
}
