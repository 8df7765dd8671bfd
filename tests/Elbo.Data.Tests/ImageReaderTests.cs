using System.Globalization;
using System.IO.Compression;
using System.Text;
using Elbo.Tables;

namespace Elbo.Data.Tests;

public sealed class ImageReaderTests : IDisposable
{
    private static readonly byte[] TwoImages = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Idx_plain_or_compressed(bool isCompressed)
    {
        var path = _folder.Write("a", isCompressed ? Gzip(TwoImages) : TwoImages);

        var read = ImageReader.Read(path);

        Assert.True(ImageReader.Holds(path));
        Assert.Equal((2, 1, 3, 1), (read.Images.Count, read.Images.Height, read.Images.Width, read.Images.Channels));
        Assert.Equal([40, 50, 60], read.Images.Pixels(1).ToArray());
        Assert.Empty(read.Notices);
    }

    [Fact]
    public void Idx_with_four_dimensions_has_channels()
    {
        var path = _folder.Write("a", [0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);

        var images = ImageReader.Read(path).Images;

        Assert.Equal((2, 1, 3), (images.Height, images.Width, images.Channels));
        Assert.Equal([1, 2, 3, 4, 5, 6], images.Pixels(0).ToArray());
    }

    [Fact]
    public void Zeros_and_ones_are_black_and_white()
    {
        var read = ImageReader.Read(_folder.Write("a", [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0]));

        Assert.Equal([255, 0], read.Images.Pixels(0).ToArray());
        Assert.True(read.Images.IsBinary);
        Assert.Single(read.Notices);
    }

    [Fact]
    public void Labels_are_whole_numbers()
    {
        Assert.Equal([7, 0, 255], ImageReader.ReadLabels(_folder.Write("a", [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 255])));
        Assert.Equal([3, 1, 4], ImageReader.ReadLabels(_folder.Write("b.npz", NumpySamples.Archive) + ":labels"));
        Assert.Contains("labels have one dimension", Assert.Throws<DataException>(() => ImageReader.ReadLabels(_folder.Write("c", TwoImages))).Message, StringComparison.Ordinal);
        Assert.Contains("not images", Assert.Throws<DataException>(() => ImageReader.Read(_folder["a"])).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, int> Arrays => new()
    {
        { nameof(NumpySamples.Bytes), 1 },
        { nameof(NumpySamples.Fortran), 10 },
        { nameof(NumpySamples.BigEndian), 10 },
        { nameof(NumpySamples.Int64), 10 },
        { nameof(NumpySamples.Half), 1 },
    };

    [Theory]
    [MemberData(nameof(Arrays))]
    public void Arrays_of_every_kind_that_NumPy_writes(string name, int step)
    {
        var path = _folder.Write("a.npy", Sample(name));

        var read = ImageReader.Read(path);

        Assert.True(ImageReader.Holds(path));
        Assert.Equal((2, 3, 4, 1), (read.Images.Count, read.Images.Height, read.Images.Width, read.Images.Channels));
        Assert.Equal(Enumerable.Range(12, 12).Select(i => (byte)(i * step)), read.Images.Pixels(1).ToArray());
        Assert.Empty(read.Notices);
    }

    [Fact]
    public void Truths_are_black_and_white()
    {
        var read = ImageReader.Read(_folder.Write("a.npy", NumpySamples.Bool));

        Assert.Equal([0, 255, 0, 255], read.Images.Pixels(0)[..4].ToArray());
    }

    [Fact]
    public void Channels_that_come_first_are_brought_last_and_it_is_said()
    {
        var read = ImageReader.Read(_folder.Write("a.npy", NumpySamples.ChannelsFirst));

        Assert.Equal((2, 2, 2, 3), (read.Images.Count, read.Images.Height, read.Images.Width, read.Images.Channels));
        Assert.Equal([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], read.Images.Pixels(0).ToArray());
        Assert.Contains("images x channels x height x width", Assert.Single(read.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_that_may_be_either_must_be_said()
    {
        var path = _folder.Write("a.npy", Npy("|u1", "(1, 3, 2, 3)", [.. Enumerable.Range(0, 18).Select(i => (byte)i)]));

        Assert.Contains("--channels first", Assert.Throws<DataException>(() => ImageReader.Read(path)).Message, StringComparison.Ordinal);
        Assert.Equal([0, 6, 12, 1], ImageReader.Read(path, new() { Channels = ChannelOrder.First }).Images.Pixels(0)[..4].ToArray());
        Assert.Equal([0, 1, 2, 3], ImageReader.Read(path, new() { Channels = ChannelOrder.Last }).Images.Pixels(0)[..4].ToArray());
    }

    [Fact]
    public void Numbers_that_are_no_bytes_are_rounded_and_it_is_said()
    {
        var path = _folder.Write("a.npy", Npy("<f8", "(1, 1, 3)", [.. new[] { 0.5, 1.0, 0.1234 }.SelectMany(BitConverter.GetBytes)]));

        var read = ImageReader.Read(path);

        Assert.Equal([128, 255, 31], read.Images.Pixels(0).ToArray());
        Assert.Contains("rounded to 8 bits", Assert.Single(read.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.5, "[0, 0, 1] is -0.5")]
    [InlineData(double.NaN, "[0, 0, 1] is NaN")]
    [InlineData(256, "[0, 0, 0] is 0.5")]
    public void A_number_that_is_no_pixel_is_named_with_its_place(double value, string part)
    {
        var path = _folder.Write("a.npy", Npy("<f8", "(1, 1, 2)", [.. new[] { 0.5, value }.SelectMany(BitConverter.GetBytes)]));

        Assert.Contains(part, Assert.Throws<DataException>(() => ImageReader.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_gives_its_first_array_of_rows_or_the_one_named()
    {
        var path = _folder.Write("a.npz", NumpySamples.Archive);

        var read = ImageReader.Read(path);

        Assert.Equal(2, read.Images.Count);
        Assert.Contains("'meta', 'labels', 'imgs'; 'imgs' was taken", Assert.Single(read.Notices), StringComparison.Ordinal);
        Assert.Equal(read.Images.Pixels(1).ToArray(), ImageReader.Read(path + ":imgs").Images.Pixels(1).ToArray());
        Assert.Contains("Python objects", Assert.Throws<DataException>(() => ImageReader.Read(path + ":meta")).Message, StringComparison.Ordinal);
        Assert.Contains("'meta', 'labels', 'imgs'", Assert.Throws<DataException>(() => ImageReader.Read(path + ":x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_numbers_are_a_table_or_images_of_a_shape()
    {
        var path = _folder.Write("a.npy", NumpySamples.Rows);

        Assert.False(ImageReader.Holds(path));
        Assert.Contains("--shape", Assert.Throws<DataException>(() => ImageReader.Read(_folder.Write("b.npy", Npy("|u1", "(2, 2)", [1, 2, 3, 4])))).Message, StringComparison.Ordinal);
        var shaped = new ImageReadOptions { Shape = ImageShape.Parse("1x2") };
        Assert.True(ImageReader.Holds(_folder["b.npy"], shaped));
        Assert.Equal([3, 4], ImageReader.Read(_folder["b.npy"], shaped).Images.Pixels(1).ToArray());
        Assert.Contains("no image of 2 x 2", Assert.Throws<DataException>(() => ImageReader.Read(_folder["b.npy"], new() { Shape = new(2, 2) })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_NumPy_is_read_as_the_same_numbers_in_a_text()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 90).Select(_ => (float)random.NextDouble() * 3 - 1).ToArray();
        values[4] = float.NaN;
        values[7] = 1e20f;
        var text = new StringBuilder("column1,column2,column3\n");
        for (var i = 0; i < values.Length; i++)
            text.Append(values[i].ToString(CultureInfo.InvariantCulture)).Append(i % 3 == 2 ? '\n' : ',');

        var array = TableReader.Read(_folder.Write("a.npy", Gzip(Npy("<f4", "(30, 3)", [.. values.SelectMany(BitConverter.GetBytes)]))));
        var table = TableReader.Read(_folder.Write("a.csv", text.ToString()));

        Assert.Equal(table.Table.Columns, array.Table.Columns);
        Assert.Equal(ColumnKind.Real, array.Table.Columns[0].Kind);
        for (var c = 0; c < 3; c++)
            Assert.Equal(table.Table.Values(c).ToArray(), array.Table.Values(c).ToArray());
        Assert.Equal(30, TableReader.Read(_folder["a.npy"], array.Schema).Table.RowCount);
        Assert.Equal(2, TableReader.Read(_folder.Write("r.npy", NumpySamples.Rows)).Table.RowCount);
        Assert.Contains("rows and columns", Assert.Throws<DataException>(() => TableReader.Read(_folder.Write("b.npy", NumpySamples.Bytes))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(NumpySamples.Objects), "Python objects")]
    [InlineData(nameof(NumpySamples.Records), "records")]
    [InlineData(nameof(NumpySamples.Texts), "'<U1'")]
    public void Arrays_of_no_numbers_are_refused(string name, string part)
    {
        var error = Assert.Throws<DataException>(() => ImageReader.Read(_folder.Write("a.npy", Sample(name))));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    public static TheoryData<string, string[]> Headers => new()
    {
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 9999999999, 99999999999), }", ["more than the 2 GiB"] },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (2147483591, 1, 1), }", ["it ends after 2"] },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 1, 1), }", ["no size"] },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 1, 1), }", ["no size"] },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 1, 1), }", ["is empty"] },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1), }", ["goes on after"] },
        { "{'descr': '|u1', 'fortran_order': maybe, 'shape': (1, 1, 1), }", ["neither True nor False"] },
        { "{'descr': '|u1', 'fortran_order': False}", ["shape is missing"] },
        { "{'descr': '|u1', 'descr': '|u1'}", ["'descr' is not expected"] },
        { "{'descr': '|u1", ["does not end"] },
        { "{'shape': (((((((((1", ["no size"] },
        { "", ["'{' is missing"] },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Headers_that_cannot_be_are_refused_at_no_cost(string header, string[] parts)
    {
        var path = _folder.Write("a.npy", Npy(header, [1, 2]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<DataException>(() => ImageReader.Read(path));

        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void Idx_headers_that_cannot_be_are_refused_at_no_cost()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        Expect([0, 0, 8, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], "more than the 2 GiB");
        Expect([0, 0, 8, 3, 0x7F, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1], "but it ends after 1");
        Expect([0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1], "is empty");
        Expect([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2], "goes on after");
        Expect([0, 0, 8, 5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2], "5 dimensions");
        Expect([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 1], "--shape");
        Expect([0, 0, 0x0D, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4], "32-bit floating-point numbers");
        Expect([0, 0, 7, 3, 0, 0, 0, 1], "no images that are known");
        Expect([], "no images that are known");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 20_000_000);

        void Expect(byte[] bytes, string part)
        {
            var error = Assert.Throws<DataException>(() => ImageReader.Read(_folder.Write("a", bytes)));
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
            Assert.NotNull(error.Remedy);
        }
    }

    public static TheoryData<string> Whole => ["idx", "idx.gz", "npy", "npy.gz", "npz", "npz:imgs"];

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_file_cut_at_any_byte_is_an_error(string kind)
    {
        var whole = kind switch
        {
            "idx" => TwoImages,
            "idx.gz" => Gzip(TwoImages),
            "npy" => NumpySamples.Bytes,
            "npy.gz" => Gzip(NumpySamples.Bytes),
            _ => NumpySamples.Archive,
        };
        var suffix = kind == "npz:imgs" ? ":imgs" : "";
        var path = _folder.Write("a.npz", whole);
        ImageReader.Read(path + suffix);
        for (var length = 0; length < whole.Length; length++)
        {
            _folder.Write("a.npz", whole[..length]);
            var error = Assert.Throws<DataException>(() => ImageReader.Read(path + suffix));
            Assert.StartsWith(path, error.File, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_file_with_any_byte_changed_is_read_or_refused(string kind)
    {
        var whole = kind switch
        {
            "idx" => TwoImages,
            "idx.gz" => Gzip(TwoImages),
            "npy" => NumpySamples.Bytes,
            "npy.gz" => Gzip(NumpySamples.Bytes),
            _ => NumpySamples.Archive,
        };
        foreach (var change in (byte[])[0x01, 0x80, 0xFF])
        {
            for (var at = 0; at < whole.Length; at++)
            {
                byte[] changed = [.. whole];
                changed[at] ^= change;
                var path = _folder.Write("a.npz", changed);
                try
                {
                    ImageReader.Read(kind == "npz:imgs" ? path + ":imgs" : path);
                }
                catch (DataException error)
                {
                    Assert.StartsWith(path, error.File, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void What_is_not_there_or_is_something_else_is_said()
    {
        Assert.Contains("no such file", Assert.Throws<DataException>(() => ImageReader.Holds(_folder["x.npy"])).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<DataException>(() => ImageReader.Read(_folder["x.npz"] + ":a")).Message, StringComparison.Ordinal);
        Assert.Contains("nothing in it has a name", Assert.Throws<DataException>(() => ImageReader.Read(_folder.Write("y.npz", NumpySamples.Bytes) + ":a")).Message, StringComparison.Ordinal);
        Assert.False(ImageReader.Holds(_folder.Write("t.csv", "a,b\n1,2\n")));
        Assert.Null(ImageShape.Parse("28x"));
        Assert.Null(ImageShape.Parse("28x28x2"));
        Assert.Equal(new ImageShape(28, 20, 3), ImageShape.Parse("28x20x3"));
    }

    [SharedDataTheory]
    [InlineData("mnist/train-images-idx3-ubyte.gz", 60000, 28, 28, false, 1567298545L)]
    [InlineData("mnist/t10k-images-idx3-ubyte.gz", 10000, 28, 28, false, 264923200L)]
    [InlineData("binarized-mnist/binarized_mnist_valid-images-idx3-ubyte.gz", 10000, 28, 28, true, 262149180L)]
    [InlineData("freyfaces/freyfaces-images-idx3-ubyte.gz", 1965, 28, 20, false, 169968741L)]
    [InlineData("dsprites_reference/dsprites_gif_frames-images-idx3-ubyte.gz", 320, 64, 64, true, 19637550L)]
    public void Real_files(string name, int count, int height, int width, bool isBinary, long sum)
    {
        var images = ImageReader.Read(SharedData.Path(name)).Images;

        Assert.Equal((count, height, width, 1, isBinary), (images.Count, images.Height, images.Width, images.Channels, images.IsBinary));
        Assert.Equal(sum, Enumerable.Range(0, images.Count).Sum(i => { var s = 0L; foreach (var b in images.Pixels(i)) s += b; return s; }));
    }

    [SharedDataFact]
    public void Real_labels()
    {
        var labels = ImageReader.ReadLabels(SharedData.Path("mnist/t10k-labels-idx1-ubyte.gz"));

        Assert.Equal([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], labels.GroupBy(l => l).OrderBy(g => g.Key).Select(g => g.Count()));
    }

    private static byte[] Sample(string name) => (byte[])typeof(NumpySamples).GetProperty(name)!.GetValue(null)!;

    private static byte[] Npy(string type, string shape, byte[] data) => Npy($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}", data);

    private static byte[] Npy(string header, byte[] data) =>
        [0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length % 256), (byte)(header.Length / 256), .. Encoding.ASCII.GetBytes(header), .. data];

    private static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return memory.ToArray();
    }
}
