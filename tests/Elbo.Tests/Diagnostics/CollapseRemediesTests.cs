using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Networks;
using Elbo.Tables;

namespace Elbo.Tests.Diagnostics;

public sealed class CollapseRemediesTests
{
    // Fifteen bits, any two of them independent: without a code that is used they cost 15 ln 2 nats, with it the entropy of sixteen words and of the flips.
    [Fact]
    public void Structure_that_no_two_numbers_show_collapses_and_warm_up_and_free_bits_mend_it()
    {
        const double Flips = 0.02;
        var images = CodeWords.Of(4000, 4, Flips, 1);
        var model = new VaeOptions { Latent = 4, Architecture = Architecture.FullyConnected([32], Activation.Tanh) };
        var told = new List<RemedyOutcome>();
        var comparison = CollapseRemedies.Compare(
            images, model, Vae.ForImages with { Epochs = 40, Batch = 64, LearningRate = 1e-2, Threads = 1 },
            new() { Remedies = [CollapseRemedy.None, CollapseRemedy.WarmUp, CollapseRemedy.FreeBits] }, told.Add);

        var (none, warm, free) = (comparison.Outcomes[0], comparison.Outcomes[1], comparison.Outcomes[2]);
        Assert.Equal(told, comparison.Outcomes);
        var (independent, most) = (-15 * Math.Log(2), -4 * Math.Log(2) + 15 * (Flips * Math.Log(Flips) + (1 - Flips) * Math.Log(1 - Flips)));
        Assert.InRange(none.Bound.Elbo, independent - 0.3, independent + 0.3);
        Assert.InRange(none.Split!.Information.Value, -0.1, 0.5);
        foreach (var mended in (RemedyOutcome[])[warm, free])
        {
            // The entropy is a little less: flips make some words into others.
            Assert.InRange(mended.Bound.Elbo, independent + 1.5, most + 0.1 + 4 * mended.Bound.StandardError);
            Assert.InRange(mended.Split!.Information.Value, 1.5, 4 * Math.Log(2) + 0.1);
            Assert.Equal(mended.Bound.Kl, mended.Split.Divergence.Value, 1e-3);
        }
        Assert.Contains("The way of training is at fault", comparison.Cause!, StringComparison.Ordinal);
        Assert.Contains(CollapseRemedies.Text(comparison.Best.Remedy), comparison.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Coins_leave_nothing_to_encode_and_a_code_kept_in_use_makes_the_bound_worse()
    {
        var random = new RandomNumbers(1, 1);
        double[][] columns = [.. Enumerable.Range(0, 6).Select(_ => Enumerable.Range(0, 3000).Select(_ => (double)random.NextBelow(2)).ToArray())];
        var table = new Table([.. columns.Select((_, c) => new Column($"x{c}", ColumnKind.Binary, ["no", "yes"]))], [.. columns.Select(c => (ReadOnlyMemory<double>)c)]);
        var comparison = CollapseRemedies.Compare(
            table, new() { Latent = 2, Hidden = [8] }, new() { Epochs = 40, Batch = 128, Threads = 1 }, new() { Remedies = [CollapseRemedy.None, CollapseRemedy.FreeBits], FreeBits = 0.5 });
        Assert.True(comparison.Outcomes[0].IsCollapsed);
        Assert.InRange(comparison.Outcomes[1].Bound.Kl, 0.5, 3);
        Assert.InRange(comparison.Outcomes[1].Bound.Elbo, double.NegativeInfinity, comparison.Outcomes[0].Bound.Elbo);
        Assert.Contains("Collapse is what the bound asks for", comparison.Cause!, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_have_to_be_held_out() =>
        Assert.Throws<ArgumentException>(() => CollapseRemedies.Compare(CodeWords.Of(10, 2, 0, 1), training: Vae.ForImages with { HoldOut = 0 }));

    [Fact]
    public void Latent_numbers_are_told_apart_by_what_they_cost_and_tell()
    {
        // z1 tells the row, z2 is off the prior in the same way for all rows, z3 is the prior.
        var random = new RandomNumbers(3, 3);
        var (means, logVariances) = (new float[3 * 500], new float[3 * 500]);
        for (var i = 0; i < 500; i++)
        {
            (means[3 * i], logVariances[3 * i]) = ((float)(0.9 * random.NextNormal()), -1.7f);
            (means[3 * i + 1], logVariances[3 * i + 1]) = (1, -0.5f);
        }
        var reports = LatentReport.Of(new(means, 3), new(logVariances, 3));
        Assert.Equal([LatentUse.Active, LatentUse.Noise, LatentUse.Collapsed], reports.Select(r => r.Use));
        Assert.Equal(0.5 * (1 + Math.Exp(-0.5) + 0.5 - 1), reports[1].Divergence, 1e-6);
        Assert.InRange(reports[1].Information.Value, -1e-5, 1e-5);
        Assert.Equal(0, reports[1].MeanVariance, 1e-9);
        Assert.Equal(0.81, reports[0].MeanVariance, 0.2);
        Assert.StartsWith("z1 active: costs ", reports[0].ToString(), StringComparison.Ordinal);
    }

    // The bound of one linear latent number, −(λ(1 − wv)² + w²s²)/2σ² − ½β(v²λ + s² − ln s² − 1) for q = N(vx, s²), is maximised in turns.
    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.5, 3)]
    [InlineData(0.05, 1)]
    [InlineData(2, 0.25)]
    public void Linear_codes_collapse_where_eigenvalues_are_below_the_weighted_noise(double noise, double weight)
    {
        double[] variances = [4, 1, 0.25, 0.09];
        var used = variances.Count(variance =>
        {
            var w = 1.0;
            for (var i = 0; i < 5000; i++)
            {
                var (v, s2) = (w / (w * w + weight * noise), weight * noise / (w * w + weight * noise));
                w = variance * v / (variance * v * v + s2);
            }
            return w > 0.05;
        });

        // Points at ±a on each axis, so that the covariance is diagonal and known, turned in the plane of the first two.
        var values = new List<float>();
        foreach (var (variance, axis) in variances.Select((v, i) => (v, i)))
        {
            foreach (var sign in (int[])[-1, 1])
            {
                var point = new double[4];
                point[axis] = sign * Math.Sqrt(variance * 7 / 2);
                (point[0], point[1]) = (0.8 * point[0] - 0.6 * point[1], 0.6 * point[0] + 0.8 * point[1]);
                values.AddRange(point.Select(p => (float)p));
            }
        }
        var (supported, eigenvalues) = PosteriorCollapse.SupportedDimensions(new(values.ToArray(), 4), noise, weight);
        Assert.All(variances.Zip(eigenvalues), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal(used, supported);
    }
}
