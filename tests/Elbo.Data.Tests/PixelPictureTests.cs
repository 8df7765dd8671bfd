using Elbo.Data.Pictures;

namespace Elbo.Data.Tests;

public sealed class PixelPictureTests
{
    [Fact]
    public void An_area_covers_as_much_of_each_pixel_as_it_takes()
    {
        var canvas = new PixelCanvas(6, 4);
        canvas.Fill([[(0, 0), (6, 0), (6, 4), (0, 4)]], (255, 255, 255));
        canvas.Fill([[(1.5, 1), (4.25, 1), (4.25, 3), (1.5, 3)]], (0, 0, 0));
        var pixels = canvas.ToBytes();
        Assert.Equal([255, 128, 0, 0, 191, 255], Enumerable.Range(0, 6).Select(x => (int)pixels[(1 * 6 + x) * 3]));
        Assert.Equal(255, pixels[(3 * 6 + 2) * 3]);
    }

    [Fact]
    public void Where_outlines_overlap_they_count_once_and_what_lies_outside_of_the_clip_stays()
    {
        var canvas = new PixelCanvas(4, 2) { Clip = (1, 0, 3, 1) };
        (double, double)[] box = [(0, 0), (4, 0), (4, 2), (0, 2)];
        canvas.Fill([box, box], (200, 200, 200), opacity: 0.5);
        var pixels = canvas.ToBytes();
        Assert.Equal([0, 100, 100, 0, 0, 0, 0, 0], Enumerable.Range(0, 8).Select(i => (int)pixels[i * 3]));
    }

    [Fact]
    public void A_line_is_as_thick_as_it_should_be_whatever_way_it_goes()
    {
        foreach (var (x, y) in new[] { (80.0, 0.0), (0.0, 80.0), (56.0, 56.0), (-70.0, 20.0) })
        {
            var canvas = new PixelCanvas(200, 200);
            canvas.Stroke([[(100 - x / 2, 100 - y / 2), (100 + x / 2, 100 + y / 2)]], 6, (255, 255, 255));
            var area = canvas.ToBytes().Where((_, i) => i % 3 == 0).Sum(v => v / 255.0);
            Assert.Equal(Math.Sqrt(x * x + y * y) * 6 + Math.PI * 9, area, 4.0);
        }
    }

    [Fact]
    public void Every_kind_of_picture_becomes_pixels_of_its_size()
    {
        double[] x = [1, 2, 3, 4];
        Picture[] pictures =
        [
            new Plot("a plot: ELBO −34.1 · 10⁻³ ± ä") { X = new("epoch"), Y = new("nats") }.Line("ELBO", x, [1, 4, 2, 3]).Band("ELBO", x, [0, 3, 1, 2], [2, 5, 3, 4]).Points("points", x, [2, 2, 2, 2]).Rule("rule", 2.5),
            new BarPlot("bars", ["a", "b & <c>"]) { IsHorizontal = true }.Bars("", [1, -2]),
            new HeatMap("a map", new double[,] { { 0, 1 }, { 2, double.NaN } }) { Rows = ["z1", "z2"], CellFormat = "0.0" },
            new Panels("both", 2, new Plot("left").Line("l", x, x), new BarPlot("right", ["a"]).Bars("r", [3])),
        ];
        using var folder = new TemporaryFolder();
        foreach (var picture in pictures)
        {
            Directory.CreateDirectory(folder["png"]);
            File.WriteAllBytes(Path.Combine(folder["png"], "picture.png"), picture.ToPng(1.5));
            var images = ImageReader.Read(folder["png"]).Images;
            Assert.Equal((picture.Height * 3 / 2, picture.Width * 3 / 2, 3), (images.Height, images.Width, images.Channels));
            var dark = images.Pixels(0).ToArray().Count(p => p < 120);
            Assert.InRange(dark, 200, images.Size / 2);
            Assert.Equal(picture.ToPng(1.5), picture.ToPng(1.5));
        }
    }

    [Fact]
    public void Letters_stand_one_after_the_other_and_unknown_ones_are_boxes()
    {
        Assert.True(StrokeLetters.WidthOf("iii", 12) < StrokeLetters.WidthOf("mmm", 12));
        Assert.Equal(StrokeLetters.WidthOf("ab", 12) * 2, StrokeLetters.WidthOf("ab", 24), 9);
        Assert.NotEmpty(StrokeLetters.Of("漢", 12));
        Assert.Empty(StrokeLetters.Of(" ", 12));
        foreach (var c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;-−()%/+=")
            Assert.NotEqual(StrokeLetters.Of("漢", 12).First(), StrokeLetters.Of($"{c}", 12).First());
    }
}
