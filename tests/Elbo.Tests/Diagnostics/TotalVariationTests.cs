using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Ising;
using FsCheck;
using FsCheck.Fluent;

namespace Elbo.Tests.Diagnostics;

/// <summary>The bounds on total variation against total variations that are computed exactly, by sums over all states and by quadrature.</summary>
public class TotalVariationTests
{
    private static double[] Random(int seed, int count, double temperature)
    {
        var random = new RandomNumbers((ulong)seed, 7);
        double[] weights = [.. Enumerable.Range(0, count).Select(_ => Math.Exp(temperature * random.NextNormal()))];
        return [.. weights.Select(w => w / weights.Sum())];
    }

    private static double Exact(IEnumerable<double> p, IEnumerable<double> q) => 0.5 * p.Zip(q, (a, b) => Math.Abs(a - b)).Sum();

    [Fact]
    public void No_two_distributions_of_a_few_states_are_further_apart_than_their_divergence_allows() => Prop.ForAll(
        Gen.Choose(1, 10_000).ToArbitrary(), Gen.Choose(2, 12).ToArbitrary(), Gen.Elements(0.01, 0.3, 1, 4, 12).ToArbitrary(), (seed, states, temperature) =>
        {
            var (p, q) = (Random(seed, states, temperature), Random(seed + 1, states, temperature));
            var divergence = q.Zip(p, (b, a) => b * Math.Log(b / a)).Sum();
            var bound = TotalVariationBound.Guaranteed(new Estimate(-divergence, 0), 0);
            return Exact(p, q) <= bound.Pinsker + 1e-12 && Exact(p, q) <= bound.BretagnolleHuber + 1e-12;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(21, 5));

    // Pinsker's constant is the best there is: two coins that are nearly fair reach it.
    [Fact]
    public void Coins_that_are_nearly_the_same_reach_the_bound()
    {
        var divergence = 0.5 * Math.Log(0.5 / 0.51) + 0.5 * Math.Log(0.5 / 0.49);
        Assert.Equal(0.01, new TotalVariationBound(divergence, true).AtMost, 1e-5);
        Assert.Equal(1, new TotalVariationBound(double.PositiveInfinity, true).AtMost);
    }

    [Theory]
    [InlineData(3, 1.5)]
    [InlineData(3, 2.5)]
    [InlineData(4, 2.6)]
    [InlineData(4, 5)]
    public void Independent_spins_are_no_further_from_an_Ising_model_than_the_certificate_says(int side, double temperature)
    {
        var model = IsingModel.SquareLattice(side, side, 1 / temperature, field: 0.05);
        var (fit, logPartition) = (model.MeanField(), model.LogPartition());
        var spins = new double[model.Spins];
        var truth = 0.0;
        for (var state = 0; state < 1 << model.Spins; state++)
        {
            var q = 1.0;
            for (var i = 0; i < spins.Length; i++)
            {
                spins[i] = (state >> i & 1) == 1 ? 1 : -1;
                q *= (1 + spins[i] * fit.Means[i]) / 2;
            }
            truth += 0.5 * Math.Abs(q - Math.Exp(model.LogWeight(spins) - logPartition));
        }
        var certificate = fit.Certify(new() { LogEvidence = logPartition, Draws = 1000 });
        Assert.True(certificate.IsGuaranteed);
        Assert.InRange(truth, 0.01, certificate.TotalVariation);
        // Bounds from above by annealing from exact draws guarantee less, and enough.
        var annealed = model.Anneal(new() { Temperatures = 200, Chains = 2, ExactDraws = 50 });
        var bound = TotalVariationBound.Guaranteed(certificate.Elbo, annealed.Upper!.Value);
        Assert.InRange(truth, 0.01, bound.AtMost);
        Assert.Equal(certificate.TotalVariation, bound.AtMost, 0.15);
    }

    // The posterior of rows of a linear model with one latent number is N(m, s²), and q is N(m + δ, s² e^c).
    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0.4, -1)]
    [InlineData(0, 1.5)]
    public void A_row_of_a_linear_autoencoder_is_no_further_than_its_gap_says(double shift, double shiftOfLogVariance)
    {
        var model = new LinearGaussianModel(3, 1, 0.5, seed: 2);
        var spread = Math.Sqrt(model.PosteriorCovariance[0, 0]);
        var truth = 0.0;
        for (var z = -12.0; z < 12; z += 0.001)
        {
            var sd = spread * Math.Exp(shiftOfLogVariance / 2);
            truth += 0.0005 * Math.Abs(Density(z, shift, sd) - Density(z, 0, spread));
        }
        var gap = model.AmortisationGap(shift, shiftOfLogVariance);
        var bound = TotalVariationBound.Guaranteed(new Estimate(-gap, 0), 0);
        Assert.InRange(truth, 0.3 * bound.AtMost, bound.AtMost);
    }

    [Fact]
    public void A_guarantee_leaves_room_for_errors_and_says_what_it_is()
    {
        var guaranteed = TotalVariationBound.Guaranteed(new Estimate(-90.5, 0.03), new Estimate(-90.3, 0.04));
        Assert.Equal(0.2 + 4 * 0.05, guaranteed.Divergence, 1e-12);
        Assert.Equal("No probability under q is off by more than 0.45 (guaranteed, Pinsker: KL(q‖p) is at most 0.400 nats).", guaranteed.ToString());
        var estimated = TotalVariationBound.Estimated(new Estimate(-93, 0.03), new Estimate(-90, 0.04));
        Assert.Equal("No probability under q is off by more than 0.97 (estimated, Bretagnolle and Huber: KL(q‖p) is about 3.000 nats).", estimated.ToString());
        Assert.Equal(0, TotalVariationBound.Estimated(new Estimate(-90, 0), new Estimate(-90.1, 0)).AtMost);
    }

    private static double Density(double z, double mean, double sd) => Math.Exp(-0.5 * Math.Pow((z - mean) / sd, 2)) / (sd * Math.Sqrt(2 * Math.PI));
}
