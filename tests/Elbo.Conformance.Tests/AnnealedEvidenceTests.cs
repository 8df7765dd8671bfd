using Elbo.Diagnostics;
using Elbo.Ising;
using Elbo.Tests.Diagnostics;

namespace Elbo.Conformance.Tests;

/// <summary>Annealed evidences against exact ones: nats.</summary>
public class AnnealedEvidenceTests
{
    [Theory(DisplayName = "2-D Ising, 4×4 periodic, ln Z by annealing from both sides within 0.05")]
    [InlineData(2, 17.105367119)]
    [InlineData(2.6, 14.231417850)]
    [InlineData(5, 11.771470359)]
    public void Ising_four_by_four(double temperature, double logPartition)
    {
        var annealed = IsingModel.SquareLattice(4, 4, 1 / temperature).Anneal(new() { Temperatures = 500, Chains = 500, ExactDraws = 500 });
        Assert.InRange(annealed.Lower.Value, logPartition - 0.05, logPartition + 0.05);
        Assert.InRange(annealed.Upper!.Value.Value, logPartition - 0.05, logPartition + 0.05);
    }

    // Hundreds of chains with thousands of temperatures bring the error below 0.05 nats too: see docs/results.md.
    [Theory(DisplayName = "2-D Ising, 16×16 periodic, ln Z by annealing from both sides within its error")]
    [InlineData(2.0, 263.29621)]
    [InlineData(2.2691853142130221, 238.64226)]
    [InlineData(2.5, 225.22885)]
    [InlineData(3.0, 208.86733)]
    [InlineData(5.0, 188.03989)]
    public void Ising_sixteen_by_sixteen(double temperature, double logPartition)
    {
        var annealed = IsingModel.SquareLattice(16, 16, 1 / temperature).Anneal(new() { Temperatures = 400, Chains = 32, ExactDraws = 32 });
        var (lower, upper) = (annealed.Lower, annealed.Upper!.Value);
        Assert.InRange(lower.Value, logPartition - 5 * lower.StandardError, logPartition + 4 * lower.StandardError);
        Assert.InRange(upper.Value, logPartition - 4 * upper.StandardError, logPartition + 5 * upper.StandardError);
        Assert.InRange(lower.StandardError + upper.StandardError, 0.01, 0.7);
    }

    [Fact(DisplayName = "linear VAE = probabilistic PCA: annealed evidence within 0.05 of the exact ln p(x)")]
    public void Linear_autoencoder()
    {
        var model = new LinearGaussianModel(12, 4, 0.5, seed: 4, correlation: 0.5);
        model.Amortise(shift: 0.05, shiftOfLogVariance: 0.1);
        using var vae = model.Vae();
        var rows = model.Draw(40, seed: 6);
        var truth = Enumerable.Range(0, rows.Count).Average(row => model.LogEvidence(rows.Row(row)));
        var evidence = RowEvidence.Of(vae, rows, options: new() { Temperatures = 200, Chains = 32 });
        Assert.InRange(evidence.Average(e => e.LogEvidence.Value), truth - 0.05, truth + 0.05);
    }
}
