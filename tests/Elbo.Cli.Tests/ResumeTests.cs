namespace Elbo.Cli.Tests;

public sealed class ResumeTests : IDisposable
{
    private static readonly string[] Settings = ["--hidden", "8", "--warm-up", "2", "--samples", "4", "--seed", "5"];

    private readonly CommandLine _line = new();

    public ResumeTests() => _line.Run("simulate", "customers", "--rows", "200", "-o", "~/t.csv").Succeeds();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Going_on_ends_in_the_same_bits_as_never_stopping_whatever_the_threads()
    {
        Fit("whole", "--epochs", "6", "--threads", "1");
        Fit("parts", "--epochs", "2", "--threads", "2");
        Fit("parts", "--epochs", "3", "--threads", "1", "--resume");
        Fit("parts", "--epochs", "6", "--threads", "2", "--resume");
        AssertSame("whole.elbo", "parts.elbo");
    }

    [Fact]
    public void An_interrupted_fit_saves_says_how_to_go_on_and_goes_on_to_the_same_bits()
    {
        Fit("whole", "--epochs", "5");
        var stopped = _line.RunInterruptedAt("\"epoch\":2,", ["fit", "~/t.csv", "-o", "~/parts.elbo", "--epochs", "5", "--json", .. Settings]);
        Assert.Equal(130, stopped.Code);
        Assert.Contains("interrupted after epoch 2", stopped.Error);
        Assert.Contains("--resume", stopped.Error);
        Assert.Contains("interrupted: 'elbo fit DATA --resume' goes on", _line.Run("info", "~/parts.elbo").Succeeds().Out);
        _line.Run("impute", "~/t.csv", "-m", "~/parts.elbo", "--samples", "1").Succeeds();

        Fit("parts", "--resume");
        AssertSame("whole.elbo", "parts.elbo");
        Assert.Equal(["parts.elbo", "t.csv", "whole.elbo"], _line.Files);
    }

    [Fact]
    public void With_nothing_left_to_do_the_model_stays_and_the_report_is_shown()
    {
        var first = Fit("m", "--epochs", "2");
        var again = Fit("m", "--resume");
        Assert.Contains("had reached its 2 epochs", again.Error);
        var elbo = first.Lines.First(l => l.StartsWith("ELBO", StringComparison.Ordinal));
        Assert.Contains(elbo, again.Lines);
    }

    [Fact]
    public void Repeating_the_first_command_with_resume_goes_on()
    {
        string[] command = ["fit", "~/t.csv", "-o", "~/m.elbo", "--latent", "3", "--batch", "50", "--likelihood", "student-t", "--column", "satisfaction=ordinal:low<medium<high", .. Settings];
        _line.Run([.. command, "--epochs", "1"]).Succeeds();
        _line.Run([.. command, "--epochs", "2", "--resume"]).Succeeds();
        Assert.Contains("Trained for 2 epochs", _line.Run("info", "~/m.elbo").Out);
    }

    [Fact]
    public void More_patience_lets_a_finished_training_go_on()
    {
        Fit("m", "--epochs", "60", "--patience", "1", "--learning-rate", "0.05");
        var state = _line.Run("info", "~/m.elbo", "--json").Events[0];
        Assert.True((int)state["epochs"]! < 60);
        var more = _line.Run("fit", "~/t.csv", "-o", "~/m.elbo", "--patience", "1000", "--epochs", ((int)state["epochs"]! + 2).ToString(), "--resume", "--samples", "4").Succeeds();
        Assert.Contains($"{(int)state["epochs"]! + 2} epochs", more.Out);
    }

    [Theory]
    [InlineData("--latent 3", "--latent is 3, the model has 5")]
    [InlineData("--hidden 4,4", "--hidden is 4,4, the model has 8")]
    [InlineData("--seed 1", "--seed is 1, the model has 5")]
    [InlineData("--batch 7", "--batch is 7, the model has the default")]
    [InlineData("--holdout 0.25", "--holdout is 0.25")]
    [InlineData("--learning-rate 1", "--learning-rate is 1")]
    [InlineData("--likelihood age=student-t", "--likelihood of 'age' is student-t, the model has gaussian")]
    [InlineData("--column orders=real", "are not those of the model")]
    public void Other_options_are_refused(string options, string message)
    {
        Fit("m", "--epochs", "1");
        var before = File.ReadAllBytes(_line["m.elbo"]);
        _line.Run(["fit", "~/t.csv", "-o", "~/m.elbo", "--resume", .. options.Split(' ')]).Fails("m.elbo", message, "without --resume");
        Assert.Equal(before, File.ReadAllBytes(_line["m.elbo"]));
    }

    [Fact]
    public void Another_table_is_refused()
    {
        Fit("m", "--epochs", "1");
        _line.Write("other.csv", _line.Read("t.csv").Replace("Germany", "France", StringComparison.Ordinal));
        _line.Run("fit", "~/other.csv", "-o", "~/m.elbo", "--resume").Fails("other.csv", "not the table", "fit anew");
        _line.Run("fit", "~/t.csv", "-o", "~/none.elbo", "--resume").Fails("none.elbo", "no such file");
    }

    private Outcome Fit(string name, params string[] options) =>
        _line.Run(["fit", "~/t.csv", "-o", $"~/{name}.elbo", .. options, .. Settings]).Succeeds();

    private void AssertSame(string a, string b)
    {
        foreach (var entry in new[] { "weights.safetensors", "checkpoint.safetensors", "checkpoint.json" })
            Assert.Equal(_line.ReadEntry(a, entry), _line.ReadEntry(b, entry));
    }
}
