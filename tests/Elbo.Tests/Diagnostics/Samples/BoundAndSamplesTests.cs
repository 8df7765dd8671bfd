using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Tests.Diagnostics.Samples;

/// <summary>
/// Models of which all is known: x = z·1 + 0.1ε of ten numbers, so that ln p(x) is that of two normals, along 1 and across it. In the data z is −1 or 1,
/// give or take 0.1.
/// </summary>
public sealed class BoundAndSamplesTests
{
    private const int D = 10;
    private const double Noise = 0.1;
    private static readonly SampleQualityOptions Few = new() { MostPoints = 500, Permutations = 99 };
    private static readonly Points Training = Rows(1000, 1, TwoSides);
    private static readonly Points HeldOut = Rows(1000, 2, TwoSides);
    private static readonly double[] Baseline = IndependentNumbers.Normal(Training, HeldOut);
    private static readonly double TrainingBaseline = IndependentNumbers.Normal(Training, Training).Average();

    [Fact]
    public void A_prior_with_two_sides_has_both()
    {
        var samples = Rows(1000, 3, TwoSides);
        double LogDensity(ReadOnlySpan<float> x) => Across(x) + Math.Log(0.5 * (Math.Exp(Along(x, -1, 0.1)) + Math.Exp(Along(x, 1, 0.1))));
        var verdict = Judge(LogDensity, samples);
        Assert.Equal(BoundAndSamplesVerdict.BothGood, verdict.Verdict);
        Assert.Contains("both good", verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_normal_prior_has_a_good_bound_and_samples_where_no_data_are()
    {
        // The codes have mean 0 and variance 1.01, so no normal prior is better.
        double LogDensity(ReadOnlySpan<float> x) => Across(x) + Along(x, 0, 1);
        var samples = Rows(1000, 4, random => random.NextNormal());
        var verdict = Judge(LogDensity, samples);
        Assert.Equal(BoundAndSamplesVerdict.PoorSamples, verdict.Verdict);
        Assert.Contains("Either the prior is at fault", verdict.ToString(), StringComparison.Ordinal);

        // Codes of data, decoded, tell that it is the prior; and the split by how much.
        var split = CodesOf(Training);
        var ofCodes = Rows(1000, 5, TwoSides);
        var known = Judge(LogDensity, samples, new() { OfCodesOfData = SampleQuality.Of(ofCodes, HeldOut, null, Few), Split = split });
        Assert.Contains("the prior is at fault: codes of data are not spread as it is (by ", known.ToString(), StringComparison.Ordinal);
        // Codes lie a half at each side of ±1 with the variance 0.01 of z, 0.001 of what noise does to the posterior mean, and 0.001 of the posterior: against
        // N(0, 1) that is ½(v − ln v) − ln 2 with v = 0.012.
        Assert.Equal(0.5 * (0.012 - Math.Log(0.012)) - Math.Log(2), split.Marginal.Value, 0.1);
    }

    [Fact]
    public void A_wrong_likelihood_of_a_number_is_told_from_a_wrong_prior()
    {
        // The noise is the same in all numbers but of twice the size, and the prior is right.
        var samples = Rows(1000, 6, TwoSides, noise: 2 * Noise);
        double LogDensity(ReadOnlySpan<float> x) => Across(x, 2 * Noise) + Math.Log(0.5 * (Math.Exp(Along(x, -1, 0.1, 2 * Noise)) + Math.Exp(Along(x, 1, 0.1, 2 * Noise))));
        var verdict = Judge(LogDensity, samples, new() { OfCodesOfData = SampleQuality.Of(Rows(1000, 7, TwoSides, noise: 2 * Noise), HeldOut, null, Few) });
        Assert.Equal(BoundAndSamplesVerdict.PoorSamples, verdict.Verdict);
        Assert.Contains("p(x|z) is at fault", verdict.ToString(), StringComparison.Ordinal);
        // As does a split that leaves next to nothing to the prior.
        var atPrior = AggregateSplit.Of(new(new float[2000], 1), new(new float[2000], 1));
        Assert.Contains("so p(x|z) is at fault", Judge(LogDensity, samples, new() { Split = atPrior }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_of_one_side_alone_lack_recall_and_that_is_said()
    {
        var verdict = Judge(x => Across(x) + Along(x, 0, 1), Rows(1000, 8, random => 1 + 0.1 * random.NextNormal()));
        Assert.Equal(BoundAndSamplesVerdict.PoorSamples, verdict.Verdict);
        Assert.True(verdict.Quality.LacksRecall || verdict.Quality.Classifier.LeastTotalVariation > 0.4);
    }

    [Fact]
    public void A_model_that_has_memorised_its_rows_has_good_samples_and_a_poor_bound()
    {
        // A narrow normal around each training row: a hundredth of the noise.
        const double Width = 0.01 * Noise;
        double LogDensity(ReadOnlySpan<float> x)
        {
            var terms = new double[Training.Count];
            for (var n = 0; n < terms.Length; n++)
            {
                var row = Training[n];
                var square = 0.0;
                for (var j = 0; j < D; j++)
                    square += ((double)x[j] - row[j]) * ((double)x[j] - row[j]);
                terms[n] = -0.5 * square / (Width * Width) - D * (Math.Log(Width) + 0.5 * Math.Log(2 * Math.PI));
            }
            var greatest = terms.Max();
            return greatest + Math.Log(terms.Sum(t => Math.Exp(t - greatest)) / terms.Length);
        }
        var random = new RandomNumbers(9, 9);
        var samples = new Points(Enumerable.Range(0, 1000).SelectMany(_ => Training[random.NextBelow(Training.Count)].ToArray().Select(v => (float)(v + Width * random.NextNormal()))).ToArray(), D);
        var verdict = Judge(LogDensity, samples);
        Assert.Equal(BoundAndSamplesVerdict.PoorBound, verdict.Verdict);
        Assert.Contains("memorised its rows", verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_loose_posterior_is_told_by_a_tighter_bound()
    {
        // ELBO = ln p(x) − KL(q‖p(z|x)): here 40 nats of it.
        double Loose(ReadOnlySpan<float> x) => Across(x) + Along(x, 0, 1) - 40;
        Assert.Contains("q(z|x) is at fault", Judge(Loose, Rows(1000, 10, TwoSides), new() { TighterBy = 35 }).ToString(), StringComparison.Ordinal);
        Assert.Contains("too narrow for new rows", Judge(Loose, Rows(1000, 10, TwoSides)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_collapsed_model_has_neither()
    {
        var (random, scale) = (new RandomNumbers(11, 1), Math.Sqrt(1.02));
        var samples = new Points(Enumerable.Range(0, 1000 * D).Select(_ => (float)(scale * random.NextNormal())).ToArray(), D);
        var verdict = BoundAndSamples.Of(Baseline, Baseline, TrainingBaseline, TrainingBaseline, SampleQuality.Of(samples, HeldOut, Training, Few));
        Assert.Equal(BoundAndSamplesVerdict.BothPoor, verdict.Verdict);
        Assert.Contains("collapsed", verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_numbers_are_independent_a_bound_cannot_be_above_that_and_is_not_called_poor()
    {
        var (training, heldOut, samples) = (Clouds.Normal(1000, 4, 1), Clouds.Normal(1000, 4, 2), Clouds.Normal(1000, 4, 3));
        var baseline = IndependentNumbers.Normal(training, heldOut);
        var ofTraining = IndependentNumbers.Normal(training, training).Average();
        double[] exact = [.. baseline.Select(b => b - 0.05)];
        Assert.Equal(BoundAndSamplesVerdict.BothGood, BoundAndSamples.Of(exact, baseline, ofTraining - 0.05, ofTraining, SampleQuality.Of(samples, heldOut, training, Few)).Verdict);
    }

    [Fact]
    public void Independent_numbers_have_the_densities_of_their_columns()
    {
        var (training, rows) = (new Points(new float[] { 0, 1, 1, 1, 0, 1, 1, 1 }, 2), new Points(new float[] { 1, 0 }, 2));
        Assert.Equal(Math.Log(3.0 / 6) + Math.Log(1.0 / 6), IndependentNumbers.Binary(training, rows)[0], 1e-12);
        Assert.Equal(Math.Log(3.0 / 260) + Math.Log(1.0 / 260), IndependentNumbers.OfShades(training, rows)[0], 1e-12);
        // Mean ½ and variance ¼; the second never varies.
        Assert.Equal(-0.5 * (1 + Math.Log(0.5 * Math.PI)), IndependentNumbers.Normal(training, rows)[0], 1e-12);
    }

    private static BoundAndSamples Judge(Func<ReadOnlySpan<float>, double> logDensity, Points samples, BoundAndSamplesEvidence? evidence = null)
    {
        double[] Of(Points rows) => [.. Enumerable.Range(0, rows.Count).Select(i => logDensity(rows[i]))];
        return BoundAndSamples.Of(Of(HeldOut), Baseline, Of(Training).Average(), TrainingBaseline, SampleQuality.Of(samples, HeldOut, Training, Few), evidence);
    }

    private static double TwoSides(RandomNumbers random) => (random.NextBelow(2) == 0 ? -1 : 1) + 0.1 * random.NextNormal();

    private static Points Rows(int count, ulong seed, Func<RandomNumbers, double> code, double noise = Noise)
    {
        var random = new RandomNumbers(seed, 5);
        return new(Enumerable.Range(0, count).SelectMany(_ => code(random) is var z ? Enumerable.Range(0, D).Select(_ => (float)(z + noise * random.NextNormal())).ToArray() : []).ToArray(), D);
    }

    // The density of the mean of the numbers, in the coordinate of length 1 along (1, …, 1): N(√D·centre, D·sd² + noise²).
    private static double Along(ReadOnlySpan<float> x, double centre, double sd, double noise = Noise)
    {
        var sum = 0.0;
        foreach (var value in x)
            sum += value;
        var (off, variance) = (sum / Math.Sqrt(D) - Math.Sqrt(D) * centre, D * sd * sd + noise * noise);
        return -0.5 * (off * off / variance + Math.Log(2 * Math.PI * variance));
    }

    // That of the other directions: noise alone.
    private static double Across(ReadOnlySpan<float> x, double noise = Noise)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in x)
            (sum, squares) = (sum + value, squares + (double)value * value);
        return -0.5 * ((squares - sum * sum / D) / (noise * noise) + (D - 1) * Math.Log(2 * Math.PI * noise * noise));
    }

    // The exact posterior under N(0, 1): precision 1 + D/noise².
    private static AggregateSplit CodesOf(Points rows)
    {
        var variance = 1 / (1 + D / (Noise * Noise));
        float[] means = [.. Enumerable.Range(0, rows.Count).Select(i => (float)(variance / (Noise * Noise) * rows[i].ToArray().Sum(v => (double)v)))];
        return AggregateSplit.Of(new(means, 1), new(Enumerable.Repeat((float)Math.Log(variance), rows.Count).ToArray(), 1));
    }
}
