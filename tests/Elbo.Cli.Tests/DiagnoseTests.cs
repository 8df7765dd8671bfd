using System.Text.Json.Nodes;
using Elbo.Data;

namespace Elbo.Cli.Tests;

public sealed class DiagnoseTests(FittedBars fitted) : IClassFixture<FittedBars>
{
    private static readonly string[] Small = ["--samples", "8", "--hard-rows", "3", "--temperatures", "8"];

    private readonly CommandLine _line = fitted.Line;

    [Fact]
    public void Images_are_examined_by_every_instrument()
    {
        NumpyWriter.Write(_line["many.npy"], FittedBars.Bars(120, 7));
        var outcome = _line.Run(["diagnose", "~/many.npy", "-m", "~/bars.elbo", "--training", "~/bars.npy", .. Small]).Succeeds();

        Assert.Contains("120 images that it was not trained on", outcome.Out);
        foreach (var part in new[]
        {
            "costs most, and has since epoch", "least is explained of rows", "most is paid for z", "In training, from epoch", "dimensions are active", "total correlation", "amortisation",
            "that the model made itself", "(guaranteed", "(estimated", "Fréchet", "precision", "training rows", "independent numbers",
        })
            Assert.Contains(part, outcome.Out);
        Assert.Contains("Looking at samples", outcome.Error);
    }

    [Fact]
    public void Numbers_for_machines_add_up_and_depend_on_the_seed_alone()
    {
        string[] command = ["diagnose", "~/bars.npy", "-m", "~/bars.elbo", "--json", .. Small];
        var outcome = _line.Run(command).Succeeds();
        var json = Assert.Single(outcome.Events);

        Assert.Equal("", outcome.Error);
        Assert.Equal("diagnosis", (string)json["event"]!);
        // The 12 images that were held out of the 120, of which the seed tells.
        Assert.Equal((12, false), ((int)json["rowCount"]!, (bool)json["areTrainedOn"]!));
        Assert.Equal((double)json["elbo"]!, (double)json["reconstruction"]! - (double)json["kl"]!, 9);
        double Of(JsonNode node) => (double)node["value"]!;
        var split = json["split"]!;
        Assert.Equal(Of(split["divergence"]!), Of(split["information"]!) + Of(split["marginal"]!), 6);
        Assert.Equal(Of(split["marginal"]!), Of(split["totalCorrelation"]!) + Of(split["dimensionWise"]!), 6);
        var gap = json["amortisationGap"]!;
        Assert.Equal(3, (int)gap["rows"]!);
        Assert.Equal(Of(gap["total"]!), Of(gap["approximation"]!) + Of(gap["amortisation"]!), 6);
        Assert.True((bool)json["simulated"]!["totalVariation"]!["isGuaranteed"]!);
        Assert.Null(json["samples"]);
        Assert.Contains("at least 40", (string)json["notes"]![0]!);
        Assert.Equal(outcome.Out, _line.Run([.. command, "--threads", "1"]).Out);
    }

    [Fact]
    public void The_held_out_bound_is_the_one_of_the_fit()
    {
        // The same rows and, as draws go by place, nearly the same draws: what fit reported.
        var info = _line.Run("info", "~/bars.elbo", "--json").Succeeds().Events[0]["report"]!;
        var json = _line.Run("diagnose", "~/bars.npy", "-m", "~/bars.elbo", "--json", "--hard-rows", "0", "--samples", "64").Succeeds().Events[0];

        Assert.Equal((int)info["rowCount"]!, (int)json["rowCount"]!);
        Assert.Equal((double)info["kl"]!, (double)json["kl"]!, 1e-4);
        Assert.Null(json["amortisationGap"]);
    }

    [Fact]
    public void A_model_without_a_diagonal_posterior_says_what_was_left_out()
    {
        _line.Run("fit", "~/bars.npy", "-o", "~/full.elbo", "--epochs", "1", "--latent", "2", "--hidden", "8", "--samples", "2", "--posterior", "full", "--prior", "mixture:2").Succeeds();

        var outcome = _line.Run(["diagnose", "~/others.npy", "-m", "~/full.elbo", .. Small]).Succeeds();

        Assert.Contains("The divergence is not split", outcome.Out);
        Assert.Contains("amortisation", outcome.Out);
    }

    [Fact]
    public void A_table_is_examined_too()
    {
        _line.Run("simulate", "factors", "--rows", "300", "-o", "~/f.csv").Succeeds();
        _line.Run("simulate", "factors", "--rows", "80", "--seed", "2", "-o", "~/g.csv").Succeeds();
        _line.Run("fit", "~/f.csv", "-o", "~/f.elbo", "--epochs", "3", "--hidden", "8", "--samples", "2").Succeeds();

        var text = _line.Run(["diagnose", "~/g.csv", "-m", "~/f.elbo", "--training", "~/f.csv", .. Small]).Succeeds().Out;
        var holes = _line.Run("simulate", "sensors", "--rows", "60", "-o", "~/s.csv").Succeeds();
        _line.Run("fit", "~/s.csv", "-o", "~/s.elbo", "--epochs", "1", "--hidden", "8", "--samples", "2").Succeeds();
        var sensors = _line.Run(["diagnose", "~/s.csv", "-m", "~/s.elbo", .. Small]).Succeeds().Out;

        Assert.Contains("80 rows that it was not trained on", text);
        foreach (var part in new[] { "dimensions are active", "amortisation", "that the model made itself", "training rows" })
            Assert.Contains(part, text);
        Assert.Contains("Samples are not compared with data", sensors);
        Assert.Equal("", holes.Out);
    }

    [Fact]
    public void Rows_are_drawn_where_there_are_many()
    {
        var outcome = _line.Run("diagnose", "~/others.npy", "-m", "~/bars.elbo", "-n", "10", "--hard-rows", "0", "--samples", "2").Succeeds();
        Assert.Contains("10 images that it was not trained on, drawn from 30", outcome.Out);
        _line.Run("diagnose", "~/others.npy", "-m", "~/bars.elbo", "-n", "0").Fails("--rows is '0'");
    }
}
