using Elbo.Conjugate;
using Elbo.Distributions;
using Elbo.Inference;
using Elbo.Optimisers;
using Elbo.Programs;
using Elbo.Recording;
using Elbo.Texts;
using static Elbo.Distributions.Distribution;

namespace Elbo.Tests.Recording;

public sealed class PosteriorRecordingTests
{
    private static readonly double[] Data = [1.2, 0.7, 2.1, 1.6, 0.9];

    // A normal mean with a known scale of 1 and a prior N(0, 2²): the posterior is normal with precision n + 1/4.
    private static Model Normals { get; } = Model.Define(m =>
    {
        var mu = m.Sample("mu", Normal(0, 2));
        using var plate = m.Plate("row", Data.Length);
        m.Observe("y", Normal(mu, 1), Data);
    });

    [Fact]
    public void A_posterior_is_told_with_its_prior_its_predictions_and_its_certificate()
    {
        var heard = new Heard();
        using var posterior = Normals.Fit(options: new() { Recorder = heard, Threads = 1 });
        using var plain = Normals.Fit(options: new() { Threads = 1 });
        Assert.Equal(plain.Draw(100)["mu"].ToArray(), posterior.Draw(100)["mu"].ToArray());

        Assert.Equal("model", Assert.IsType<FitStarted>(heard.Events[0]).Kind);
        Assert.Equal(FitOutcome.Finished, Assert.IsType<FitEnded>(heard.Events[^1]).Outcome);
        Assert.Equal(posterior.Steps, heard.All<StepsTaken>().Sum(s => s.Count));
        Assert.Equal(posterior.Certificate.Elbo, heard.All<FitCertified>().Single().Certificate.Elbo);

        var numbers = heard.Table(FitTableKind.Posterior);
        var (precision, sum) = (Data.Length + 0.25, Data.Sum());
        Assert.Equal(["mu"], numbers.Words("name"));
        Assert.Equal(sum / precision, numbers.Numbers("mean")[0], 0.02);
        Assert.Equal(1 / Math.Sqrt(precision), numbers.Numbers("sd")[0], 0.02);
        Assert.Equal(0, numbers.Numbers("prior mean")[0], 0.2);
        Assert.Equal(2, numbers.Numbers("prior sd")[0], 0.15);
        Assert.Equal(-1.645 * 2, numbers.Numbers("prior q05")[0], 0.4);

        var predicted = heard.Table(FitTableKind.Predictive);
        Assert.Equal(["y[0]", "y[1]", "y[2]", "y[3]", "y[4]"], predicted.Words("name"));
        Assert.Equal(Data, predicted.Numbers("data"));
        // Predictions are N(mean, 1 + 1/precision) alike for all: the share below is the distribution function.
        var spread = Math.Sqrt(1 + 1 / precision);
        Assert.All(Data.Zip(predicted.Numbers("rank")), pair => Assert.Equal(MathNet.Numerics.Distributions.Normal.CDF(sum / precision, spread, pair.First), pair.Second, 0.08));
        Assert.All(predicted.Numbers("q95"), q => Assert.Equal(sum / precision + 1.645 * spread, q, 0.25));
    }

    [Fact]
    public void A_prior_that_cannot_be_drawn_from_is_left_out()
    {
        var heard = new Heard();
        var flat = Model.Define(m =>
        {
            var mu = m.Sample("mu", Flat(Support.Real));
            using var plate = m.Plate("row", Data.Length);
            m.Observe("y", Normal(mu, 1), Data);
        });
        using var posterior = flat.Fit(options: new() { Recorder = heard, Threads = 1 });
        Assert.Equal(double.NaN, heard.Table(FitTableKind.Posterior).Numbers("prior mean")[0]);
        Assert.Equal(Data.Average(), heard.Table(FitTableKind.Posterior).Numbers("mean")[0], 0.02);
    }

    [Fact]
    public void Steps_of_an_optimiser_that_holds_draws_are_told_too()
    {
        var heard = new Heard();
        using var posterior = Normals.Fit(options: new() { Recorder = heard, Optimiser = Optimiser.Lbfgs(), Threads = 1 });
        Assert.Equal(posterior.Steps, heard.All<StepsTaken>().Sum(s => s.Count));
        Assert.True(heard.All<StepsTaken>().Last().Elbo <= posterior.Certificate.Evidence.Value + 0.1);
    }

    [Fact]
    public void A_model_that_cannot_be_fitted_says_why()
    {
        var heard = new Heard();
        var mistake = Assert.Throws<ModelException>(() => Model.Define(m => m.Observe("y", Normal(0, 1), 1.0)).Fit(options: new() { Recorder = heard }));
        Assert.Equal((FitOutcome.Failed, mistake.Message), heard.Events[^1] is FitEnded ended ? (ended.Outcome, ended.Message) : default);
    }

    [Fact]
    public void Sweeps_of_closed_forms_are_told_one_by_one()
    {
        var heard = new Heard();
        double[,] rows = { { 0.1, 0.2 }, { 0.0, -0.1 }, { 0.2, 0.1 }, { 5.1, 5.0 }, { 4.9, 5.2 }, { 5.0, 4.8 }, { -0.2, 0.1 }, { 5.2, 5.1 } };
        using var mixture = new GaussianMixture(2).Fit(rows, new() { Recorder = heard, Starts = 2, Threads = 1 });
        Assert.Equal([1, 2], heard.All<SweepEnded>().Select(s => s.Start).Distinct());
        foreach (var start in heard.All<SweepEnded>().GroupBy(s => s.Start))
        {
            Assert.Equal(Enumerable.Range(1, start.Count()), start.Select(s => s.Sweep));
            Assert.All(start.Zip(start.Skip(1)), pair => Assert.True(pair.Second.Elbo >= pair.First.Elbo - 1e-9));
        }
        mixture.Show(heard);
        Assert.NotEmpty(heard.All<FitCertified>());
    }

    [Fact]
    public void Topics_are_told_with_their_words()
    {
        var heard = new Heard();
        string[] texts = ["cat dog cat bird", "dog bird cat dog", "bond share fund bond", "share fund bond share", "cat bird dog", "fund share bond"];
        var vocabulary = Vocabulary.Of(texts, new() { MinimumTexts = 1, MaximumShare = 1 });
        var counts = vocabulary.CountsOf(texts);
        var model = new LatentDirichletAllocation(2).Fit(counts, vocabulary, new() { Recorder = heard, Starts = 1 });
        Assert.Equal(model.Starts[0].History, heard.All<SweepEnded>().Select(s => s.Elbo));
        var topics = heard.Table(FitTableKind.Topics);
        Assert.Equal([1, 2], topics.Numbers("topic").Distinct().Order());
        Assert.Equal(model.TopWords(0, 1)[0].Text, topics.Words("word")[0]);
        Assert.Equal(("topics", FitOutcome.Finished), (heard.All<FitStarted>().Single().Kind, heard.All<FitEnded>().Single().Outcome));
    }
}
