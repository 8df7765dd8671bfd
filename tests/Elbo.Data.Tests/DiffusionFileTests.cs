using Elbo.Autoencoders;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Data.Tests;

public sealed class DiffusionFileTests : IDisposable
{
    private static readonly TrainingOptions Short = DiffusionModel.Usual with { Epochs = 2, Batch = 16, Threads = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Table Numbers()
    {
        Column[] columns = [new("x", ColumnKind.Real), new("n", ColumnKind.Count), new("c", ColumnKind.Category, ["a", "b", "d"]), new("y", ColumnKind.Binary, ["no", "yes"])];
        double[][] values = [.. columns.Select((_, c) => Enumerable.Range(0, 40).Select(i => i % 7 == c ? double.NaN : c == 0 ? Math.Sin(i) : i * (c + 1) % (c == 3 ? 2 : 3)).ToArray())];
        return new(columns, [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
    }

    public static TheoryData<NoiseSchedule, ReverseVariance, string?> Tables => new()
    {
        { NoiseSchedule.LinearLogNoise(-6, 6), ReverseVariance.Posterior, null },
        { NoiseSchedule.Cosine(), ReverseVariance.Interpolated, "c" },
        { NoiseSchedule.Learned(-5, 5), ReverseVariance.Step, "y" },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_model_of_a_table_comes_back_to_the_same_bits(NoiseSchedule schedule, ReverseVariance variance, string? label)
    {
        var table = Numbers();
        var options = new TableDiffusionOptions { Parts = TableDiffusion.UsualParts with { Denoiser = Denoiser.FullyConnected(8, 1), Levels = 12, Schedule = schedule, Variance = variance, Seed = 3 }, Label = label };
        using var model = TableDiffusion.Fit(table, options, Short);
        var report = new DiffusionReport(model.Evaluate(table, 4) with { Levels = [] }, model.EvaluateContinuous(table, 4).Total, true, "1.2");
        var file = new TableDiffusionFile(model.Description, TableSchema.Of(table), model.Model.Training!.Best, TableModelFile.FingerprintOf(table), model.Model.Training, report, 4.5);
        file.Save(_folder["m.elbo"]);

        var read = Assert.IsType<TableDiffusionFile>(ModelFile.Load(_folder["m.elbo"]));

        Assert.Equal(file.Options, read.Options);
        Assert.Equal(model.Description.Columns, read.Description.Columns);
        Assert.Equal((label is null ? 0 : table.Column(label).Levels.Count), read.Classes.Count);
        Assert.Equal(report.Bound with { Levels = read.Result!.Bound.Levels }, read.Result.Bound);
        Assert.Equal((report.Limit, 4.5), (read.Result.Limit, read.Seconds));
        read.Save(_folder["again.elbo"]);
        Assert.Equal(File.ReadAllBytes(_folder["m.elbo"]), File.ReadAllBytes(_folder["again.elbo"]));
        using var opened = read.Open("m.elbo", 1);
        Assert.Equal(model.Evaluate(table, 4).Total, opened.Evaluate(table, 4).Total);
        Assert.Equal(model.Sample(5).Values("x").ToArray(), opened.Sample(5).Values("x").ToArray());
    }

    [Fact]
    public void A_model_of_images_comes_back_to_the_same_bits_and_goes_on_to_those_of_one_that_never_stopped()
    {
        var random = new Random(1);
        var pixels = new byte[20 * 16];
        random.NextBytes(pixels);
        var images = new ImageSet(4, 4, 1, pixels);
        int?[] labels = [.. Enumerable.Range(0, 20).Select(i => i % 5 == 0 ? null : (int?)(i % 2))];
        var rows = new LabelledRows(images, labels);
        var parts = new DiffusionOptions { Denoiser = Denoiser.UNet([8], waves: 2), Levels = 9 };
        var described = ImageDiffusionDescription.Of(images, 256, parts, Short with { Epochs = 4 }) with { Label = LabelModel.Of(["even", "odd"], rows) };
        using var whole = described.Begin(1);
        whole.Train(rows, described.Training);
        using var first = described.Begin(1);
        first.Train(rows, described.Training, progress: epoch => epoch.Epoch < 2);
        new ImageDiffusionFile(described, first.Training!.Best, ImageModelFile.FingerprintOf(images), first.Training).Save(_folder["m.elbo"]);

        var read = Assert.IsType<ImageDiffusionFile>(ModelFile.Load(_folder["m.elbo"]));

        Assert.Equal(["even", "odd"], read.Classes);
        Assert.Equal((described.Shape, described.Shades, described.Images), (read.Description.Shape, read.Description.Shades, read.Description.Images));
        Assert.Null(read.Result);
        using var second = read.Open("m.elbo", 1);
        Assert.Equal(first.Sample(2, new() { Class = 1 }), second.Sample(2, new() { Class = 1 }));
        second.Train(rows, described.Training, read.Stand);
        foreach (var (a, b) in whole.Weights.Zip(second.Weights))
            Assert.True(a.Bytes.Span.SequenceEqual(b.Bytes.Span), a.Name);
    }

    [Theory]
    [InlineData("\"levels\": 9", "\"levels\": 1", "'levels' is 1")]
    [InlineData("\"prediction\": \"Noise\"", "\"prediction\": \"Smoke\"", "Smoke")]
    [InlineData("\"boundShare\": 0", "\"boundShare\": null", "'boundShare' is missing")]
    [InlineData("\"shades\": 256", "\"shades\": 1", "'shades' is 1")]
    [InlineData("\"family\": \"u-net\"", "\"family\": \"v-net\"", "v-net")]
    public void What_is_damaged_is_refused_by_name(string text, string by, string message)
    {
        var images = new ImageSet(4, 4, 1, new byte[5 * 16]);
        var described = ImageDiffusionDescription.Of(images, 256, new() { Denoiser = Denoiser.UNet([8]), Levels = 9 }, Short);
        using var model = described.Begin(1);
        new ImageDiffusionFile(described, model.Weights, ImageModelFile.FingerprintOf(images)).Save(_folder["m.elbo"]);
        var archive = ModelArchive.Load(_folder["m.elbo"]);
        var json = archive.Description.ToJsonString(new() { WriteIndented = true });
        Assert.Contains(text, json);
        var changed = System.Text.Json.Nodes.JsonNode.Parse(json.Replace(text, by, StringComparison.Ordinal))!.AsObject();
        new ModelArchive(changed, archive.Weights).Save(_folder["m.elbo"]);

        Assert.Contains(message, Assert.Throws<DataException>(() => ModelFile.Load(_folder["m.elbo"])).Message);
    }
}
