using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Images;
using Elbo.Models;
using Elbo.Networks;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Tests.Diagnostics;

/// <summary>Instruments that ask a model themselves give what they give of its numbers.</summary>
public sealed class ModelInstrumentTests
{
    private static readonly ImageSet Training = OneBit(1200, 1);
    private static readonly ImageSet HeldOut = OneBit(600, 2);
    private static readonly VaeOptions Parts = new() { Latent = 3, Architecture = Architecture.FullyConnected([16], Activation.Tanh) };
    private static readonly TrainingOptions Brief = Vae.ForImages with { Epochs = 15, Batch = 64, LearningRate = 1e-2, WarmUp = 5, Threads = 1 };

    [Fact]
    public void The_split_of_a_model_is_of_its_own_divergence()
    {
        using var model = Vae.Fit(Training, Parts, Brief);
        var split = AggregateSplit.OfModel(model, HeldOut);
        Assert.Equal(model.Evaluate(HeldOut, 1).Bound.Kl, split.Divergence.Value, 1e-4);
        var (means, logVariances) = model.Codes(HeldOut);
        Assert.Equal(AggregateSplit.Of(means, logVariances).Information, split.Information);
        var (asRows, deviations) = model.Encode(HeldOut);
        Assert.Equal(asRows[17][2], means[17][2], 1e-6);
        Assert.Equal(deviations[17][2], Math.Exp(0.5 * logVariances[17][2]), 1e-6);
    }

    [Fact]
    public void Against_a_learned_prior_the_split_is_of_the_divergence_by_draws()
    {
        using var model = Vae.Fit(Training, Parts with { Prior = CodePrior.Mixture(8) }, Brief);
        var split = AggregateSplit.OfModel(model, HeldOut, new() { Draws = 6000 });
        // The model's own is over 128 draws of each of 600 rows, so nearly exact beside that.
        Assert.InRange(model.Evaluate(HeldOut).Bound.Kl, split.Divergence.Value - 5 * split.Divergence.StandardError, split.Divergence.Value + 5 * split.Divergence.StandardError);
        Assert.Null(split.DimensionWise);

        using var flow = Vae.Fit(Training, Parts with { Posterior = CodePosterior.FullCovariance }, Brief with { Epochs = 1 });
        Assert.Throws<ArgumentException>(() => AggregateSplit.OfModel(flow, HeldOut));
    }

    [Fact]
    public void Samples_from_codes_are_draws_around_reconstructions()
    {
        using var model = Vae.Fit(Training, Parts, Brief);
        var (means, off, variance) = (model.Reconstruct(HeldOut), 0.0, 0.0);
        var draws = model.SampleFromCodes(HeldOut, seed: 5);
        for (var i = 0; i < means.Length; i++)
        {
            Assert.Contains(draws[i], new float[] { 0, 1 });
            off += draws[i] - means[i];
            variance += means[i] * (1 - means[i]);
        }
        Assert.InRange(off / Math.Sqrt(variance), -4.5, 4.5);
        // Of their own rows, not of others: a bit is what it was but for flips.
        var truth = Points.Of(HeldOut).Values.ToArray();
        Assert.InRange(draws.Zip(truth).Count(p => p.First == p.Second) / (double)truth.Length, 0.7, 1);
        Assert.NotEqual(draws, model.SampleFromCodes(HeldOut, seed: 6));
    }

    [Fact]
    public void Bound_and_samples_of_a_model_are_those_of_its_numbers()
    {
        using var model = Vae.Fit(Training, Parts, Brief);
        var options = new SampleQualityOptions { MostPoints = 300, Permutations = 19, Threads = 1 };
        var verdict = BoundAndSamples.Of(model, Training, HeldOut, options);
        var (known, unknown) = (Points.Of(Training), Points.Of(HeldOut));
        Assert.Equal(model.EvaluateRows(HeldOut).Elbo.Average() - IndependentNumbers.Binary(known, unknown).Average(), verdict.Gain.Value, 1e-9);
        Assert.Equal(SampleQuality.Of(new(model.Sample(600, 0), 10), unknown, known, options), verdict.Quality);
        Assert.NotNull(verdict.Evidence.OfCodesOfData);

        // Grey images are taken for what the model takes them for, so for bits, and are then worth as much.
        var grey = new ImageSet(1, 10, 1, Training.Select([.. Enumerable.Range(0, 400)]) is var few ? Enumerable.Range(0, 400).SelectMany(i => few.Pixels(i).ToArray()).Select(p => p == 0 ? (byte)20 : (byte)230).ToArray() : []);
        using var ofGrey = Vae.Fit(grey, Parts with { Binarisation = Elbo.Likelihoods.Binarisation.Threshold }, Brief with { Epochs = 1 });
        var judged = BoundAndSamples.Of(ofGrey, grey, grey, options);
        var bits = Points.Of(Training.Select([.. Enumerable.Range(0, 400)]));
        Assert.Equal(ofGrey.EvaluateRows(grey).Elbo.Average() - IndependentNumbers.Binary(bits, bits).Average(), judged.Gain.Value, 1e-9);
    }

    [Fact]
    public void Points_are_whole_rows_and_selected_rows_are_those_selected()
    {
        var some = Points.Of(new SelectedRows(HeldOut, [5, 3, 5]));
        Assert.Equal(Points.Of(HeldOut, [5, 3, 5]).Values, some.Values);
        Assert.Equal(Points.Of(HeldOut)[3], some[1]);

        var table = new Table([new("x", ColumnKind.Real), new("y", ColumnKind.Real)], [new double[] { 1, 2, 3 }, new double[] { 1, double.NaN, 3 }]);
        using var model = TableVae.Fit(table, new() { Latent = 1, Hidden = [2] }, new() { Epochs = 1, HoldOut = 0, Threads = 1 });
        Assert.Contains("Number 1 of row 1 is missing", Assert.Throws<ArgumentException>(() => Points.Of(model.Rows(table))).Message, StringComparison.Ordinal);
        Assert.Equal(4, Points.Of(model.Rows(table), [0, 2]).Values.Length);
    }

    // A bit, ten times over, but for some flips: what any model learns.
    private static ImageSet OneBit(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 1);
        var pixels = new byte[10 * count];
        for (var i = 0; i < count; i++)
        {
            var bit = random.NextBelow(2) == 1;
            for (var j = 0; j < 10; j++)
                pixels[10 * i + j] = bit != random.NextUniform() < 0.05 ? (byte)255 : (byte)0;
        }
        return new(1, 10, 1, pixels);
    }
}
