using System.Globalization;
using System.Text;
using Elbo.Data;

namespace Elbo.Cli.Tests;

/// <summary>Two groups of rows of which a tenth has its group, and a model of them.</summary>
public sealed class FittedGroups : IDisposable
{
    public FittedGroups()
    {
        Line = new CommandLine();
        Line.Write("groups.csv", Csv(300, 30, 1));
        Line.Write("others.csv", Csv(100, 100, 2));
        Line.Write("unknown.csv", string.Join('\n', Csv(20, 20, 3).Split('\n').Select(l => l[(l.IndexOf(',', StringComparison.Ordinal) + 1)..])));
        Fit = Line.Run(
            "fit", "~/groups.csv", "-o", "~/groups.elbo", "--label", "group", "--epochs", "15", "--latent", "2", "--hidden", "16", "--threads", "1", "--samples", "8", "--batch", "30",
            "--learning-rate", "0.01", "--warm-up", "2", "--seed", "3").Succeeds();
    }

    internal CommandLine Line { get; }

    internal Outcome Fit { get; }

    public void Dispose() => Line.Dispose();

    // Classes are numbers: it is --label that says they are classes.
    internal static string Csv(int rows, int labelled, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder("group,x,y\n");
        for (var row = 0; row < rows; row++)
        {
            var group = row % 2;
            double Around(double centre) => Math.Round(centre + random.NextDouble() + random.NextDouble() - 1, 4);
            text.Append(CultureInfo.InvariantCulture, $"{(row < labelled ? group + 4 : "")},{Around(group == 0 ? -2 : 2)},{Around(group == 0 ? 1 : -1)}\n");
        }

        return text.ToString();
    }
}

public sealed class LabelTests(FittedGroups fitted) : IClassFixture<FittedGroups>
{
    private readonly CommandLine _line = fitted.Line;

    [Fact]
    public void Fit_shows_the_label_hides_some_of_it_and_says_how_sure_classes_are()
    {
        var text = fitted.Fit.Out;
        Assert.Contains(text.Split('\n'), l => l.StartsWith("group", StringComparison.Ordinal) && l.Contains(" label ", StringComparison.Ordinal));
        Assert.Contains("3 columns between commas, 2 of them modelled", text);
        Assert.Contains("Of 30 labels that were hidden", text);
        Assert.Contains("elbo classify", text);
        Assert.Contains("hidden 5 times", fitted.Fit.Error);
        var info = _line.Run("info", "~/groups.elbo").Succeeds().Out;
        Assert.Contains("The label is 'group': 4, 5.", info);
        Assert.Contains("temperature", info);
    }

    [Fact]
    public void Classify_finds_classes_of_rows_with_and_without_the_column()
    {
        var json = _line.Run("classify", "~/others.csv", "-m", "~/groups.elbo", "-o", "~/classes.csv", "--json", "--curve", "~/curve.csv").Succeeds().Events[0];
        Assert.Equal((100, 100), ((int)json["rows"]!, (int)json["labelled"]!));
        Assert.InRange((double)json["accuracy"]!, 0.95, 1);
        var rows = _line.Read("classes.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("row,class,probability,p(4),p(5)", rows[0]);
        Assert.Equal(101, rows.Length);
        Assert.All(rows.Skip(1).Select(r => r.Split(',')), r => Assert.Equal(1, double.Parse(r[3], CultureInfo.InvariantCulture) + double.Parse(r[4], CultureInfo.InvariantCulture), 1e-5));
        Assert.StartsWith("threshold,coverage,risk", _line.Read("curve.csv"), StringComparison.Ordinal);
        Assert.EndsWith($",1.000000,{1 - (double)json["accuracy"]!:F6}", _line.Read("curve.csv").TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(21, _line.Run("classify", "~/unknown.csv", "-m", "~/groups.elbo").Succeeds().Lines.Length);
        Assert.InRange((double)_line.Run("classify", "~/others.csv", "-m", "~/groups.elbo", "-o", "~/c2.csv", "--json", "--samples", "8").Succeeds().Events[0]["accuracy"]!, 0.95, 1);
    }

    [Fact]
    public void Nothing_is_said_of_rows_below_the_threshold()
    {
        var all = _line.Run("classify", "~/others.csv", "-m", "~/groups.elbo", "--abstain-below", "1").Succeeds();
        Assert.All(all.Lines.Skip(1).Select(l => l.Split(',')), r => Assert.True(r[1].Length == 0 || r[2] == "1.000000"));
        Assert.Contains("have one", all.Error);
    }

    [Fact]
    public void Other_commands_know_the_label()
    {
        var sampled = _line.Run("sample", "-m", "~/groups.elbo", "-n", "40", "--class", "5").Succeeds().Lines;
        Assert.Equal("group,x,y", sampled[0]);
        Assert.All(sampled.Skip(1), l => Assert.StartsWith("5,", l, StringComparison.Ordinal));
        var filled = _line.Run("impute", "~/groups.csv", "-m", "~/groups.elbo").Succeeds().Lines;
        Assert.All(filled.Skip(1), l => Assert.True(l[0] is '4' or '5'));
        Assert.Equal("z1,z2,p(4),p(5),z1_sd,z2_sd", _line.Run("encode", "~/unknown.csv", "-m", "~/groups.elbo").Succeeds().Lines[0]);
        _line.Run("evaluate", "~/others.csv", "-m", "~/groups.elbo", "--samples", "8").Succeeds();
        _line.Run("score", "~/unknown.csv", "-m", "~/groups.elbo", "--samples", "8").Succeeds();
        Assert.Contains("label", _line.Run("diagnose", "~/others.csv", "-m", "~/groups.elbo", "--hard-rows", "2", "--samples", "8", "--rows", "50").Succeeds().Out);
    }

    [Fact]
    public void A_fit_with_a_label_goes_on_where_it_stopped()
    {
        string[] common = ["--label", "group", "--latent", "2", "--hidden", "8", "--threads", "1", "--samples", "8", "--calibrate", "0", "--batch", "30"];
        _line.Run(["fit", "~/groups.csv", "-o", "~/whole.elbo", "--epochs", "4", .. common]).Succeeds();
        _line.Run(["fit", "~/groups.csv", "-o", "~/half.elbo", "--epochs", "2", .. common]).Succeeds();
        _line.Run("fit", "~/groups.csv", "-o", "~/half.elbo", "--epochs", "4", "--resume", "--threads", "1", "--samples", "8", "--calibrate", "0").Succeeds();
        Assert.Equal(_line.ReadEntry("whole.elbo", "weights.safetensors"), _line.ReadEntry("half.elbo", "weights.safetensors"));
    }

    [Fact]
    public void Images_take_labels_from_a_file_and_rows_of_a_table_too()
    {
        var bars = FittedBars.Bars(60, 4);
        NumpyWriter.Write(_line["labelled.npy"], bars);
        _line.Write("names.txt", string.Join('\n', Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? "" : bars.Pixels(i)[0] > 0 ? "corner" : "none")) + "\n");
        var fit = _line.Run("fit", "~/labelled.npy", "-o", "~/labelled.elbo", "--label", "~/names.txt", "--epochs", "2", "--latent", "2", "--hidden", "8", "--threads", "1", "--samples", "8", "--calibrate", "1").Succeeds();
        Assert.Contains("40 images have a label, of 2 classes", fit.Out);
        var json = _line.Run("classify", "~/labelled.npy", "-m", "~/labelled.elbo", "--label", "~/names.txt", "-o", "~/found.csv", "--json").Succeeds().Events[0];
        Assert.Equal((60, 40), ((int)json["rows"]!, (int)json["labelled"]!));
        _line.Run("sample", "-m", "~/labelled.elbo", "-n", "4", "--class", "corner", "-o", "~/corners.npy").Succeeds();
        _line.Run("fit", "~/labelled.npy", "-o", "~/labelled.elbo", "--resume", "--epochs", "3").Fails("--label");

        _line.Write("table.csv", string.Join('\n', FittedGroups.Csv(40, 40, 5).Split('\n').Select(l => l[(l.IndexOf(',', StringComparison.Ordinal) + 1)..])));
        _line.Write("of-table.txt", "class\n" + string.Concat(Enumerable.Range(0, 40).Select(i => i > 19 ? "\n" : i % 2 == 0 ? "left\n" : "right\n")));
        _line.Run("fit", "~/table.csv", "-o", "~/table.elbo", "--label", "~/of-table.txt", "--epochs", "2", "--hidden", "8", "--threads", "1", "--samples", "8", "--calibrate", "0").Succeeds();
        Assert.Equal("row,class,probability,p(left),p(right)", _line.Run("classify", "~/table.csv", "-m", "~/table.elbo").Succeeds().Lines[0]);
        Assert.Equal("x,y,label", _line.Run("sample", "-m", "~/table.elbo", "-n", "3").Succeeds().Lines[0]);
    }

    [Fact]
    public void What_cannot_be_is_refused_with_a_remedy()
    {
        _line.Run("fit", "~/groups.csv", "-o", "~/x.elbo", "--label", "grop").Fails("no column 'grop'", "group");
        _line.Run("fit", "~/groups.csv", "-o", "~/x.elbo", "--classifier-weight", "1").Fails("--label");
        _line.Run("fit", "~/groups.csv", "-o", "~/x.elbo", "--label", "group", "--importance", "5", "--epochs", "1").Fails("class by class");
        _line.Run("fit", "~/groups.csv", "-o", "~/x.elbo", "--label", "group", "--calibrate", "9").Fails("from 0 to 5");
        _line.Write("three.txt", "a\nb\n");
        _line.Run("fit", "~/groups.csv", "-o", "~/x.elbo", "--label", "~/three.txt").Fails("2 labels", "300 rows");
        _line.Write("one.txt", string.Concat(Enumerable.Repeat("a\n", 300)));
        _line.Run("fit", "~/groups.csv", "-o", "~/x.elbo", "--label", "~/one.txt").Fails("1 classes");
        _line.Run("sample", "-m", "~/groups.elbo", "-n", "3", "--class", "7").Fails("no class '7'");
        _line.Run("classify", "~/unknown.csv", "-m", "~/groups.elbo", "--curve", "~/none.csv", "-o", "~/n.csv").Fails("--curve");
        _line.Run("classify", "~/unknown.csv", "-m", "~/groups.elbo", "--json").Fails("--output");
        _line.Run("fit", "~/others.csv", "-o", "~/plain.elbo", "--epochs", "1", "--threads", "1", "--samples", "8").Succeeds();
        _line.Run("classify", "~/others.csv", "-m", "~/plain.elbo").Fails("no label", "--label");
        _line.Run("sample", "-m", "~/plain.elbo", "-n", "3", "--class", "7").Fails("without a label");
    }
}
