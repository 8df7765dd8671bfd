using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Elbo.Data.Tests;

public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_of_every_type_come_back_with_their_bits()
    {
        float[] singles = [1.5f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon, 1e30f];
        double[] doubles = [Math.PI, double.NegativeInfinity];
        var read = SafeTensors.Read(
            SafeTensors.Write(
            [
                StoredTensor.Of("w", [2, 3], singles), StoredTensor.Of("b", [2], doubles), StoredTensor.Of("n", [], [7]),
                StoredTensor.Of("steps", [1, 1], [long.MaxValue]), StoredTensor.Of("none", [0, 4], ReadOnlySpan<float>.Empty),
            ]), "m");

        Assert.Equal(singles.Select(BitConverter.SingleToInt32Bits), read["w"].ToSingles().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(doubles, read["b"].ToDoubles());
        Assert.Equal([7], read["n"].ToInt32s());
        Assert.Equal([long.MaxValue], read["steps"].ToInt64s());
        Assert.Equal([0, 4], read["none"].Shape);
        Assert.Equal([2, 3], read["w"].Shape);
        Assert.Throws<InvalidOperationException>(() => read["w"].ToDoubles());
    }

    [Fact]
    public void A_file_of_the_public_format_is_read()
    {
        // By hand after the format's description: length, header with metadata and spaces, numbers.
        const string header = """{"__metadata__":{"made":"by hand"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   """;
        byte[] bytes = [.. Length(header.Length), .. Encoding.UTF8.GetBytes(header), 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0];

        Assert.Equal([1f, -2f], SafeTensors.Read(bytes, "m")["x"].ToSingles());
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 8, "does not fit its shape")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "bytes lie between")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlap")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "take 4 bytes but 8 follow")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "impossible shape")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2147483647,2147483647,2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "impossible shape")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4294967296],"data_offsets":[0,4]}}""", 4, "not sound JSON")]
    [InlineData("""{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}""", 4, "is of type BF16")]
    [InlineData("""{"x":{"dtype":"F32"}}""", 4, "lacks its type, shape or place")]
    [InlineData("""{"x":3}""", 4, "not sound JSON")]
    [InlineData("""["x"]""", 4, "not sound JSON")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "comes twice")]
    public void A_header_is_not_believed(string header, int dataLength, string part)
    {
        byte[] bytes = [.. Length(header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataLength]];

        Assert.Contains(part, Assert.Throws<DataException>(() => SafeTensors.Read(bytes, "m")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_comes_back_and_has_the_same_bytes_each_time()
    {
        var model = Model();
        model.Save(_folder["a.elbo"]);
        Model().Save(_folder["b.elbo"]);

        var read = ModelArchive.Load(_folder["a.elbo"]);

        Assert.Equal(File.ReadAllBytes(_folder["a.elbo"]), File.ReadAllBytes(_folder["b.elbo"]));
        Assert.Equal("a shop's customers", (string?)read.Description["about"]);
        Assert.Equal(1, (int?)read.Description["version"]);
        Assert.Equal(model.Weights["w"].ToSingles(), read.Weights["w"].ToSingles());
        Assert.Equal([1, 2, 3], read.Extra["checkpoint.safetensors"].ToArray());
        read.Save(_folder["c.elbo"]);
        Assert.Equal(File.ReadAllBytes(_folder["a.elbo"]), File.ReadAllBytes(_folder["c.elbo"]));
    }

    [Theory]
    [InlineData("""{"format":"elbo-model","version":2}""", "format version 2 but this program knows versions up to 1. Update elbo")]
    [InlineData("""{"format":"other","version":1}""", "is not a model of this program")]
    [InlineData("""{"format":"elbo-model"}""", "'version' is missing")]
    [InlineData("""{"format":"elbo-model","version":"1"}""", "'version' is not of the right type")]
    [InlineData("""{"format":"elbo-model","version":1,"version":1}""", "is not sound")]
    [InlineData("""{"format":""", "is not sound")]
    [InlineData("""[]""", "'format' is missing")]
    [InlineData("""{"format":"elbo-model","version":1}""", "it has no weights.safetensors")]
    [InlineData(null, "it has no model.json")]
    public void A_description_that_cannot_be_used_says_why(string? json, string part)
    {
        var path = _folder["m.elbo"];
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using var stream = zip.CreateEntry(json is null ? "readme.txt" : "model.json").Open();
            stream.Write(Encoding.UTF8.GetBytes(json ?? "hello"));
        }

        Assert.Contains(part, Assert.Throws<DataException>(() => ModelArchive.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_zip_and_what_is_not_there_are_data_errors()
    {
        Assert.Contains("not a whole zip", Assert.Throws<DataException>(() => ModelArchive.Load(_folder.Write("t.elbo", "a,b\n1,2\n"))).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file", Assert.Throws<DataException>(() => ModelArchive.Load(_folder["none"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_cut_anywhere_is_a_data_error()
    {
        var bytes = Bytes();
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<DataException>(() => ModelArchive.Read(bytes[..length], "m"));
    }

    [Fact]
    public void A_model_with_changed_bytes_is_a_data_error_or_has_its_content()
    {
        var bytes = Bytes();
        var random = new Random(17);
        var refused = 0;
        for (var i = 0; i < 4000; i++)
        {
            var changed = (byte[])bytes.Clone();
            for (var n = random.Next(1, 4); n > 0; n--)
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.Equal(Model().Weights["w"].ToSingles(), ModelArchive.Read(changed, "m").Weights["w"].ToSingles());
            }
            catch (DataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 2000, 4000);
    }

    [Fact]
    public void Tensors_with_changed_or_missing_bytes_never_fail_otherwise()
    {
        var bytes = SafeTensors.Write(Model().Weights.Values);
        var random = new Random(5);
        for (var i = 0; i < 8000; i++)
        {
            var changed = (byte[])bytes.Clone();
            for (var n = random.Next(0, 3); n > 0; n--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            if (i % 2 == 0)
                changed = changed[..random.Next(changed.Length)];
            var error = Record.Exception(() => SafeTensors.Read(changed, "m"));
            Assert.True(error is null or DataException, error?.ToString());
        }
    }

    [Fact]
    public void What_cannot_be_written_is_refused()
    {
        var x = StoredTensor.Of("x", [1], [1f]);
        Assert.Throws<ArgumentException>(() => SafeTensors.Write([x, x]));
        Assert.Throws<ArgumentException>(() => StoredTensor.Of("x", [2], [1f]));
        var model = new ModelArchive([], new Dictionary<string, StoredTensor>(), new Dictionary<string, ReadOnlyMemory<byte>> { ["model.json"] = default });
        Assert.Throws<ArgumentException>(() => model.Save(_folder["x.elbo"]));
        Assert.Empty(_folder.Files);
    }

    private static ModelArchive Model()
    {
        var w = StoredTensor.Of("w", [4, 8], [.. Enumerable.Range(0, 32).Select(i => MathF.Sin(i))]);
        var b = StoredTensor.Of("b", [3], [0.5, -1, 2]);
        return new ModelArchive(
            new JsonObject { ["about"] = "a shop's customers", ["latent"] = 2 },
            new Dictionary<string, StoredTensor> { ["w"] = w, ["b"] = b },
            new Dictionary<string, ReadOnlyMemory<byte>> { ["checkpoint.safetensors"] = (byte[])[1, 2, 3] });
    }

    private static byte[] Bytes()
    {
        using var memory = new MemoryStream();
        Model().Write(memory);
        return memory.ToArray();
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }
}
