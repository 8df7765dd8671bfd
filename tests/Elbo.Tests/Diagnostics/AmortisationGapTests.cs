using Elbo.Autoencoders;
using Elbo.Diagnostics;

namespace Elbo.Tests.Diagnostics;

/// <summary>Linear models, in which both gaps have closed forms and are the same for all rows.</summary>
public class AmortisationGapTests
{
    private const double Shift = 0.1;
    private const double ShiftOfLogVariance = -0.4;

    private static readonly AmortisationOptions Options = new()
    {
        Window = 50,
        Patience = 3,
        Samples = 2000,
        LearningRates = [2e-2, 2e-3],
        Annealing = new() { Temperatures = 100, Chains = 16 },
    };

    private static LinearGaussianModel Model()
    {
        var model = new LinearGaussianModel(6, 3, 0.5, seed: 3, correlation: 0.6);
        model.Amortise(Shift, ShiftOfLogVariance);
        return model;
    }

    [Fact]
    public void Both_gaps_of_a_linear_autoencoder_are_those_of_theory()
    {
        var model = Model();
        using var vae = model.Vae();
        var rows = model.Draw(50, seed: 5);
        var gap = AmortisationGap.Of(vae, rows, options: Options with { Batch = 30 });
        var (approximation, amortisation) = (model.ApproximationGap, model.AmortisationGap(Shift, ShiftOfLogVariance));
        Assert.InRange(approximation, 0.2, 2);
        Assert.InRange(amortisation, 0.2, 2);
        // What 2000 draws that vary by a nat leave, over 50 rows; annealing leaves more.
        Assert.Equal(amortisation, gap.Amortisation.Value, 0.03);
        Assert.Equal(approximation, gap.Approximation.Value, 0.06);
        Assert.Equal(gap.Total.Value, gap.Approximation.Value + gap.Amortisation.Value, 1e-9);
        Assert.InRange(gap.Amortisation.StandardError, 0, 0.02);
        for (var row = 0; row < rows.Count; row++)
        {
            var truth = model.LogEvidence(rows.Row(row));
            Assert.Equal(truth - approximation, gap.Rows[row].Refined, 0.2);
            Assert.Equal(truth - approximation - amortisation, gap.Rows[row].Amortised, 0.3);
        }
        Assert.Contains(approximation > amortisation ? "family of q costs most" : "encoder costs most", gap.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_with_correlations_leaves_no_gap()
    {
        var model = Model();
        using var vae = model.Vae();
        var gap = AmortisationGap.Of(vae, model.Draw(20, seed: 5), options: Options with { Family = CodePosterior.FullCovariance, Annealing = null });
        Assert.Equal(0, gap.Approximation.Value, 0.02);
        Assert.Equal(model.ApproximationGap + model.AmortisationGap(Shift, ShiftOfLogVariance), gap.Amortisation.Value, 0.05);
        Assert.StartsWith("importance weights", gap.EvidenceBy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_at_any_number_of_threads()
    {
        var options = Options with { Window = 5, Samples = 20, Patience = 1, MostWindows = 2, Annealing = new() { Temperatures = 5, Chains = 2 } };
        using var one = Model().Vae();
        using var two = Model().Vae(threads: 2);
        Assert.Equal(AmortisationGap.Of(one, Model().Draw(7, 1), options: options).Rows, AmortisationGap.Of(two, Model().Draw(7, 1), options: options).Rows);
    }

    [Fact]
    public void Mistakes_are_named_with_a_remedy()
    {
        using var vae = Model().Vae();
        Assert.Contains("Diagonal or FullCovariance", Assert.Throws<ArgumentException>(() => AmortisationGap.Of(vae, Model().Draw(2, 1), options: new() { Family = CodePosterior.Flow() })).Message, StringComparison.Ordinal);
    }
}
