using Elbo.Data;
using Elbo.Data.Pictures;
using Elbo.Images;

namespace Elbo.Cli.Tests;

/// <summary>Small images of bars, and a model that was fitted to them in haste.</summary>
public sealed class FittedBars : IDisposable
{
    public FittedBars()
    {
        Line = new CommandLine();
        NumpyWriter.Write(Line["bars.npy"], Bars(120, 1));
        NumpyWriter.Write(Line["others.npy"], Bars(30, 2));
        Fit = Line.Run("fit", "~/bars.npy", "-o", "~/bars.elbo", "--epochs", "3", "--latent", "3", "--hidden", "16", "--threads", "1", "--samples", "16").Succeeds();
    }

    internal CommandLine Line { get; }

    internal Outcome Fit { get; }

    public void Dispose() => Line.Dispose();

    /// <summary>A vertical bar and a horizontal one in 6 x 5 pixels, black and white or in shades.</summary>
    internal static ImageSet Bars(int count, int seed, bool isBinary = true)
    {
        var (random, pixels) = (new Random(seed), new byte[count * 30]);
        for (var i = 0; i < count; i++)
        {
            var (row, column) = (random.Next(6), random.Next(5));
            for (var p = 0; p < 30; p++)
                pixels[(30 * i) + p] = (byte)(p / 5 == row || p % 5 == column ? (isBinary ? 255 : 160 + random.Next(90)) : isBinary ? 0 : random.Next(40));
        }

        return new(6, 5, 1, pixels);
    }
}

public sealed class ImageTests(FittedBars fitted) : IClassFixture<FittedBars>
{
    private readonly CommandLine _line = fitted.Line;

    [Fact]
    public void Fit_shows_images_model_epochs_and_report()
    {
        var text = fitted.Fit.Out;
        Assert.Contains("120 images of 6 x 5 pixels, a NumPy array of uint8.", text);
        Assert.Contains("3 latent dimensions, hidden layers of 16 units, likelihood bernoulli, prior standard, posterior diagonal.", text);
        Assert.Contains("nats per image, of the held-out images", text);
        Assert.Contains("Trained on 108 images, 12 held out: 3 epochs", text);
        Assert.Contains("rows 1-2, columns 1-2", text);
        Assert.Contains("elbo sample -m", text);
    }

    [Fact]
    public void Info_shows_the_model_and_the_report_of_the_fit()
    {
        var text = _line.Run("info", "~/bars.elbo").Succeeds().Out;
        Assert.Contains("images of 6 x 5 pixels, fitted to 120 images", text);
        Assert.Contains("12 images held out from training", text);
        Assert.Contains(text.Split('\n').First(l => l.StartsWith("ELBO", StringComparison.Ordinal)), fitted.Fit.Out);
        var json = _line.Run("info", "~/bars.elbo", "--json").Succeeds().Events[0];
        Assert.Equal((120, 3, "bernoulli"), ((int)json["fittedImages"]!, (int)json["latent"]!, (string)json["likelihood"]!));
    }

    [Fact]
    public void Evaluate_says_when_the_images_were_trained_on()
    {
        var own = _line.Run("evaluate", "~/bars.npy", "-m", "~/bars.elbo", "--samples", "16", "--json").Succeeds().Events[0];
        var others = _line.Run("evaluate", "~/others.npy", "-m", "~/bars.elbo", "--samples", "16", "--json").Succeeds().Events[0];

        Assert.True((bool)own["isTrainingTable"]!);
        Assert.False((bool)others["isTrainingTable"]!);
        Assert.Equal(30, (int)others["rowCount"]!);
        Assert.Equal((double)others["elbo"]!, (double)others["reconstruction"]! - (double)others["kl"]!, 9);
        Assert.Contains("flatter", _line.Run("evaluate", "~/bars.npy", "-m", "~/bars.elbo", "--samples", "1").Succeeds().Error);
    }

    [Fact]
    public void Encode_and_score_have_a_row_for_each_image_under_the_name_of_its_file()
    {
        Directory.CreateDirectory(_line["pictures"]);
        for (var i = 0; i < 3; i++)
            PngWriter.Write(_line[$"pictures/{i}.png"], FittedBars.Bars(3, 4), i);

        var codes = _line.Run("encode", "~/pictures", "-m", "~/bars.elbo").Succeeds().Lines;
        var scores = _line.Run("score", "~/pictures", "-m", "~/bars.elbo", "--samples", "16").Succeeds().Lines;

        Assert.Equal("image,z1,z2,z3,z1_sd,z2_sd,z3_sd", codes[0]);
        Assert.Equal(["0.png", "1.png", "2.png"], codes.Skip(1).Select(l => l.Split(',')[0]));
        Assert.Equal("row,image,iwae,elbo", scores[0]);
        var bounds = scores.Skip(1).Select(l => double.Parse(l.Split(',')[2], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(bounds.Order(), bounds);
        Assert.Equal("row,iwae,elbo", _line.Run("score", "~/others.npy", "-m", "~/bars.elbo", "--samples", "16").Succeeds().Lines[0]);
    }

    [Fact]
    public void Samples_go_into_a_picture_or_an_array_and_depend_on_the_seed_alone()
    {
        _line.Run("sample", "-m", "~/bars.elbo", "-n", "9", "-o", "~/nine.png").Succeeds();
        var picture = ImageReader.Read(_line["nine.png"]).Images;
        Assert.Equal((1, ((6 + 2) * 3 + 2) * 6), (picture.Count, picture.Height));

        _line.Run("sample", "-m", "~/bars.elbo", "-n", "9", "-o", "~/a.npy", "--seed", "3", "--threads", "1").Succeeds();
        _line.Run("sample", "-m", "~/bars.elbo", "-n", "9", "-o", "~/b.npy", "--seed", "3", "--threads", "2").Succeeds();
        _line.Run("sample", "-m", "~/bars.elbo", "-n", "9", "-o", "~/c.npy", "--seed", "4", "--means").Succeeds();
        Assert.Equal(File.ReadAllBytes(_line["a.npy"]), File.ReadAllBytes(_line["b.npy"]));
        Assert.True(ImageReader.Read(_line["a.npy"]).Images.IsBinary);
        Assert.False(ImageReader.Read(_line["c.npy"]).Images.IsBinary);
        _line.Run("sample", "-m", "~/bars.elbo", "-n", "2").Fails("-o FILE.png");
        _line.Run("sample", "-m", "~/bars.elbo", "-n", "2", "-o", "~/x.csv").Fails(".npy");
    }

    [Fact]
    public void Reconstructions_stand_below_their_images()
    {
        _line.Run("reconstruct", "~/others.npy", "-m", "~/bars.elbo", "-o", "~/pairs.png", "-n", "10").Succeeds();
        _line.Run("reconstruct", "~/others.npy", "-m", "~/bars.elbo", "-o", "~/seen.npy").Succeeds();

        var (picture, others, seen) = (ImageReader.Read(_line["pairs.png"]).Images, ImageReader.Read(_line["others.npy"]).Images, ImageReader.Read(_line["seen.npy"]).Images);
        Assert.Equal(others.Count, seen.Count);
        // The first pixel of the last image of the row, and of its reconstruction, six pixels wide each.
        int At(int row) => ((((row * 8) + 2) * 6 * picture.Width) + (((9 * 7) + 2) * 6));
        Assert.Equal((others.Pixels(9)[0], seen.Pixels(9)[0]), (picture.Pixels(0)[At(0)], picture.Pixels(0)[At(1)]));
    }

    [Theory]
    [InlineData("--prior mixture:3 --importance 3", "prior mixture:3", "importance-weighted bound of 3 draws")]
    [InlineData("--prior flow:2 --posterior flow:2 --decay cosine", "posterior flow:2", "ELBO")]
    [InlineData("--prior vamp:5 --free-bits 0.1 --average 5", "prior vamp:5", "ELBO")]
    [InlineData("--posterior full --capacity 2", "posterior full", "ELBO")]
    [InlineData("--network convolutional --filters 4,8 --hidden 12", "convolutions of 4, 8 channels and a layer of 12 units", "ELBO")]
    [InlineData("--likelihood continuous-bernoulli --constrain squared-error=0.1", "likelihood continuous-bernoulli", "ELBO")]
    [InlineData("--likelihood bernoulli --binarise threshold --validation ~/others-grey.npy", "black and white by one half", "ELBO")]
    [InlineData("--layers 3,2 --hidden 8 --importance 2", "latent layers of 3, 2 numbers, hidden layers of 8 units", "importance-weighted")]
    public void Parts_are_asked_for_saved_and_gone_on_with_to_the_same_bits(string options, string model, string objective)
    {
        NumpyWriter.Write(_line["grey.npy"], FittedBars.Bars(60, 3, isBinary: false));
        NumpyWriter.Write(_line["others-grey.npy"], FittedBars.Bars(20, 4, isBinary: false));
        var data = options.Contains("continuous", StringComparison.Ordinal) || options.Contains("binarise", StringComparison.Ordinal) ? "~/grey.npy" : "~/bars.npy";
        string[] Command(string name, int epochs) => ["fit", data, "-o", $"~/{name}.elbo", .. options.Contains("layers", StringComparison.Ordinal) ? Array.Empty<string>() : ["--latent", "2"], "--batch", "30", "--samples", "2", "--epochs", $"{epochs}", .. options.Split(' ')];

        // The rate falls over the epochs, so they are asked for from the start.
        var isFalling = options.Contains("decay", StringComparison.Ordinal);
        _line.Run(Command("whole", 4)).Succeeds();
        if (isFalling)
            Assert.Equal(130, _line.RunInterruptedAt("\"epoch\":2,", [.. Command("parts", 4), "--json"]).Code);
        else
            _line.Run(Command("parts", 2)).Succeeds();
        _line.Run([.. Command("parts", 4), "--resume"]).Succeeds();

        foreach (var entry in new[] { "weights.safetensors", "checkpoint.safetensors", "checkpoint.json" })
            Assert.Equal(_line.ReadEntry("whole.elbo", entry), _line.ReadEntry("parts.elbo", entry));
        var info = _line.Run("info", "~/parts.elbo").Succeeds().Out;
        Assert.Contains(model, info);
        Assert.Contains(objective, info);
        _line.Run("sample", "-m", "~/parts.elbo", "-n", "2", "-o", "~/two.npy").Succeeds();
    }

    [Fact]
    public void A_constraint_is_told_in_epochs_and_at_the_end()
    {
        string[] command = ["fit", "~/bars.npy", "-o", "~/constrained.elbo", "--latent", "2", "--epochs", "2", "--samples", "2", "--constrain", "squared-error=0.05"];
        Assert.Matches("squared error is 0.[0-9]+[, ]", _line.Run(command).Succeeds().Out);
        var epoch = _line.Run([.. command, "--json"]).Succeeds().Events.First(e => (string)e["event"]! == "epoch");
        Assert.Equal(0.05, (double)epoch["constraint"]!["limit"]!);
    }

    [Fact]
    public void Json_begins_with_the_images()
    {
        var events = _line.Run("fit", "~/bars.npy", "-o", "~/json.elbo", "--epochs", "1", "--latent", "2", "--samples", "2", "--json").Succeeds().Events;
        Assert.Equal(["images", "epoch", "result"], events.Select(e => (string)e["event"]!));
        Assert.Equal((120, 6, 5, 1), ((int)events[0]["images"]!, (int)events[0]["height"]!, (int)events[0]["width"]!, (int)events[0]["channels"]!));
    }

    [Fact]
    public void A_broadcast_network_is_fitted_and_said()
    {
        _line.Run("fit", "~/bars.npy", "-o", "~/broadcast.elbo", "--network", "broadcast", "--filters", "3,4", "--hidden", "5", "--epochs", "1", "--latent", "2", "--samples", "2").Succeeds();
        var words = string.Join(' ', _line.Run("info", "~/broadcast.elbo").Succeeds().Lines);
        Assert.Contains("convolutions of 3, 4 channels, a layer of 5 units, and a decoder of layers of 32, 32, 32 units at each place", words, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        _line.Write("t.csv", "a,b\n1.5,2\n2.5,1\n3.5,4\n");
        NumpyWriter.Write(_line["wide.npy"], new ImageSet(2, 3, 1, new byte[60]));
        NumpyWriter.Write(_line["grey2.npy"], FittedBars.Bars(5, 3, isBinary: false));
        _line.Run("fit", "~/bars.npy", "--column", "a=real").Fails("--column is for tables");
        _line.Run("fit", "~/t.csv", "--network", "convolutional").Fails("--network is for images");
        _line.Run("fit", "~/bars.npy", "--likelihood", "poisson").Fails("images have one of bernoulli");
        _line.Run("fit", "~/bars.npy", "--prior", "mixture:0").Fails("--prior is 'mixture:0'");
        _line.Run("fit", "~/bars.npy", "--filters", "3", "--network", "mlp").Fails("--filters");
        _line.Run("fit", "~/bars.npy", "--validation", "~/others.npy", "--holdout", "0.2").Fails("--holdout and --validation");
        _line.Run("fit", "~/bars.npy", "--free-bits", "1", "--capacity", "3").Fails("choose one");
        _line.Run("fit", "~/bars.npy", "-o", "~/bars.elbo", "--resume", "--latent", "7", "--prior", "flow").Fails("--latent is 7, the model has 3", "--prior is flow:6, the model has standard");
        _line.Run("fit", "~/bars.npy", "-o", "~/bars.elbo", "--resume", "--layers", "3,2").Fails("latent layers of 3, 2 numbers", "the model has of one latent layer");
        _line.Run("fit", "~/bars.npy", "--network", "broadcast", "--hidden", "8,8").Fails("--hidden", "one layer");
        _line.Run("fit", "~/bars.npy", "--network", "broadcast", "--layers", "3,2").Fails("--layers are of fully connected networks");
        _line.Run("fit", "~/bars.npy", "--network", "ladder", "--latent", "3").Fails("one latent layer");
        _line.Run("fit", "~/bars.npy", "--network", "ladder", "--posterior", "flow").Fails("--posterior", "diagonal or full");
        _line.Run("fit", "~/bars.npy", "--layers", "3,2", "--posterior", "full").Fails("--posterior", "--layers");
        _line.Run("fit", "~/others.npy", "-o", "~/bars.elbo", "--resume").Fails("these are not the images");
        _line.Run("fit", "~/t.csv", "-o", "~/bars.elbo", "--resume").Fails("not a model of a table");
        _line.Run("evaluate", "~/wide.npy", "-m", "~/bars.elbo").Fails("2 x 3 pixels");
        _line.Run("evaluate", "~/grey2.npy", "-m", "~/bars.elbo").Fails("shades");
        _line.Run("impute", "~/bars.npy", "-m", "~/bars.elbo").Fails("elbo reconstruct");
    }

    [Fact]
    public void A_ladder_has_correlations_in_its_layers_and_goes_on_with_them()
    {
        string[] fit = ["fit", "~/bars.npy", "-o", "~/ladder.elbo", "--network", "ladder", "--samples", "2", "--threads", "1"];
        Assert.Contains("all correlations", _line.Run([.. fit, "--posterior", "full", "--epochs", "1"]).Succeeds().Out);
        Assert.Contains("all correlations", _line.Run("info", "~/ladder.elbo").Succeeds().Out);
        _line.Run([.. fit, "--resume", "--epochs", "3"]).Fails("latent layers", "the model has");
        _line.Run([.. fit, "--resume", "--posterior", "full", "--epochs", "2"]).Succeeds();
        _line.Run("sample", "-m", "~/ladder.elbo", "--rows", "3", "-o", "~/ladder.npy").Succeeds();
    }

    [Fact]
    public void A_table_has_the_same_priors_and_posteriors()
    {
        _line.Run("simulate", "factors", "--rows", "100", "-o", "~/factors.csv").Succeeds();
        string[] parts = ["--prior", "mixture:3", "--posterior", "full", "--importance", "2"];
        _line.Run(["fit", "~/factors.csv", "-o", "~/factors.elbo", "--epochs", "2", "--hidden", "8", "--samples", "2", .. parts]).Succeeds();
        Assert.Contains("prior mixture:3, posterior full", _line.Run("info", "~/factors.elbo").Succeeds().Out);
        _line.Run(["fit", "~/factors.csv", "-o", "~/factors.elbo", "--epochs", "3", "--samples", "2", "--resume", .. parts]).Succeeds();
        _line.Run("fit", "~/factors.csv", "-o", "~/factors.elbo", "--resume", "--prior", "flow").Fails("--prior is flow:6");
        _line.Run("impute", "~/factors.csv", "-m", "~/factors.elbo", "--samples", "2").Succeeds();
    }
}
