using Elbo.Tests.Diagnostics;
using Elbo.Training;

namespace Elbo.Tests.Training;

/// <summary>
/// One latent number, and an encoder that sees the first number of a row alone. The best model for that encoder is known in closed form, and is not
/// the one of greatest likelihood, which probabilistic principal components give (Tipping and Bishop, 1999).
/// </summary>
public class RefinedFitTests
{
    private const int Size = 4;
    private const double Scale = 0.6;

    private static readonly VectorRows Rows = new LinearGaussianModel(Size, 1, Scale, seed: 7).Draw(400, seed: 8);
    private static readonly double[,] Covariance = CovarianceOf(Rows);

    private static LinearGaussianModel Start() => new(Size, 1, Scale, seed: 11, seen: 1);

    // Var of the largest component, by powers of the covariance: mean ln p(x) at the greatest likelihood.
    private static double GreatestEvidence()
    {
        var v = Enumerable.Repeat(1.0, Size).ToArray();
        var largest = 0.0;
        for (var k = 0; k < 200; k++)
        {
            double[] next = [.. Enumerable.Range(0, Size).Select(i => Enumerable.Range(0, Size).Sum(j => Covariance[i, j] * v[j]))];
            largest = Math.Sqrt(next.Sum(x => x * x));
            v = [.. next.Select(x => x / largest)];
        }
        var rest = Enumerable.Range(0, Size).Sum(i => Covariance[i, i]) - largest;
        return -0.5 * (Size * Math.Log(2 * Math.PI) + (Size - 1) * 2 * Math.Log(Scale) + Math.Log(largest) + rest / (Scale * Scale) + 1);
    }

    // With q = N(a·x₁, s²), t = a²·Var x₁ and W = a·Cov(x, x₁)/(t + s²), the bound is a function of t and s² alone.
    private static (double Elbo, double Evidence) BestForTheEncoder()
    {
        var first = Enumerable.Range(0, Size).Select(i => Covariance[i, 0]).ToArray();
        var pull = first.Sum(c => c * c) / (first[0] * Scale * Scale);
        var (best, w) = (double.NegativeInfinity, new double[Size]);
        for (var t = 0.01; t < 3; t += 0.01)
        {
            for (var s = 0.01; s < 2; s += 0.01)
            {
                var value = 0.5 * (pull * t / (t + s) - t - s + Math.Log(s) + 1);
                if (value > best)
                    (best, w) = (value, [.. first.Select(c => Math.Sqrt(t / first[0]) * c / (t + s))]);
            }
        }
        var trace = Enumerable.Range(0, Size).Sum(i => Covariance[i, i]);
        var variance = w.Sum(x => x * x) + Scale * Scale;
        var along = Enumerable.Range(0, Size * Size).Sum(k => w[k / Size] * Covariance[k / Size, k % Size] * w[k % Size]);
        var noise = -0.5 * Size * Math.Log(2 * Math.PI * Scale * Scale) - 0.5 * trace / (Scale * Scale);
        // (WWᵀ + σ²I)⁻¹ = (I − WWᵀ/(|W|² + σ²))/σ², |WWᵀ + σ²I| = σ^2(n−1)·(|W|² + σ²).
        return (noise + best, noise - 0.5 * Math.Log(variance / (Scale * Scale)) + 0.5 * along / (variance * Scale * Scale));
    }

    private static double Evidence(LinearGaussianModel model) => Enumerable.Range(0, Rows.Count).Average(row => model.LogEvidence(Rows.Row(row)));

    [Fact]
    public void An_encoder_that_sees_too_little_makes_another_model_the_best_as_theory_says()
    {
        var model = Start();
        using var vae = model.Vae();
        vae.Train(Rows, new() { Batch = 50, Epochs = 250, LearningRate = 2e-2, Decay = RateDecay.Linear, HoldOut = 0, WarmUp = 0, WeightDecay = 0, HeldOutSamples = 1 });
        var (elbo, evidence) = BestForTheEncoder();
        Assert.Equal(elbo, vae.Evaluate(Rows, 64).Bound.Elbo, 0.03);
        Assert.Equal(evidence, Evidence(model), 0.03);
        Assert.True(evidence < GreatestEvidence() - 0.1);
    }

    [Theory]
    [InlineData(Amortisation.None)]
    [InlineData(Amortisation.Start)]
    public void With_a_q_for_each_row_the_model_is_that_of_the_greatest_likelihood(Amortisation amortisation)
    {
        var model = Start();
        using var vae = model.Vae();
        var isAlone = amortisation == Amortisation.None;
        var fit = RefinedFit.Of(vae, Rows, new() { Amortisation = amortisation, Batch = 50, Epochs = 120, LearningRate = 2e-2, InnerRate = isAlone ? 0.05 : 0.1, InnerSteps = isAlone ? 5 : 25 });
        var greatest = GreatestEvidence();
        // What steps from the encoder's start have not reached shapes the model a little.
        Assert.InRange(Evidence(model), greatest - (isAlone ? 0.01 : 0.04), greatest + 1e-4);
        // The posterior is in the family, so the bound reaches the evidence.
        Assert.Equal(greatest, fit.Elbo[^1], isAlone ? 0.02 : 0.08);
        Assert.Equal(isAlone ? Rows.Count * 2 : 0, fit.Codes.Length);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_at_any_number_of_threads()
    {
        var options = new RefinedFitOptions { Epochs = 2, Batch = 64, InnerSteps = 2 };
        using var one = Start().Vae();
        using var two = Start().Vae(threads: 2);
        Assert.Equal(RefinedFit.Of(one, Rows, options).Elbo, RefinedFit.Of(two, Rows, options).Elbo);
    }

    private static double[,] CovarianceOf(VectorRows rows)
    {
        double[][] all = [.. Enumerable.Range(0, rows.Count).Select(rows.Row)];
        double[] means = [.. Enumerable.Range(0, Size).Select(i => all.Average(r => r[i]))];
        var covariance = new double[Size, Size];
        for (var i = 0; i < Size; i++)
        {
            for (var j = 0; j < Size; j++)
                covariance[i, j] = all.Average(r => (r[i] - means[i]) * (r[j] - means[j]));
        }
        return covariance;
    }
}
