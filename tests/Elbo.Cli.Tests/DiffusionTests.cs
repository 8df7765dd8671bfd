using System.Globalization;

namespace Elbo.Cli.Tests;

/// <summary>A small table and small images, and diffusion models that were fitted to them in haste.</summary>
public sealed class FittedDiffusions : IDisposable
{
    public FittedDiffusions()
    {
        Line = new CommandLine();
        Line.Run("simulate", "customers", "--rows", "200", "-o", "~/customers.csv").Succeeds();
        Fit = Line.Run(["fit", "~/customers.csv", "--model", "diffusion", "-o", "~/table.elbo", "--epochs", "3", "--seed", "2", "--label", "plan", .. Small]).Succeeds();
        var random = new Random(1);
        var pixels = new byte[16 + 24 * 16];
        byte[] header = [0, 0, 8, 3, 0, 0, 0, 24, 0, 0, 0, 4, 0, 0, 0, 4];
        header.CopyTo(pixels, 0);
        random.NextBytes(pixels.AsSpan(16));
        File.WriteAllBytes(Line["images.idx"], pixels);
        Line.Run("fit", "~/images.idx", "--model", "diffusion", "-o", "~/images.elbo", "--filters", "8", "--epochs", "2", "--steps", "12", "--threads", "1", "--samples", "4").Succeeds();
    }

    internal static string[] Small => ["--hidden", "8", "--steps", "20", "--threads", "1", "--samples", "8"];

    internal CommandLine Line { get; }

    internal Outcome Fit { get; }

    public void Dispose() => Line.Dispose();
}

public sealed class DiffusionTests(FittedDiffusions fitted) : IClassFixture<FittedDiffusions>
{
    private readonly CommandLine _line = fitted.Line;

    [Fact]
    public void A_fit_says_what_it_found_how_it_went_and_what_the_bound_is_made_of()
    {
        foreach (var words in new[] { "negative-binomial", "20 levels of noise, schedule log-linear:-8..8", "+ marks a new best", "- prior", "- steps", "- reconstruction", "T without end", "missing cells were left out", "Next, for example" })
            Assert.Contains(words, fitted.Fit.Out);
        var info = _line.Run("info", "~/table.elbo").Succeeds().Out;
        Assert.Contains("diffusion model of a table with 9 columns, fitted to 200 rows", info);
        Assert.Contains("The label is 'plan'", info);
        var json = _line.Run("info", "~/images.elbo", "--json").Succeeds().Events[0];
        Assert.Equal(("image-diffusion", 12, 24), ((string)json["kind"]!, (int)json["levels"]!, (int)json["fittedRows"]!));
    }

    [Fact]
    public void Going_on_ends_in_the_same_bits_as_never_stopping()
    {
        string[] fit = ["fit", "~/customers.csv", "--model", "diffusion", "--seed", "4", .. FittedDiffusions.Small];
        _line.Run([.. fit, "-o", "~/whole.elbo", "--epochs", "4"]).Succeeds();
        var stopped = _line.RunInterruptedAt("\"epoch\":2,", [.. fit, "-o", "~/parts.elbo", "--epochs", "4", "--json"]);
        Assert.Equal(130, stopped.Code);
        Assert.Contains("interrupted after epoch 2", stopped.Error);
        Assert.Contains("It was interrupted", _line.Run("info", "~/parts.elbo").Succeeds().Out);
        // The file knows what kind of model it is.
        var report = _line.Run("fit", "~/customers.csv", "-o", "~/parts.elbo", "--resume", "--samples", "8").Succeeds();
        Assert.Contains("goes on after epoch 2", report.Error);
        foreach (var entry in new[] { "weights.safetensors", "checkpoint.safetensors", "checkpoint.json" })
            Assert.Equal(_line.ReadEntry("whole.elbo", entry), _line.ReadEntry("parts.elbo", entry));
        _line.Run("fit", "~/customers.csv", "-o", "~/parts.elbo", "--resume", "--steps", "7").Fails("--steps is 7, the model has 20", "without --resume");
        _line.Run("fit", "~/customers.csv", "-o", "~/parts.elbo", "--resume", "--schedule", "cosine").Fails("--schedule is cosine, the model has log-linear:-8..8");
        _line.Write("other.csv", _line.Read("customers.csv").Replace("Germany", "France", StringComparison.Ordinal));
        _line.Run("fit", "~/other.csv", "-o", "~/parts.elbo", "--resume").Fails("not the table", "fit anew");
    }

    [Fact]
    public void The_bound_is_the_sum_of_its_terms_for_all_rows_and_for_each()
    {
        var bound = _line.Run("evaluate", "~/customers.csv", "-m", "~/table.elbo", "--samples", "200", "--json").Succeeds().Events[0];
        double Get(string name) => (double)bound[name]!;
        Assert.Equal(-Get("prior") - Get("steps") - Get("reconstruction"), Get("elbo"), 1e-6);
        Assert.Null(bound["bitsPerNumber"]);
        var scores = _line.Run("score", "~/customers.csv", "-m", "~/table.elbo", "--samples", "200").Succeeds().Lines;
        Assert.Equal("row,customer_id,elbo,error", scores[0]);
        double[] elbos = [.. scores.Skip(1).Select(l => double.Parse(l.Split(',')[2], CultureInfo.InvariantCulture))];
        Assert.Equal(elbos.Order(), elbos);
        Assert.Equal(Get("elbo"), elbos.Average(), 1e-4);
        Assert.NotNull(_line.Run("evaluate", "~/images.idx", "-m", "~/images.elbo", "--json").Succeeds().Events[0]["bitsPerNumber"]);
    }

    [Fact]
    public void Where_the_nats_are_is_told_by_levels()
    {
        var told = _line.Run("diagnose", "~/customers.csv", "-m", "~/table.elbo", "--curve", "~/curve.csv", "--json").Succeeds().Events[0];
        var bands = told["bands"]!.AsArray();
        // Bands are of the mean of their levels, each seen by some of the rows alone.
        Assert.Equal((double)told["steps"]!, bands.Sum(b => (double)b!["nats"]!), 0.1 * (double)told["steps"]!);
        Assert.Equal(1, bands.Sum(b => (double)b!["shareOfSimpleLoss"]!), 1e-9);
        Assert.Equal(1 + 20, _line.Read("curve.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("Collapse has no meaning here", _line.Run("diagnose", "~/customers.csv", "-m", "~/table.elbo", "--curve", "~/curve.svg").Succeeds().Out);
        Assert.StartsWith("<svg", _line.Read("curve.svg"));
    }

    [Fact]
    public void Rows_are_drawn_by_class_and_known_cells_come_back_byte_for_byte()
    {
        var drawn = _line.Run("sample", "-m", "~/table.elbo", "-n", "6", "--steps", "5", "--class", "plus").Succeeds().Lines;
        var plan = Array.IndexOf(drawn[0].Split(','), "plan");
        Assert.All(drawn.Skip(1), l => Assert.Equal("plus", l.Split(',')[plan]));
        _line.Run("impute", "~/customers.csv", "-m", "~/table.elbo", "-o", "~/filled.csv", "--samples", "4", "--steps", "5", "--interval", "0.5").Succeeds();
        var (before, after) = (_line.Read("customers.csv").Split('\n'), _line.Read("filled.csv").Split('\n'));
        Assert.Equal(before.Length, after.Length);
        // The label is what rows are given by, and is not filled.
        plan = Array.IndexOf(before[0].Split(','), "plan");
        foreach (var (old, filled) in before.Zip(after))
        {
            foreach (var ((a, b), column) in old.Split(',').Zip(filled.Split(',')).Select((cell, c) => (cell, c)))
                Assert.True(a.Length > 0 ? a == b : b.Length > 0 || column == plan || old.Length == 0, $"'{a}' became '{b}'");
        }
        Assert.Contains("row,customer_id,column,value,lower,upper", _line.Read("filled-cells.csv"));
    }

    [Fact]
    public void Images_are_drawn_and_completed()
    {
        _line.Run("sample", "-m", "~/images.elbo", "-n", "3", "-o", "~/s.png", "--steps", "4", "--path", "heun").Succeeds();
        _line.Run("impute", "~/images.idx", "-m", "~/images.elbo", "--hide", "bottom", "-o", "~/c.npy", "--steps", "4", "--repeats", "1").Succeeds();
        // The upper half is as it was: 24 images of 16 bytes behind the header of each file.
        var (images, completed) = (File.ReadAllBytes(_line["images.idx"])[16..], File.ReadAllBytes(_line["c.npy"])[^(24 * 16)..]);
        for (var i = 0; i < images.Length; i++)
            Assert.True(i % 16 >= 8 || images[i] == completed[i]);
        _line.Run("impute", "~/images.idx", "-m", "~/images.elbo", "-o", "~/c.png").Fails("--hide");
        _line.Run("impute", "~/images.idx", "-m", "~/images.elbo", "-o", "~/c.png", "--hide", "somewhere").Fails("'somewhere'", "top, bottom");
    }

    [Theory]
    [InlineData("encode ~/customers.csv -m ~/table.elbo", "has no code")]
    [InlineData("traverse -m ~/images.elbo -o ~/x.png", "no latent numbers")]
    [InlineData("reconstruct ~/images.idx -m ~/images.elbo -o ~/x.png", "impute --hide")]
    [InlineData("classify ~/customers.csv -m ~/table.elbo", "no classifier")]
    [InlineData("diagnose ~/customers.csv -m ~/table.elbo --hard-rows 3", "--hard-rows is of models with a code")]
    [InlineData("sample -m ~/table.elbo -n 2 --steps 21", "from 1 to 20")]
    [InlineData("sample -m ~/table.elbo -n 2 --guidance 1", "--class")]
    [InlineData("sample -m ~/table.elbo -n 2 --fresh-noise 0.5", "--path implicit")]
    [InlineData("sample -m ~/images.elbo -n 2 -o ~/x.png --class 1", "without a label")]
    [InlineData("fit ~/customers.csv --steps 10", "--steps is of diffusion models")]
    [InlineData("fit ~/customers.csv --network unet", "--network unet is of diffusion models")]
    [InlineData("fit ~/customers.csv --model diffusion --network unet", "is for images")]
    [InlineData("fit ~/customers.csv --model diffusion --latent 3", "--latent is not for diffusion models")]
    [InlineData("fit ~/customers.csv --model diffusion --hidden 8,16", "as wide as each other")]
    [InlineData("fit ~/customers.csv --model diffusion --shades 4", "--shades are for images")]
    [InlineData("fit ~/customers.csv --model diffusion --objective simple --schedule learned", "bound alone")]
    [InlineData("fit ~/images.idx --model diffusion --filters 9", "multiples of 8")]
    [InlineData("fit ~/images.idx --model diffusion --column a=real", "--column is for tables")]
    public void What_makes_no_sense_says_so_and_what_to_do(string command, string message) => _line.Run(command.Split(' ')).Fails(message);
}
