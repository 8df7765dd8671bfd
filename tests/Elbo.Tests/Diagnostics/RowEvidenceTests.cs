using Elbo.Diagnostics;

namespace Elbo.Tests.Diagnostics;

public class RowEvidenceTests
{
    public static TheoryData<AnnealingStart> Starts => [AnnealingStart.Posterior, AnnealingStart.Prior];

    // Posteriors with correlations of -0.6, and a q that is off by some tenths of a nat besides.
    private static LinearGaussianModel Model()
    {
        var model = new LinearGaussianModel(6, 3, 0.5, seed: 3, correlation: 0.6);
        model.Amortise(shift: 0.1, shiftOfLogVariance: -0.2);
        return model;
    }

    private static AnnealingOptions OptionsOf(AnnealingStart start) =>
        new() { Start = start, Temperatures = start == AnnealingStart.Prior ? 400 : 200, Chains = 32 };

    [Theory]
    [MemberData(nameof(Starts))]
    public void The_evidence_of_a_linear_autoencoder_is_found_row_by_row(AnnealingStart start)
    {
        var model = Model();
        using var vae = model.Vae();
        var rows = model.Draw(20, seed: 5);
        var evidence = RowEvidence.Of(vae, rows, options: OptionsOf(start));
        double[] off = [.. evidence.Select((e, row) => e.LogEvidence.Value - model.LogEvidence(rows.Row(row)))];
        Assert.InRange(off.Average(), -0.08, 0.08);
        Assert.All(off.Zip(evidence), pair => Assert.InRange(Math.Abs(pair.First), 0, 6 * pair.Second.LogEvidence.StandardError));
        Assert.All(evidence, e => Assert.InRange(e.LogEvidence.StandardError, 1e-3, 0.3));
        Assert.All(evidence, e => Assert.InRange(e.Accepted, 0.5, 0.85));
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Rows_of_the_models_own_have_their_evidence_between_two_bounds(AnnealingStart start)
    {
        var model = Model();
        using var vae = model.Vae();
        var bracket = EvidenceBracket.Of(vae, 24, OptionsOf(start) with { Batch = 20 });
        var truth = Enumerable.Range(0, 24).Average(row =>
        {
            var values = new float[6];
            bracket.Simulated.Fill([row], values, []);
            return model.LogEvidence([.. values.Select(v => (double)v)]);
        });
        Assert.InRange(bracket.Lower.Value, truth - 0.1, truth + 0.1);
        Assert.InRange(bracket.Upper.Value, truth - 0.1, truth + 0.1);
        Assert.InRange(bracket.Width.Value, -0.1, 0.15);
    }

    // With hardly any temperatures, errors are large and have the signs that they must have on average.
    [Fact]
    public void A_short_way_leaves_the_truth_between_the_bounds()
    {
        var model = new LinearGaussianModel(20, 5, 0.3, seed: 1);
        using var vae = model.Vae();
        var bracket = EvidenceBracket.Of(vae, 30, new() { Start = AnnealingStart.Prior, Temperatures = 20, Chains = 2 });
        Assert.InRange(bracket.Width.Value, 1, 1000);
        Assert.Contains("between", bracket.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_at_any_number_of_threads_and_rows_do_not_depend_on_the_others()
    {
        var model = Model();
        using var vae = model.Vae();
        var rows = model.Draw(6, seed: 5);
        var options = new AnnealingOptions { Temperatures = 20, Chains = 4, Batch = 2 };
        var all = RowEvidence.Of(vae, rows, options: options);
        using var other = Model().Vae(threads: 2);
        Assert.Equal(all, RowEvidence.Of(other, rows, options: options));
        Assert.Equal(all.Take(2), RowEvidence.Of(vae, rows, which: [0, 1], options: options));
    }

    [Fact]
    public void Mistakes_are_named_with_a_remedy()
    {
        var model = Model();
        using var vae = model.Vae();
        Assert.Contains("5 numbers", Assert.Throws<ArgumentException>(() => RowEvidence.Of(vae, new VectorRows(5, new float[10]))).Message, StringComparison.Ordinal);
        Assert.Contains("Chains is 0", Assert.Throws<ArgumentException>(() => RowEvidence.Of(vae, model.Draw(2, 1), options: new() { Chains = 0 })).Message, StringComparison.Ordinal);
    }
}
