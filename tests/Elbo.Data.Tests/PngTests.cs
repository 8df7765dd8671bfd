using Elbo.Data.Pictures;
using Elbo.Images;

namespace Elbo.Data.Tests;

public sealed class PngTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(0, 4)]
    [InlineData(0, 8)]
    [InlineData(0, 16)]
    [InlineData(2, 8)]
    [InlineData(2, 16)]
    [InlineData(4, 8)]
    [InlineData(4, 16)]
    [InlineData(6, 8)]
    [InlineData(6, 16)]
    public void Every_depth_colour_and_filter_comes_back(int colour, int depth)
    {
        foreach (var (width, height) in ((int, int)[])[(1, 1), (5, 3), (13, 11)])
        {
            foreach (var isInterlaced in (bool[])[false, true])
            {
                var file = new PngBuilder(width, height, depth, colour) { IsInterlaced = isInterlaced, Filter = row => row % 5, ChunkLength = 7 };

                var picture = PngReader.Read(file.Build(Value), "a.png");

                Assert.Equal((width, height, depth), (picture.Width, picture.Height, picture.Depth));
                for (var i = 0; i < width * height; i++)
                {
                    int Eight(int channel) => (int)Math.Round(Value(i / width, i % width, channel) * 255.0 / ((1 << depth) - 1));
                    int[] expected = colour switch
                    {
                        0 => [Eight(0), Eight(0), Eight(0), 255],
                        2 => [Eight(0), Eight(1), Eight(2), 255],
                        4 => [Eight(0), Eight(0), Eight(0), Eight(1)],
                        _ => [Eight(0), Eight(1), Eight(2), Eight(3)],
                    };
                    Assert.Equal(expected, picture.Pixels.AsSpan(4 * i, 4).ToArray().Select(b => (int)b));
                }
            }
        }

        // Spread over all values, steep and even.
        int Value(int y, int x, int c) => (y * 7919 + x * x * 104729 + c * 31337 + (x / 4 * 15)) % (1 << depth);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_palette_gives_colours_and_opacity(int depth)
    {
        var file = new PngBuilder(7, 5, depth, 3) { Palette = [10, 20, 30, 200, 100, 50], Transparent = [128], Filter = _ => 4 };

        var picture = PngReader.Read(file.Build((y, x, _) => (x + y) % 2), "a.png");

        Assert.Equal([10, 20, 30, 128, 200, 100, 50, 255], picture.Pixels[..8]);
        Assert.Equal([200, 100, 50, 255], picture.Pixels[28..32]);
    }

    [Fact]
    public void A_single_colour_may_be_transparent()
    {
        var file = new PngBuilder(2, 1, 8, 2) { Transparent = [0, 1, 0, 2, 0, 3] };

        var picture = PngReader.Read(file.Build((_, x, c) => x == 0 ? c + 1 : c), "a.png");

        Assert.Equal([1, 2, 3, 0, 0, 1, 2, 255], picture.Pixels);
    }

    [SharedDataTheory]
    [InlineData("notebook_figure_0.png", 851, 56231325)]
    [InlineData("notebook_figure_2.png", 516, 19746690)]
    public void Pictures_of_other_programs_are_read(string name, int size, long sum)
    {
        // The sum of each channel over white as another reader gives it.
        var picture = PngReader.Read(File.ReadAllBytes(SharedData.Path($"dsprites_reference/{name}")), name);

        Assert.Equal((size, size), (picture.Width, picture.Height));
        Assert.Equal(3 * sum, picture.OverWhite(3).Sum(b => (long)b));
    }

    [Fact]
    public void A_folder_is_read_in_the_order_of_its_names()
    {
        _folder.Write("10.png", PngWriter.Encode(3, 2, 1, [1, 2, 3, 4, 5, 6]));
        _folder.Write("9.png", PngWriter.Encode(3, 2, 1, [7, 8, 9, 10, 11, 12]));
        _folder.Write("B.PNG", PngWriter.Encode(3, 2, 3, Enumerable.Repeat((byte)5, 18).ToArray()));
        _folder.Write("notes.txt", "about");

        var read = ImageReader.Read(_folder[""]);

        Assert.True(ImageReader.Holds(_folder[""]));
        Assert.Equal((3, 2, 3, 1), (read.Images.Count, read.Images.Height, read.Images.Width, read.Images.Channels));
        Assert.Equal([1, 2, 3, 4, 5, 6], read.Images.Pixels(0).ToArray());
        Assert.Equal([7, 8, 9, 10, 11, 12], read.Images.Pixels(1).ToArray());
        Assert.Equal([5, 5, 5, 5, 5, 5], read.Images.Pixels(2).ToArray());
        Assert.Contains("notes.txt", Assert.Single(read.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void One_picture_in_colour_makes_all_of_them_so_and_white_shines_through()
    {
        _folder.Write("a.png", PngWriter.Encode(1, 1, 1, [9]));
        _folder.Write("b.png", new PngBuilder(1, 1, 8, 6).Build((_, _, c) => c == 3 ? 51 : 100 + c));

        var read = ImageReader.Read(_folder[""]);

        Assert.Equal(3, read.Images.Channels);
        Assert.Equal([9, 9, 9], read.Images.Pixels(0).ToArray());
        Assert.Equal([224, 224, 224], read.Images.Pixels(1).ToArray());
        Assert.Equal(2, read.Notices.Count);
    }

    [Fact]
    public void Pictures_of_two_sizes_are_named_with_both()
    {
        _folder.Write("a.png", PngWriter.Encode(3, 2, 1, new byte[6]));
        _folder.Write("b.png", PngWriter.Encode(2, 3, 1, new byte[6]));

        var error = Assert.Throws<DataException>(() => ImageReader.Read(_folder[""]));

        Assert.Equal(_folder["b.png"], error.File);
        Assert.Contains("has 3 x 2 pixels, but a.png has 2 x 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_folder_is_an_error() =>
        Assert.Contains("has no PNG files", Assert.Throws<DataException>(() => ImageReader.Read(_folder[""])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_cut_anywhere_or_with_any_byte_changed_is_an_error()
    {
        var whole = new PngBuilder(6, 5, 8, 2) { IsInterlaced = true, Filter = row => row % 5 }.Build((y, x, c) => (y * 40) + (x * 7) + c);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<DataException>(() => PngReader.Read(whole.AsMemory(0, length), "a.png"));
        for (var at = 0; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x41;
            Assert.Throws<DataException>(() => PngReader.Read(changed, "a.png"));
        }
    }

    [Fact]
    public void A_size_that_the_pixels_do_not_fill_is_refused_before_memory_is_taken()
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        PngBuilder.Add(file, "IHDR", [0, 0, 0x40, 0, 0, 0, 0x3F, 0, 8, 0, 0, 0, 0]);
        PngBuilder.Add(file, "IDAT", [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1]);
        PngBuilder.Add(file, "IEND", []);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<DataException>(() => PngReader.Read(file.ToArray(), "a.png"));

        Assert.Contains("end after 0 of", error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
        file.Position = 0;
        file.SetLength(0);
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        PngBuilder.Add(file, "IHDR", [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 8, 0, 0, 0, 0]);
        Assert.Throws<DataException>(() => PngReader.Read(file.ToArray(), "a.png"));
    }

    [Fact]
    public void What_is_written_comes_back()
    {
        var random = new Random(3);
        foreach (var (width, height, channels) in ((int, int, int)[])[(1, 1, 1), (17, 4, 1), (9, 30, 3)])
        {
            var pixels = new byte[width * height * channels];
            random.NextBytes(pixels);

            var picture = PngReader.Read(PngWriter.Encode(width, height, channels, pixels), "a.png");

            Assert.Equal(pixels, picture.OverWhite(channels));
        }
    }

    [Fact]
    public void A_grid_has_each_image_in_its_place()
    {
        var images = new ImageSet(1, 2, 1, new byte[] { 1, 2, 3, 4, 5, 6 });

        var grid = ImageGrid.Of(images, columns: 2, gap: 1, shade: 9);

        Assert.Equal((5, 7, 1), (grid.Height, grid.Width, grid.Count));
        Assert.Equal(
            [
                9, 9, 9, 9, 9, 9, 9,
                9, 1, 2, 9, 3, 4, 9,
                9, 9, 9, 9, 9, 9, 9,
                9, 5, 6, 9, 9, 9, 9,
                9, 9, 9, 9, 9, 9, 9,
            ],
            grid.Pixels(0).ToArray());
    }

    [Fact]
    public void An_enlarged_grid_has_squares_for_pixels()
    {
        var grid = ImageGrid.Of(new ImageSet(1, 1, 3, new byte[] { 1, 2, 3 }), gap: 0, enlarge: 2);

        Assert.Equal([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], grid.Pixels(0).ToArray());
    }
}
