using Elbo.Tables;

namespace Elbo.Data.Tests;

public sealed class WritingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ColumnKind.Real, 2, 1.005, "1.00")]
    [InlineData(ColumnKind.Real, 0, 3749.6, "3750")]
    [InlineData(ColumnKind.Real, null, 0.1, "0.1")]
    [InlineData(ColumnKind.Real, 1, -0.01, "0.0")]
    [InlineData(ColumnKind.Real, 3, 1e300, "1E+300")]
    [InlineData(ColumnKind.Positive, 2, 0.0003, "0.0003")]
    [InlineData(ColumnKind.Positive, 2, 1234.5, "1234.50")]
    [InlineData(ColumnKind.Count, null, 3, "3")]
    [InlineData(ColumnKind.Count, null, 1234567, "1234567")]
    [InlineData(ColumnKind.Date, null, 19000, "2022-01-08")]
    [InlineData(ColumnKind.Date, null, 19000.5, "2022-01-08T12:00:00")]
    [InlineData(ColumnKind.Real, 2, double.NaN, "")]
    public void Values_are_written_as_their_column_writes_them(ColumnKind kind, int? decimals, double value, string text) =>
        Assert.Equal(text, new CellFormatter(new ColumnSchema(new Column("x", kind), decimals)).Format(value));

    [Fact]
    public void Dates_keep_the_format_of_their_column() =>
        Assert.Equal("8.1.2022", new CellFormatter(new ColumnSchema(new Column("x", ColumnKind.Date), DateFormat: "d.M.yyyy")).Format(19000));

    [Fact]
    public void Levels_are_written_by_name_and_a_code_without_one_is_an_error()
    {
        var formatter = new CellFormatter(new ColumnSchema(new Column("x", ColumnKind.Category, ["a", "b"])));

        Assert.Equal("b", formatter.Format(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => formatter.Format(2));
    }

    [Fact]
    public void A_copy_may_replace_its_original_and_keeps_the_manner_of_its_lines()
    {
        var path = _folder.Write("t.csv", [0xEF, 0xBB, 0xBF, .. "x, word, id\r\n1.50, a, 1\r\n, ?, 2\r\n3.25, \"b\", 3\r\n"u8]);
        var schema = TableReader.Read(path, new TableReadOptions { Columns = [ColumnRequest.Parse("id=identifier")] }).Schema;

        TableRewriter.Rewrite(path, schema, path, (row, column) => $"{row}:{column}");

        Assert.Equal([0xEF, 0xBB, 0xBF, .. "x, word, id\r\n1.50, a, 1\r\n1:0, 1:1, 2\r\n3.25, \"b\", 3\r\n"u8], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_file_without_a_header_is_copied_without_one()
    {
        var path = _folder.Write("t.csv", "1.5,a\n,b\n2.5,a\n1.5,a\n");
        var schema = TableReader.Read(path).Schema;

        TableRewriter.Rewrite(path, schema, _folder["out.csv"], (row, _) => $"{row}");

        Assert.Equal("1.5,a\n1,b\n2.5,a\n1.5,a\n", File.ReadAllText(_folder["out.csv"]));
    }

    [Fact]
    public void An_unknown_category_is_no_hole()
    {
        var schema = TableReader.Read(_folder.Write("a.csv", "x,y\na,1.5\nb,2.5\na,3.5\n")).Schema;
        var path = _folder.Write("b.csv", "x,y\nc,-\n,7.5\n");

        TableRewriter.Rewrite(path, schema, _folder["out.csv"], (_, _) => "filled");

        Assert.Equal("x,y\nc,filled\nfilled,7.5\n", File.ReadAllText(_folder["out.csv"]));
    }

    [Fact]
    public void Rows_of_texts_are_quoted_where_needed()
    {
        TableWriter.WriteRows(_folder["t.tsv"], ["a\tb", "c"], [["x,y", "\"z\""], ["", " "]]);

        Assert.Equal("\"a\tb\"\tc\nx,y\t\"\"\"z\"\"\"\n\t\" \"\n", File.ReadAllText(_folder["t.tsv"]));
    }

    [Fact]
    public void A_file_appears_whole_or_not_at_all()
    {
        var path = _folder.Write("t.txt", "before");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException();
        }));
        Assert.Equal("before", File.ReadAllText(path));
        Assert.Equal(["t.txt"], _folder.Files);

        AtomicFile.Write(path, stream => stream.Write("after"u8));
        Assert.Equal("after", File.ReadAllText(path));
        Assert.Equal(["t.txt"], _folder.Files);
    }

    [Fact]
    public void A_full_disk_is_a_data_error() =>
        Assert.Contains("cannot be written: full", Assert.Throws<DataException>(() => AtomicFile.Write(_folder["t"], _ => throw new IOException("full."))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_link_stays_a_link_and_what_it_points_to_is_replaced()
    {
        // Windows lets only administrators make links.
        if (OperatingSystem.IsWindows())
            return;
        var path = _folder.Write("t.txt", "before");
        File.CreateSymbolicLink(_folder["link"], path);

        AtomicFile.Write(_folder["link"], stream => stream.Write("after"u8));

        Assert.Equal("after", File.ReadAllText(path));
        Assert.NotNull(new FileInfo(_folder["link"]).LinkTarget);
    }

    [Fact]
    public void A_device_is_never_renamed_over()
    {
        if (OperatingSystem.IsWindows())
            return;
        var error = Assert.Throws<DataException>(() => AtomicFile.Write("/dev/null", _ => { }));
        Assert.Contains("is not an ordinary file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_to_is_a_data_error()
    {
        Assert.Contains("there is no directory", Assert.Throws<DataException>(() => AtomicFile.Write(_folder["no/t.csv"], _ => { })).Message, StringComparison.Ordinal);
        Assert.Contains("is a directory", Assert.Throws<DataException>(() => AtomicFile.Write(_folder[""], _ => { })).Message, StringComparison.Ordinal);
    }
}
