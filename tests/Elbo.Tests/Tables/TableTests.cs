using Elbo.Tables;

namespace Elbo.Tests.Tables;

public sealed class TableTests
{
    private static readonly Column Age = new("age", ColumnKind.Real);
    private static readonly Column Plan = new("plan", ColumnKind.Category, ["basic", "plus", "family"]);

    [Fact]
    public void Values_are_found_by_index_and_by_name()
    {
        var table = Make();

        Assert.Equal(3, table.RowCount);
        Assert.Equal([Age, Plan], table.Columns);
        Assert.Equal([31.5, double.NaN, 45], table.Values(0).ToArray());
        Assert.Equal([2, 0, double.NaN], table.Values("plan").ToArray());
        Assert.Same(Plan, table.Column("plan"));
        Assert.False(table.TryGetIndex("Plan", out _));
    }

    [Fact]
    public void Unknown_columns_are_errors_that_list_the_known()
    {
        var table = Make();

        Assert.Contains("age, plan", Assert.Throws<ArgumentException>(() => table.Column("income")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Values(2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.SelectColumns([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.SelectRows([3]));
        Assert.Throws<ArgumentException>(() => table.SelectColumns(["age", "age"]));
    }

    [Fact]
    public void Columns_and_rows_are_selected_in_the_order_asked_for()
    {
        var table = Make();

        var columns = table.SelectColumns("plan");
        var rows = table.SelectRows([2, 0, 2]);

        Assert.Equal([Plan], columns.Columns);
        Assert.Equal(3, columns.RowCount);
        Assert.Equal([45, 31.5, 45], rows.Values("age").ToArray());
        Assert.Equal([double.NaN, 2, double.NaN], rows.Values("plan").ToArray());
        Assert.Equal(3, table.SelectColumns(ReadOnlySpan<int>.Empty).RowCount);
        Assert.Equal(0, table.SelectRows([]).RowCount);
    }

    [Theory]
    [InlineData(ColumnKind.Real, double.PositiveInfinity)]
    [InlineData(ColumnKind.Date, double.NegativeInfinity)]
    [InlineData(ColumnKind.Positive, 0)]
    [InlineData(ColumnKind.Count, -1)]
    [InlineData(ColumnKind.Count, 1.5)]
    [InlineData(ColumnKind.Count, 1e16)]
    [InlineData(ColumnKind.Binary, 2)]
    [InlineData(ColumnKind.Category, 0.5)]
    [InlineData(ColumnKind.Ordinal, 2)]
    public void A_value_that_does_not_suit_its_kind_is_named(ColumnKind kind, double value)
    {
        var column = kind is ColumnKind.Binary or ColumnKind.Category or ColumnKind.Ordinal
            ? new Column("x", kind, ["a", "b"])
            : new Column("x", kind);

        var error = Assert.Throws<ArgumentException>(() => new Table([column], [new[] { 1, double.NaN, value }]));

        Assert.StartsWith("Column 'x', row 2: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_that_do_not_fit_together_are_refused()
    {
        double[] two = [0, 1];
        Assert.Throws<ArgumentException>(() => new Table([Age], []));
        Assert.Throws<ArgumentException>(() => new Table([Age, Age], [two, two]));
        Assert.Throws<ArgumentException>(() => new Table([Age, Plan], [two, new double[3]]));
        Assert.Throws<ArgumentException>(() => new Table([new Column("", ColumnKind.Real)], [two]));
        Assert.Throws<ArgumentException>(() => new Table([new Column("x", ColumnKind.Real, ["a"])], [two]));
        Assert.Throws<ArgumentException>(() => new Table([new Column("x", ColumnKind.Binary, ["a"])], [two]));
        Assert.Throws<ArgumentException>(() => new Table([new Column("x", ColumnKind.Category)], [two]));
        Assert.Throws<ArgumentException>(() => new Table([new Column("x", ColumnKind.Category, ["a", "a"])], [two]));
    }

    [Fact]
    public void Columns_are_equal_when_name_kind_and_every_level_are()
    {
        Assert.Equal(Plan, new Column("plan", ColumnKind.Category, ["basic", "plus", "family"]));
        Assert.Equal(Plan.GetHashCode(), new Column("plan", ColumnKind.Category, ["basic", "plus", "family"]).GetHashCode());
        Assert.NotEqual(Plan, Plan with { Levels = ["basic", "family", "plus"] });
        Assert.NotEqual(Plan, Plan with { Kind = ColumnKind.Ordinal });
        Assert.NotEqual(Plan, Plan with { Name = "plans" });
    }

    private static Table Make() => new([Age, Plan], [new[] { 31.5, double.NaN, 45 }, new[] { 2, 0, double.NaN }]);
}
