using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Elbo.Data.Pictures;

namespace Elbo.Data.Tests;

public sealed partial class PlotTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Every_kind_of_picture_is_sound_XML_without_scripts_or_links()
    {
        foreach (var picture in All())
        {
            var text = picture.ToSvg();
            var root = XDocument.Parse(text).Root!;

            Assert.Equal(Svg + "svg", root.Name);
            Assert.Equal(text, picture.ToSvg());
            Assert.DoesNotContain(root.Descendants(), e => e.Name.LocalName is "script" or "image" or "a" or "use");
            Assert.Contains("prefers-color-scheme:dark", text, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"[""\s,(LM](NaN|-?Infinity|-?∞)[""\s,)]", text);
        }
    }

    [Fact]
    public void Nothing_stands_outside_of_the_picture()
    {
        foreach (var picture in All().Where(p => p is not Panels))
        {
            foreach (var element in XDocument.Parse(picture.ToSvg()).Descendants())
            {
                Check(element, "x", "width", picture.Width);
                Check(element, "y", "height", picture.Height);
                foreach (var name in (string[])["x1", "x2", "cx"])
                    Check(element, name, null, picture.Width);
                foreach (var name in (string[])["y1", "y2", "cy"])
                    Check(element, name, null, picture.Height);
            }
        }

        static void Check(XElement element, string start, string? length, double most)
        {
            if (element.Attribute(start) is not { } attribute)
                return;
            var from = double.Parse(attribute.Value, CultureInfo.InvariantCulture);
            var to = from + (length is not null && element.Attribute(length) is { } size ? double.Parse(size.Value, CultureInfo.InvariantCulture) : 0);
            Assert.True(from >= 0 && to <= most, $"{element}");
        }
    }

    [Fact]
    public void Points_stand_where_their_values_are()
    {
        var plot = new Plot("t") { X = new() { From = 0, To = 10 }, Y = new() { From = 1, To = 100, IsLogarithmic = true } };
        plot.Line("a", [0, 5, 10], [1, 10, 100]);

        var path = Path(plot, "line s0", last: true);

        Assert.Equal(3, path.Count);
        Assert.Equal((path[0].X + path[2].X) / 2, path[1].X, 0.11);
        Assert.Equal((path[0].Y + path[2].Y) / 2, path[1].Y, 0.11);
        Assert.True(path[0].Y > path[2].Y);
    }

    [Fact]
    public void What_cannot_be_shown_breaks_the_curve_and_counts_for_nothing()
    {
        var plot = new Plot("t").Line("a", [0, 1, 2, 3, 4], [1, double.NaN, 3, double.PositiveInfinity, 2]);
        var log = new Plot("t") { Y = new("n") { IsLogarithmic = true } }.Line("a", [0, 1, 2, 3], [-1, 0, 1, 100]);

        Assert.Equal(3, Regex.Count(PathText(plot, "line s0", last: true), "M"));
        Assert.Equal(2, Path(log, "line s0", last: true).Count);
        Assert.Contains("<svg", new Plot("nothing").ToSvg(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, false, "0 0.5 1.0")]
    [InlineData(0, 60000, false, "0 20,000 40,000 60,000")]
    [InlineData(-120.2, -81.1, false, "−120 −100")]
    [InlineData(0.0001, 1000, true, "0.001 1 1,000")]
    [InlineData(1, 20, true, "1 2 5 10 20")]
    [InlineData(1e-9, 3e-9, false, "1·10⁻⁹ 2·10⁻⁹ 3·10⁻⁹")]
    [InlineData(12, 13, true, "12.0 12.5 13.0")]
    public void Marks_are_round_numbers(double from, double to, bool isLogarithmic, string expected)
    {
        var plot = new Plot("") { Width = 300, X = new() { From = from, To = to, IsLogarithmic = isLogarithmic } }.Line("", [from, to], [0, 0]);

        var marks = XDocument.Parse(plot.ToSvg()).Descendants(Svg + "text").Where(t => t.Attribute("class")?.Value == "soft mid").Select(t => t.Value);

        Assert.Equal(expected, string.Join(' ', marks));
    }

    [Fact]
    public void Series_of_one_name_share_a_colour_and_a_place_in_the_legend()
    {
        var plot = new Plot("t").Band("a", [0, 1], [0, 0], [1, 2]).Line("a", [0, 1], [0.5, 1]).Line("b", [0, 1], [1, 0]);

        var names = XDocument.Parse(plot.ToSvg()).Descendants(Svg + "text").Select(t => t.Value);

        Assert.Equal(["a", "b"], names.Where(n => n is "a" or "b"));
        Assert.NotEmpty(Path(plot, "line s0", last: true));
        Assert.NotEmpty(Path(plot, "line s1", last: true));
    }

    [Fact]
    public void Bars_are_as_long_as_their_values()
    {
        foreach (var isHorizontal in (bool[])[false, true])
        {
            var plot = new BarPlot("t", ["a", "b", "c"]) { IsHorizontal = isHorizontal }.Bars("", [1, -2, double.NaN]);

            var bars = XDocument.Parse(plot.ToSvg()).Descendants(Svg + "rect").Where(r => r.Attribute("class")?.Value == "f0").ToList();

            Assert.Equal(2, bars.Count);
            var name = isHorizontal ? "width" : "height";
            Assert.Equal(2, Number(bars[1], name) / Number(bars[0], name), 0.01);
        }
    }

    [Fact]
    public void Names_are_written_so_that_they_cannot_break_the_file()
    {
        var name = "a<b>&\"c\"\u0001";
        var texts = XDocument.Parse(new Plot(name).Line(name, [0], [1]).ToSvg()).Descendants(Svg + "text").Select(t => t.Value);

        Assert.Equal(2, texts.Count(t => t == "a<b>&\"c\""));
    }

    [Fact]
    public void Unequal_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Plot("t").Line("a", [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => new Plot("t").Points([1, 2], [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => new BarPlot("t", ["a"]).Bars("s", [1, 2]));
    }

    internal static IEnumerable<Picture> All()
    {
        var random = new Random(1);
        double[] epochs = [.. Enumerable.Range(1, 60).Select(e => (double)e)];
        double[] curve = [.. epochs.Select(e => -86.2 - (40 / e) + (0.3 * random.NextDouble()))];
        yield return new Plot("Held-out bounds of fixed-binarised MNIST") { X = new("epoch"), Y = new("nats per image") }
            .Line("ELBO", epochs, curve)
            .Band("ELBO", epochs, [.. curve.Select(c => c - 2)], [.. curve.Select(c => c + 2)])
            .Line("importance-weighted, K = 5000", epochs, [.. curve.Select(c => c + 2.3)])
            .Rule("published", -86.9);
        yield return new Plot("Gap over draws") { X = new("draws K") { IsLogarithmic = true }, Y = new("nats") { IsLogarithmic = true } }
            .Line("gap", [1, 10, 100, 1000, 10000], [3, 0.9, 0.31, 0.1, 0.02])
            .Points("measured", [1, 10, 100, 1000, 10000], [3.1, 1, 0.3, 0.11, double.NaN]);
        int[] classes = [.. Enumerable.Range(0, 800).Select(i => i % 10)];
        yield return new Plot("Codes of digits") { Width = 560, Height = 520, X = new("z1"), Y = new("z2") }.Points(
            [.. classes.Select(c => Math.Cos(c * 0.63) * 2 + (random.NextDouble() - 0.5))], [.. classes.Select(c => Math.Sin(c * 0.63) * 2 + (random.NextDouble() - 0.5))], classes);
        yield return new BarPlot("KL of each latent", [.. Enumerable.Range(1, 30).Select(i => $"z{i}")]) { Values = new("nats") }
            .Bars("with warm-up", [.. Enumerable.Range(1, 30).Select(i => 3.0 / i)])
            .Bars("without", [.. Enumerable.Range(1, 30).Select(i => 4.0 / i / i)]);
        yield return new BarPlot("Reconstruction of columns", ["age", "income", "a column with quite a long name indeed, too long", "orders"]) { IsHorizontal = true, Height = 260, Values = new("nats per row") }
            .Bars("", [-3.5, -9.1, 0.4, -1.3]);
        var values = new double[6, 9];
        foreach (var i in Enumerable.Range(0, 54))
            values[i / 9, i % 9] = Math.Sin(i * 0.3) * (i / 9 == 3 ? double.NaN : 1);
        yield return new HeatMap("Correlations of codes", values)
        {
            IsDiverging = true,
            CellFormat = "0.0",
            Rows = [.. Enumerable.Range(1, 6).Select(i => $"z{i}")],
            Columns = [.. Enumerable.Range(1, 9).Select(i => $"column {i}")],
            Values = new("correlation"),
        };
        yield return new HeatMap("Which pixels cost most", values) { Height = 300 };
        yield return new Panels("Both", 2, new Plot("left") { Width = 360, Height = 260 }.Line("a", [0, 1], [0, 1]), new Plot("right") { Width = 360, Height = 260 }.Line("b", [0, 1], [1, 0]));
    }

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private static string PathText(Picture picture, string classes, bool last)
    {
        var paths = XDocument.Parse(picture.ToSvg()).Descendants(Svg + "path").Where(p => p.Attribute("class")?.Value == classes).Select(p => p.Attribute("d")!.Value);
        return last ? paths.Last() : paths.First();
    }

    private static List<(double X, double Y)> Path(Picture picture, string classes, bool last) =>
        [.. Pair().Matches(PathText(picture, classes, last)).Select(m => (double.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture), double.Parse(m.Groups[2].ValueSpan, CultureInfo.InvariantCulture)))];

    [GeneratedRegex(@"(-?[\d.]+) (-?[\d.]+)")]
    private static partial Regex Pair();
}
