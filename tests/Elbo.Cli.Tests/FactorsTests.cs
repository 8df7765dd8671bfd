using Elbo.Data;

namespace Elbo.Cli.Tests;

/// <summary>From simulated sprites to a model whose codes are scored against their factors and shown.</summary>
public sealed class FittedSprites : IDisposable
{
    public FittedSprites()
    {
        Line = new CommandLine();
        Line.Run("simulate", "sprites", "-o", "~/sprites.npy", "-n", "200", "--seed", "2").Succeeds();
        Fit = Line.Run("fit", "~/sprites.npy", "-o", "~/sprites.elbo", "--disentangle", "tc=6", "--epochs", "2", "--latent", "3", "--hidden", "8", "--threads", "1", "--samples", "4").Succeeds();
    }

    internal CommandLine Line { get; }

    internal Outcome Fit { get; }

    public void Dispose() => Line.Dispose();
}

public sealed class FactorsTests(FittedSprites fitted) : IClassFixture<FittedSprites>
{
    private const string Plain = "The ELBO reported is the plain one";

    private readonly CommandLine _line = fitted.Line;

    [Fact]
    public void Every_report_of_the_bound_says_that_training_weighted_it()
    {
        Assert.Contains("6 times the total correlation", fitted.Fit.Out);
        Assert.Contains(Plain, fitted.Fit.Out);
        Assert.DoesNotContain("the bound that was maximised", fitted.Fit.Out);
        Assert.Contains(Plain, _line.Run("info", "~/sprites.elbo").Succeeds().Out);
        Assert.Contains(Plain, (string)_line.Run("info", "~/sprites.elbo", "--json").Succeeds().Events[0]["weighted"]!);
        Assert.Contains(Plain, _line.Run("evaluate", "~/sprites.npy", "-m", "~/sprites.elbo", "--samples", "4").Succeeds().Out);
        Assert.Contains(Plain, _line.Run("diagnose", "~/sprites.npy", "-m", "~/sprites.elbo", "--samples", "4", "--hard-rows", "0", "--rows", "30").Succeeds().Out);
    }

    [Fact]
    public void Codes_are_scored_against_the_table_of_their_factors()
    {
        var text = _line.Run("factors", "~/sprites.npy", "-m", "~/sprites.elbo", "--factors", "~/sprites.csv", "--cyclic", "rotation").Succeeds().Out;
        foreach (var word in (string[])["MIG", "DCI completeness", "SAP", "FactorVAE", "chance is 0.200", "shape", "rotation"])
            Assert.Contains(word, text);
        var json = _line.Run("factors", "~/sprites.npy", "-m", "~/sprites.elbo", "--factors", "~/sprites.csv", "--rows", "150", "--json").Succeeds().Events[0];
        Assert.Equal(150, (int)json["rows"]!);
        Assert.InRange((double)json["mig"]!, 0, 1);
        Assert.Equal(5, json["factors"]!.AsArray().Count);
        Assert.Equal(3, json["factors"]![0]!["information"]!.AsArray().Count);
    }

    [Fact]
    public void Each_latent_number_has_a_row_of_images()
    {
        _line.Run("traverse", "-m", "~/sprites.elbo", "-o", "~/grid.png", "--latents", "1,3", "--steps", "5").Succeeds();
        var picture = ImageReader.Read(_line["grid.png"]).Images;
        Assert.Equal((1, (64 + 2) * 2 + 2, (64 + 2) * 5 + 2), (picture.Count, picture.Height, picture.Width));
        _line.Run("traverse", "-m", "~/sprites.elbo", "-o", "~/from.npy", "--from", "~/sprites.npy", "--image", "4", "--latents", "2", "--steps", "3", "--reach", "1").Succeeds();
        Assert.Equal(3, ImageReader.Read(_line["from.npy"]).Images.Count);
    }

    [Theory]
    [InlineData("beta=2")]
    [InlineData("capacity=5")]
    [InlineData("factor=10")]
    [InlineData("dip=5")]
    [InlineData("dip2=5")]
    public void Every_way_to_disentangle_trains_and_goes_on(string how)
    {
        var file = $"~/{how[..how.IndexOf('=')]}.elbo";
        _line.Run("fit", "~/sprites.npy", "-o", file, "--disentangle", how, "--epochs", "1", "--latent", "2", "--hidden", "4", "--threads", "1", "--samples", "2").Succeeds();
        Assert.Contains(Plain, _line.Run("fit", "~/sprites.npy", "-o", file, "--resume", "--epochs", "2", "--threads", "1", "--samples", "2").Succeeds().Out);
    }

    [Fact]
    public void What_cannot_be_is_said_with_a_remedy()
    {
        _line.Write("short.csv", "shape,size\nsquare,1\nheart,2\n");
        _line.Write("names.csv", string.Concat("shape,size\n", string.Concat(Enumerable.Range(0, 200).Select(i => i == 3 ? "square,\n" : $"{(i % 2 == 0 ? "square" : "heart")},{i % 5}\n"))));
        _line.Run("factors", "~/sprites.npy", "-m", "~/sprites.elbo", "--factors", "~/short.csv").Fails("2 rows", "in the same order");
        _line.Run("factors", "~/sprites.npy", "-m", "~/sprites.elbo", "--factors", "~/names.csv").Fails("size", "without a value");
        _line.Run("factors", "~/sprites.npy", "-m", "~/sprites.elbo", "--factors", "~/sprites.csv", "--cyclic", "rotaton").Fails("did you mean 'rotation'");
        _line.Run("fit", "~/sprites.npy", "--disentangle", "magic=3").Fails("beta=X", "as in tc=6");
        _line.Run("fit", "~/sprites.npy", "--disentangle", "tc=0").Fails("above 0");
        _line.Run("fit", "~/sprites.npy", "--disentangle", "tc=2", "--free-bits", "1").Fails("choose one");
        _line.Run("fit", "~/sprites.npy", "--disentangle", "tc=2", "--importance", "5").Fails("leave --importance out");
        _line.Run("fit", "~/sprites.npy", "-o", "~/x.elbo", "--disentangle", "tc=2", "--posterior", "flow").Fails("CodePosterior.Diagonal");
        _line.Run("traverse", "-m", "~/sprites.elbo", "-o", "~/x.png", "--latents", "9").Fails("3 latent dimensions");
        _line.Run("traverse", "-m", "~/sprites.elbo", "-o", "~/x.png", "--image", "2").Fails("--from");
        _line.Run("traverse", "-m", "~/sprites.elbo", "-o", "~/x.png", "--from", "~/sprites.npy", "--image", "999").Fails("200 images");
        _line.Run("simulate", "sprites", "-n", "5").Fails("-o FILE.npy");
        _line.Run("simulate", "sprites", "-o", "~/x.npy", "--missing", "0.1").Fails("Leave it out");
        _line.Run("simulate", "sprites", "-o", "~/x.npy", "-n", "600000").Fails("at most 524,287");
        _line.Run("simulate", "sprits", "-o", "~/x.npy").Fails("did you mean 'sprites'");
        _line.Run("simulate", "customers", "-o", "~/x.csv", "--factors", "~/y.csv").Fails("sprites");
    }
}
