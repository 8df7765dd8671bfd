using System.Text.Json.Nodes;
using Elbo.Tables;

namespace Elbo.Data.Tests;

public sealed class SchemaReadingTests : IDisposable
{
    private const string Fitted = """
        id,age,plan,score,since,answer
        1,31.5,basic,3,2020-01-02,no
        2,45.0,plus,0,2021-02-03,yes
        3,28.0,basic,12,2022-03-04,no
        4,,family,1,,yes
        5,52.5,plus,7,2023-04-05,no
        6,31.0,family,2,2024-05-06,no
        7,33.0,plus,2,2024-05-07,no
        8,35.0,basic,4,2024-05-08,no
        9,37.0,basic,5,2024-05-09,no
        10,39.0,basic,6,2024-05-10,yes

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_file_reads_the_same_again_also_after_the_schema_was_json()
    {
        var path = _folder.Write("a.csv", Fitted);
        var first = TableReader.Read(path);
        Assert.Equal(["age", "plan", "score", "since", "answer"], first.Table.Columns.Select(c => c.Name));

        var schema = TableSchema.FromJson(JsonNode.Parse(first.Schema.ToJson().ToJsonString()), "model");
        var second = TableReader.Read(path, schema);

        Assert.Equal(first.Schema, schema);
        Assert.Equal(first.Schema, second.Schema);
        AssertSame(first.Table, second.Table);
        Assert.Empty(second.Notices);
    }

    [Fact]
    public void Columns_are_found_by_name_in_any_order_under_any_delimiter()
    {
        var schema = TableReader.Read(_folder.Write("a.csv", Fitted)).Schema;
        var path = _folder.Write("b.tsv", "answer\tscore\tage\tcolour\tsince\tplan\nyes\t4\t1.5\tred\t2025-01-01\tplus\n");

        var result = TableReader.Read(path, schema);

        Assert.Equal(schema.Columns.Select(c => c.Column), result.Table.Columns);
        Assert.Equal(1.5, result.Table.Values("age")[0]);
        Assert.Equal(2, result.Table.Values("plan")[0]);
        Assert.Equal("'colour'", Assert.Single(result.Notices).Split('(', ')')[1]);
    }

    [Fact]
    public void Unseen_categories_are_missing_and_told_with_their_number()
    {
        var schema = TableReader.Read(_folder.Write("a.csv", Fitted)).Schema;
        var path = _folder.Write("b.csv", "age,plan,score,since,answer\n1,gold,2,,no\n2,silver,2,,no\n3,gold,2,,no\n4,plus,2,,no\n");

        var result = TableReader.Read(path, schema);

        Assert.Equal([double.NaN, double.NaN, double.NaN, 2], result.Table.Values("plan").ToArray());
        Assert.Contains("'plan': 3 cells hold a category the model has not seen ('gold', 'silver')", Assert.Single(result.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_column_is_an_error_that_says_what_the_file_has()
    {
        var schema = TableReader.Read(_folder.Write("a.csv", Fitted)).Schema;
        var path = _folder.Write("b.csv", "age,Plan,score,answer\n1,plus,2,no\n");

        var error = Assert.Throws<DataException>(() => TableReader.Read(path, schema));

        Assert.Contains("the columns 'plan', 'since' are missing. The file has 'age', 'Plan', 'score', 'answer'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("old,plus,2,2020-01-01,no", "age", "'old' is not a number")]
    [InlineData("1,plus,2.5,2020-01-01,no", "score", "'2.5' is not a whole number")]
    [InlineData("1,plus,2,1/1/2020,no", "since", "is not a date written as yyyy-MM-dd")]
    public void A_cell_that_does_not_suit_the_model_is_named(string row, string column, string part)
    {
        var schema = TableReader.Read(_folder.Write("a.csv", Fitted)).Schema;
        var path = _folder.Write("b.csv", $"age,plan,score,since,answer\n1,plus,2,2020-01-01,no\n{row}\n");

        var error = Assert.Throws<DataException>(() => TableReader.Read(path, schema));

        Assert.Equal((3L, column), (error.Line, error.Column));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_that_are_numbers_are_known_by_value()
    {
        var schema = TableReader.Read(_folder.Write("a.csv", "x,y\n1,1.5\n2,2.5\n1,3.5\n1,9.5\n")).Schema;

        var result = TableReader.Read(_folder.Write("b.csv", "x,y\n2.0,1.5\n-,2.5\n3,3.5\n"), schema);

        Assert.Equal([1, double.NaN, double.NaN], result.Table.Values("x").ToArray());
        Assert.Contains("1 cell holds a category the model has not seen ('3')", Assert.Single(result.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_header_is_read_by_position()
    {
        var schema = TableReader.Read(_folder.Write("a.csv", "1.5,a\n2.5,b\n4.5,c\n0.5,a\n7.5,b\n8.5,c\n")).Schema;

        var result = TableReader.Read(_folder.Write("b.csv", "c,x\n1,b\n".Replace("c,x\n", "", StringComparison.Ordinal)), schema);

        Assert.Equal([1], result.Table.Values("column2").ToArray());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"delimiter":",","header":true,"missing":[],"missingAmongNumbers":[],"leftOut":[],"columns":[{"name":"x","kind":"odd"}]}""")]
    [InlineData("""{"delimiter":",","header":true,"missing":[],"missingAmongNumbers":[],"leftOut":[],"columns":[{"name":"x","kind":"binary","levels":["a"]}]}""")]
    [InlineData("""{"delimiter":",","header":true,"missing":[],"missingAmongNumbers":[],"leftOut":[],"columns":[{"name":"x","kind":"date","dateFormat":"%"}]}""")]
    [InlineData("""{"delimiter":",","header":1,"missing":[1],"missingAmongNumbers":[],"leftOut":[],"columns":[]}""")]
    public void A_damaged_schema_is_a_data_error(string json) =>
        Assert.Contains("description of the columns is damaged", Assert.Throws<DataException>(() => TableSchema.FromJson(JsonNode.Parse(json), "m")).Message, StringComparison.Ordinal);

    internal static void AssertSame(Table expected, Table actual)
    {
        Assert.Equal(expected.Columns, actual.Columns);
        Assert.Equal(expected.RowCount, actual.RowCount);
        for (var c = 0; c < expected.Columns.Count; c++)
            Assert.Equal(expected.Values(c).ToArray(), actual.Values(c).ToArray());
    }
}
