using System.Text.Json.Nodes;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Data.Tests;

public sealed class TableModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_saved_comes_back_to_the_same_bits()
    {
        var file = Fitted(out var table);
        file.Save(_folder["m.elbo"]);
        var read = TableModelFile.Load(_folder["m.elbo"]);

        Assert.Equal(file.Schema, read.Schema);
        Assert.Equal(file.Fingerprint, read.Fingerprint);
        Assert.Equal(file.Seconds, read.Seconds);
        Assert.Equal(file.Description.Columns, read.Description.Columns);
        Assert.Equal(file.Description.Hidden, read.Description.Hidden);
        Assert.Equal(file.Description.Training, read.Description.Training);
        Assert.Equal(ulong.MaxValue, read.Description.Seed);
        AssertSame(file.Weights, read.Weights);
        AssertSame(file.State!.Tensors, read.State!.Tensors);
        Assert.Equal(file.State.History, read.State.History);
        Assert.Equal(file.State with { History = [], Tensors = [] }, read.State with { History = [], Tensors = [] });
        Assert.Equal(file.Report!.Evaluation.Bound.Columns, read.Report!.Evaluation.Bound.Columns);
        Assert.Equal(file.Report.Evaluation.Bound.Elbo, read.Report.Evaluation.Bound.Elbo);
        Assert.True(double.IsNaN(read.Report.Evaluation.ImportanceWeighted.StandardError));

        read.Save(_folder["again.elbo"]);
        Assert.Equal(File.ReadAllBytes(_folder["m.elbo"]), File.ReadAllBytes(_folder["again.elbo"]));
        using var model = read.Open("m.elbo");
        Assert.Equal(file.Report.Evaluation.Bound.Elbo, model.Evaluate(table, 16).Bound.Elbo);
    }

    [Fact]
    public void A_label_and_how_sure_its_classes_may_be_come_back_too()
    {
        var file = Fitted(out var table, "colour") with { Calibration = new(1.0 / 3, 30, 0.9, 0.25, 0.01, double.NaN) };
        file.Save(_folder["m.elbo"]);
        var read = TableModelFile.Load(_folder["m.elbo"]);
        Assert.Equal(["red", "green", "blue"], read.Classes);
        Assert.Equal(file.Description.Columns, read.Description.Columns);
        Assert.Equal(file.Description.Label!.Prior, read.Description.Label!.Prior);
        Assert.Equal(file.Calibration, read.Calibration);
        using var model = read.Open("m.elbo");
        Assert.Equal(file.Report!.Evaluation.Bound.Elbo, model.Evaluate(table, 16).Bound.Elbo);
        Assert.Null(Fitted(out _).Calibration);
    }

    [Fact]
    public void What_intervals_hold_comes_back_too()
    {
        var file = Fitted(out _) with { Intervals = new(123, [0.1, 1.0 / 3, 0.95]) };
        file.Save(_folder["m.elbo"]);
        var read = TableModelFile.Load(_folder["m.elbo"]).Intervals!;
        Assert.Equal(123, read.Cells);
        Assert.Equal([0.1, 1.0 / 3, 0.95], read.Levels);
        Fitted(out _).Save(_folder["m.elbo"]);
        Assert.Null(TableModelFile.Load(_folder["m.elbo"]).Intervals);
    }

    [Theory]
    [InlineData("0\na\n\nb\n", "0,a,b", "0,1,null,2")]
    [InlineData("label\n10\n9\n\n10\n", "9,10", "1,0,null,1")]
    [InlineData("\"x\"\n \nx\ny", "x,y", "0,null,0,1")]
    public void Labels_are_read_line_by_line(string text, string classes, string labels)
    {
        File.WriteAllText(_folder["labels.txt"], text);
        var read = LabelFile.Read(_folder["labels.txt"], 4);
        Assert.Equal(classes.Split(','), read.Classes);
        Assert.Equal(labels, string.Join(',', read.Labels.Select(l => l?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null")));
        Assert.Contains("there are 9 rows", Assert.Throws<DataException>(() => LabelFile.Read(_folder["labels.txt"], 9)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_read_from_IDX_too()
    {
        File.WriteAllBytes(_folder["labels"], [0, 0, 8, 1, 0, 0, 0, 3, 7, 3, 7]);
        var read = LabelFile.Read(_folder["labels"], 3);
        Assert.Equal(["3", "7"], read.Classes);
        Assert.Equal([1, 0, 1], read.Labels);
        File.WriteAllBytes(_folder["images"], [0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 1, 7, 3, 7]);
        Assert.Contains("2 dimensions", Assert.Throws<DataException>(() => LabelFile.Read(_folder["images"], 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_and_a_report_are_not_needed()
    {
        (Fitted(out _) with { State = null, Report = null }).Save(_folder["m.elbo"]);
        var read = TableModelFile.Load(_folder["m.elbo"]);
        Assert.Null(read.State);
        Assert.Null(read.Report);
    }

    [Fact]
    public void Fingerprints_tell_tables_apart_by_any_cell_name_kind_or_level()
    {
        static Table Of(string name, ColumnKind kind, double last) => new([new Column(name, kind)], [new double[] { 1, 2, last }]);
        static Table Levels(params string[] levels) => new([new Column("a", ColumnKind.Category, levels)], [new double[] { 0, 1, 1 }]);
        Table[] tables =
        [
            Of("a", ColumnKind.Real, 3), Of("b", ColumnKind.Real, 3), Of("a", ColumnKind.Positive, 3), Of("a", ColumnKind.Real, 4), Of("a", ColumnKind.Real, double.NaN),
            Levels("x", "y"), Levels("y", "x"), Levels("x", "y", "z"),
        ];
        Assert.Equal(tables.Length, tables.Select(TableModelFile.FingerprintOf).Distinct().Count());
        Assert.Equal(TableModelFile.FingerprintOf(Of("a", ColumnKind.Real, 3)), TableModelFile.FingerprintOf(Of("a", ColumnKind.Real, 3)));
    }

    [Theory]
    [InlineData("kind", "\"table-flow\"", "does not know")]
    [InlineData("network.latent", "0", "'latent' is 0")]
    [InlineData("network.latent", "1000000", "'latent' is 1000000")]
    [InlineData("network.hidden", "[-1]", "'hidden'")]
    [InlineData("network.hidden", "[5]", "needs")]
    [InlineData("network.activation", "\"Sine\"", "Sine")]
    [InlineData("network.activation", "\"1\"", "does not know")]
    [InlineData("network.columns", "[]", "columns")]
    [InlineData("network.seed", "-1", "'seed'")]
    [InlineData("training.patience", "null", "'patience' is missing")]
    [InlineData("training.learningRate", "\"fast\"", "'learningRate'")]
    [InlineData("table", "null", "delimiter")]
    [InlineData("report.columns", "3", "'columns' is not a list")]
    public void Descriptions_that_cannot_be_are_refused(string path, string value, string message)
    {
        var file = Fitted(out _);
        file.Save(_folder["m.elbo"]);
        var archive = ModelArchive.Load(_folder["m.elbo"]);
        JsonNode parent = archive.Description;
        var names = path.Split('.');
        foreach (var name in names[..^1])
            parent = parent[name]!;
        parent[names[^1]] = JsonNode.Parse(value);
        archive.Save(_folder["m.elbo"]);

        var error = Assert.Throws<DataException>(() =>
        {
            using var model = TableModelFile.Load(_folder["m.elbo"]).Open(_folder["m.elbo"]);
        });
        Assert.StartsWith(_folder["m.elbo"], error.Message);
        Assert.Contains(message, error.Message);
    }

    private static TableModelFile Fitted(out Table table, string? label = null)
    {
        table = new Table(
            [new Column("height", ColumnKind.Real), new Column("colour", ColumnKind.Category, ["red", "green", "blue"]), new Column("count", ColumnKind.Count)],
            [
                Enumerable.Range(0, 40).Select(i => i % 9 == 0 ? double.NaN : Math.Sin(i) / 3).ToArray(),
                Enumerable.Range(0, 40).Select(i => (double)(i % 3)).ToArray(),
                Enumerable.Range(0, 40).Select(i => (double)(i * 7 % 5)).ToArray(),
            ]);
        using var model = TableVae.Fit(
            table, new TableVaeOptions { Hidden = [4], Seed = ulong.MaxValue, Label = label, Likelihoods = new Dictionary<string, LikelihoodKind> { ["height"] = LikelihoodKind.StudentT } },
            new TrainingOptions { Epochs = 3, Batch = 7, LearningRate = 1.0 / 3 });
        var evaluation = model.Evaluate(table, 16);
        evaluation = evaluation with { ImportanceWeighted = evaluation.ImportanceWeighted with { StandardError = double.NaN } };
        return new(
            model.Description, TableSchema.Of(table), model.Weights, TableModelFile.FingerprintOf(table), model.TrainingState,
            new FitReport(evaluation, true, 0.1, "1.2.3"), 0.1 + 0.2);
    }

    private static void AssertSame(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> actual)
    {
        Assert.Equal(expected.Select(t => t.Name).Order(StringComparer.Ordinal), actual.Select(t => t.Name).Order(StringComparer.Ordinal));
        var byName = actual.ToDictionary(t => t.Name);
        foreach (var tensor in expected)
        {
            Assert.Equal(tensor.Shape, byName[tensor.Name].Shape);
            Assert.Equal(tensor.Type, byName[tensor.Name].Type);
            Assert.Equal(tensor.Bytes.ToArray(), byName[tensor.Name].Bytes.ToArray());
        }
    }
}
