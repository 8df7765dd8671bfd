using System.Text;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Networks;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>Diffusion models of densities of the plane that are known.</summary>
internal static class DiffusionPlane
{
    private const int Levels = 1000;
    private const int SampleSets = 5;
    private const int SamplingSteps = 100;
    private const double Doubt = 0.05;

    public static string Write(string[] args)
    {
        var epochs = int.Parse(ResultPage.Option(args, "--epochs") ?? "60", System.Globalization.CultureInfo.InvariantCulture);
        var page = new StringBuilder();
        page.AppendLine("## Diffusion models of densities of the plane\n");
        page.AppendLine(DiffusionResults.Command("plane", " --runs DIR"));
        page.AppendLine(Invariant($"""
            Seed {DiffusionResults.Seed}; {Environment.ProcessorCount} threads. 50,000 points to train on, {epochs} epochs; the bound and the entropy over the same 10,000 others, nats per point; T = {Levels:N0}, variances between β and that of
            q(z_s|z_t, x). Samples along {SamplingSteps} levels: {SampleSets} sets of 2,000, each against 2,000 other points by a classifier that is trained to tell them apart (chance is 50 %) and by MMD; of how many sets each of
            the tests says that they differ, at {Doubt:P0}: by chance one in twenty.

            | data | schedule | negative ELBO | steps without end | entropy | gap | prior term | classifier | classifier says | MMD says | core seconds |
            |---|---|---|---|---|---|---|---|---|---|---|
            """));
        var folder = ResultPage.Option(args, "--runs") ?? "runs";
        var training = DiffusionModel.Usual with { Epochs = epochs, Batch = 256, LearningRate = 2e-3, HoldOut = 0.02 };
        var right = NoiseSchedule.LinearLogNoise(-8, 6);
        // It ends while the data can still be seen, though samples begin with noise.
        var wrong = NoiseSchedule.LinearLogNoise(-8, -2);
        foreach (var shape in new[] { PlaneShape.Swirl, PlaneShape.Ring })
        {
            var (train, test) = (shape.Draw(50_000, 1), shape.Draw(10_000, 2));
            foreach (var (name, schedule) in new[] { ("γ from −8 to 6", right), ("wrong: γ from −8 to −2", wrong) })
            {
                using var model = DiffusionModel.Make(RowShape.Vector(2), Readout.Density, new()
                {
                    Schedule = schedule,
                    Levels = Levels,
                    Prediction = Prediction.Velocity,
                    Variance = ReverseVariance.Interpolated,
                    Objective = DiffusionObjective.Bound,
                    Seed = DiffusionResults.Seed,
                });
                var kept = new DiffusionFolder(folder, Invariant($"plane-{shape.Name.Replace(' ', '-')}-{(schedule == right ? "right" : "wrong")}"));
                kept.Train(model, train, training);
                var (bound, limit, entropy) = (model.Evaluate(test, visits: 160), model.EvaluateContinuous(test, visits: 40), shape.Entropy(test));
                var samples = model.Sample(2000 * SampleSets, new() { Steps = SamplingSteps }, DiffusionResults.Seed);
                var (accuracy, byClassifier, byKernel) = (0.0, 0, 0);
                for (var set = 0; set < SampleSets; set++)
                {
                    var (some, other) = (new Points(samples.AsMemory(set * 4000, 4000), 2), shape.Draw(2000, (ulong)(10 + set)));
                    var classifier = ClassifierTest.Of(some, other, DiffusionResults.Seed);
                    accuracy += classifier.Accuracy / SampleSets;
                    byClassifier += classifier.PValue < Doubt ? 1 : 0;
                    byKernel += KernelTest.Of(some, other, seed: DiffusionResults.Seed).PValue < Doubt ? 1 : 0;
                }
                DiffusionResults.Tell(page, Invariant($"| {shape.Name} | {name} | {bound.Total.Value:0.000} ± {bound.Total.StandardError:0.000} | {limit.Total.Value:0.000} ± {limit.Total.StandardError:0.000} | {entropy.Value:0.000} ± {entropy.StandardError:0.000} | {bound.Total.Value - entropy.Value:0.000} ± {Math.Sqrt(Math.Max(0, Square(bound.Total.StandardError) - Square(entropy.StandardError))):0.000} | {bound.Prior.Value:0.0000} | {accuracy:P1} | {byClassifier} of {SampleSets} | {byKernel} of {SampleSets} | {kept.Epochs[^1].CoreSeconds:0} |"));
            }
        }
        page.AppendLine(Invariant($"""

            Bound and entropy are of the same points, so the error of the gap is that of the draws of noise alone. With β's variance or that of q(z_s|z_t, x) alone the bound of {Levels:N0} steps is worse by half a step of γ times
            the sum of the steps; with a variance between the two that the network tells for each number it is near that of steps without end.
            """));
        return page.ToString();
    }

    private static double Square(double x) => x * x;
}
