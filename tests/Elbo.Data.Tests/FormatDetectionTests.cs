using System.Text;

namespace Elbo.Data.Tests;

public sealed class FormatDetectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a,b,c\n1,2,3\n4,5,6\n", ',')]
    [InlineData("a\tb\tc\n1\t2\t3\n", '\t')]
    [InlineData("a;b;c\n1;2;3\n", ';')]
    [InlineData("a|b|c\n1|2|3\n", '|')]
    [InlineData("name;price\nx;1,5\ny;2,5\n", ';')]
    [InlineData("1,5;2,5;3,5\n4,5;5,5;6,5\n", ';')]
    [InlineData("name,note\nx,\"a;b;c\"\ny,\"d;e;f\"\n", ',')]
    [InlineData("a,b,tags\n1,2,x|y\n3,4,x|z\n", ',')]
    [InlineData("word\nx;y\nplain\n", ',')]
    public void The_delimiter_is_found(string content, char delimiter) =>
        Assert.Equal(delimiter, DelimitedFile.Open(_folder.Write("t.txt", content)).Format.Delimiter);

    [Theory]
    [InlineData("species,mass\nAdelie,3750\n", true)]
    [InlineData("39, State-gov, 77516\n50, Private, 83311\n", false)]
    [InlineData("A11,6,A34\nA12,48,A32\n", false)]
    [InlineData("p,x,s,n,t\ne,x,s,y,t\np,f,s,n,a\n", false)]
    [InlineData("colour,shape\nred,round\nblue,square\n", true)]
    [InlineData("red,red\nblue,blue\n", false)]
    [InlineData("2020-01-01,x\n2020-01-02,y\n", false)]
    [InlineData(",a,b\n0,1.5,x\n1,2.5,y\n", true)]
    [InlineData("?,a\nb,c\n", false)]
    public void The_header_is_found(string content, bool hasHeader) =>
        Assert.Equal(hasHeader, DelimitedFile.Open(_folder.Write("t.csv", content)).Format.HasHeader);

    [Fact]
    public void Columns_without_names_are_numbered()
    {
        Assert.Equal(["column1", "column2"], DelimitedFile.Open(_folder.Write("t.csv", "1,2\n3,4\n")).ColumnNames);
        Assert.Equal(["column1", "a"], DelimitedFile.Open(_folder.Write("u.csv", ",a\n1,2\n3,4\n")).ColumnNames);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Every_line_ending_is_read(string newline)
    {
        var content = string.Join(newline, "a,b", "1.5,x", "", "2.5,\"y", "y\"", "3.5,x", "4.5,x");

        var result = TableReader.Read(_folder.Write("t.csv", content));

        Assert.Equal([1.5, 2.5, 3.5, 4.5], result.Table.Values("a").ToArray());
        Assert.Equal(["x", $"y{newline}y"], result.Table.Column("b").Levels);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_name()
    {
        var utf8 = _folder.Write("a.csv", [0xEF, 0xBB, 0xBF, .. "x,y\n1.5,2\n2.5,5\n"u8]);
        var utf16 = _folder.Write("b.csv", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("x,y\n1.5,ä\n2.5,ö\n")]);

        Assert.Equal([1.5, 2.5], TableReader.Read(utf8).Table.Values("x").ToArray());
        Assert.Equal(["ä", "ö"], TableReader.Read(utf16).Table.Column("y").Levels);
    }

    [Fact]
    public void Gzip_is_told_by_its_first_bytes_whatever_the_name()
    {
        var path = _folder.Write("plain-name.csv", TemporaryFolder.Gzip("x,y\n1.5,a\n2.5,b\n"));

        Assert.Equal([1.5, 2.5], TableReader.Read(path).Table.Values("x").ToArray());
    }

    [Fact]
    public void Spaces_around_fields_are_trimmed_and_those_in_quotes_kept()
    {
        var table = TableReader.Read(_folder.Write("t.csv", "x, y\n 1.5 , a\n2.5,\" a\"\n3.5,a \n")).Table;

        Assert.Equal([1.5, 2.5, 3.5], table.Values("x").ToArray());
        Assert.Equal([" a", "a"], table.Column("y").Levels);
    }

    [Fact]
    public void What_the_user_says_overrules_what_is_detected()
    {
        var path = _folder.Write("t.csv", "a;b,c\n1;2,3\n");

        var file = DelimitedFile.Open(path, new TableReadOptions { Delimiter = ',', HasHeader = false });

        Assert.Equal(["column1", "column2"], file.ColumnNames);
    }
}
