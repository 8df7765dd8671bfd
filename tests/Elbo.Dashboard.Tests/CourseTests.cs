using System.Globalization;
using System.Text;
using Elbo.Data.Tests;

namespace Elbo.Dashboard.Tests;

public sealed class CourseTests
{
    [Fact]
    public void Of_a_million_values_no_peak_is_lost_and_no_more_are_told_than_there_is_room_for()
    {
        var course = new Course();
        var (peak, trough) = (123_457, 876_543);
        for (var i = 1; i <= 1_000_000; i++)
            course.Add(i, i == peak ? 50 : i == trough ? -50 : Math.Sin(i / 1e5), 1);
        var all = course.Between(double.NegativeInfinity, double.PositiveInfinity, 900);
        Assert.Equal(900, all.X.Length);
        Assert.Equal((50, -50, 1_000_000), (all.High.Max(), all.Low.Min(), all.X[^1]));
        Assert.All(Enumerable.Range(0, 900), s => Assert.InRange(all.Mean[s], all.Low[s], all.High[s]));
        // Nearer by, each value is told.
        var near = course.Between(peak - 10, peak + 10, 900);
        Assert.Equal(21, near.X.Length);
        Assert.Equal(50, near.Mean[10]);
        Assert.Equal(course.Now, all.Smooth[^1], 12);
        Assert.Equal(Enumerable.Range(950_001, 50_000).Average(i => Math.Sin(i / 1e5)), course.Now, 9);
    }

    [Fact]
    public void A_mean_counts_each_value_as_often_as_it_stands_for()
    {
        var course = new Course();
        course.Add(1, 1, 1);
        course.Add(10, 4, 3);
        course.Add(10, 99, 1);
        course.Add(11, double.NaN, 1);
        Assert.Equal(2, course.Count);
        Assert.Equal(3.25, Assert.Single(course.Between(0, 100, 1).Mean));
        course.CutAfter(5);
        Assert.Equal((1, 1.0), (course.Count, course.LastX));
    }

    [Fact]
    public void Epochs_that_are_left_out_are_neither_the_best_nor_the_ends_nor_the_extremes()
    {
        EpochPoint[] epochs = [.. Enumerable.Range(1, 50_000).Select(i => new EpochPoint(i) { Elbo = i == 33_333 ? -900 : i == 7_777 ? 3 : -Math.Abs(Math.Sin(i)), IsBest = i is 1 or 7_777 })];
        var chosen = EpochPoint.Chosen(epochs, 900);
        Assert.InRange(chosen.Count, 800, 900);
        Assert.Equal((1, 50_000), (chosen[0].Epoch, chosen[^1].Epoch));
        Assert.Contains(chosen, e => e.Epoch == 7_777);
        Assert.Contains(chosen, e => e.Epoch == 33_333);
        Assert.Equal(chosen.Select(e => e.Epoch).Order(), chosen.Select(e => e.Epoch));
        var evenly = EpochPoint.Evenly(epochs, 240);
        Assert.Equal((240, 50_000), (evenly.Count, evenly[^1].Epoch));
    }

    [Fact]
    public void A_table_of_a_million_rows_is_told_by_some_of_them_evenly()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new StreamWriter(folder["big.csv"]))
        {
            writer.Write("row,z1,name\n");
            for (var i = 0; i < 1_000_000; i++)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{i},{i % 97},n{i % 3}\n"));
        }
        var table = RunTables.Read(folder["big.csv"], 6000);
        Assert.Equal(1_000_000, table["rows"]!.GetValue<long>());
        Assert.Equal(6000, table["shown"]!.GetValue<int>());
        var rows = table["columns"]![0]!["values"]!.AsArray().Select(v => v!.GetValue<double>()).ToArray();
        Assert.Equal(rows, table["rowNumbers"]!.AsArray().Select(v => v!.GetValue<long>() - 1.0));
        // No stretch of the table is left out.
        Assert.InRange(rows.Zip(rows.Skip(1)).Max(p => p.Second - p.First), 1, 512);
        Assert.InRange(rows[^1], 999_000, 999_999);
    }

    [Fact]
    public void Cells_are_read_as_they_were_written()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.csv", "a,\"b \"\"c\"\", d\",e\n1,\"x\ny\",\n,\"<b>\",2\n");
        var table = RunTables.Read(folder["t.csv"], 100);
        Assert.Equal("""[{"name":"a","kind":"number","values":[1,null]},{"name":"b \"c\", d","kind":"text","values":["x\ny","<b>"]},{"name":"e","kind":"number","values":[null,2]}]""",
            table["columns"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        folder.Write("open.csv", "a\n\"never closed\n1\n");
        Assert.Contains("never closed", RunTables.Read(folder["open.csv"], 100)["problem"]!.GetValue<string>(), StringComparison.Ordinal);
        folder.Write("nothing.csv", Encoding.UTF8.GetBytes(""));
        Assert.NotNull(RunTables.Read(folder["nothing.csv"], 100)["problem"]);
    }
}
