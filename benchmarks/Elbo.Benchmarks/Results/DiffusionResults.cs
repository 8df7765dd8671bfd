using System.Diagnostics;
using System.Text;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>Diffusion models beside densities that are known, and of real images.</summary>
internal static class DiffusionResults
{
    private const ulong Seed = 1;

    public static int Run(string[] args)
    {
        var parts = new (string Name, Action<StringBuilder> Write)[] { ("plane", WritePlane) };
        var only = ResultPage.Option(args, "--only");
        foreach (var (name, write) in parts.Where(p => only is null || only == p.Name))
        {
            var page = new StringBuilder();
            write(page);
            ResultPage.WriteSection(args, "diffusion-" + name, page.ToString());
        }
        return 0;
    }

    private static void WritePlane(StringBuilder page)
    {
        page.AppendLine("## Diffusion models of densities of the plane\n");
        page.AppendLine("Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- diffusion --only plane --write docs/results.md`.");
        page.AppendLine(Invariant($"""
            Seed {Seed}; {Environment.ProcessorCount} threads. 50,000 points to train on, the bound and the entropy over the same 10,000 others, nats per point; 2,000 samples against 2,000 other points by a
            classifier that is trained to tell them apart (chance is 50 %) and by MMD.

            | data | schedule | negative ELBO, T = 1,000 | T → ∞ | entropy | gap | prior term | classifier | p | MMD p | seconds |
            |---|---|---|---|---|---|---|---|---|---|---|
            """));
        var right = NoiseSchedule.LinearLogNoise(-10, 8);
        // It ends while the data can still be seen, though samples begin with noise.
        var wrong = NoiseSchedule.LinearLogNoise(-10, -2);
        foreach (var shape in new[] { PlaneShape.Swirl, PlaneShape.Ring })
        {
            var (train, test, other) = (shape.Draw(50_000, 1), shape.Draw(10_000, 2), shape.Draw(2000, 3));
            foreach (var (name, schedule) in new[] { ("γ from −10 to 8", right), ("wrong: γ from −10 to −2", wrong) })
            {
                var start = Stopwatch.GetTimestamp();
                using var model = DiffusionModel.Fit(train, new() { Schedule = schedule, Levels = 1000, Prediction = Prediction.Velocity, Objective = DiffusionObjective.Bound, Seed = Seed },
                    DiffusionModel.Usual with { Epochs = 60, Batch = 256, LearningRate = 2e-3 }, progress: (e, _) => { if (e.Epoch % 10 == 0) Console.Error.WriteLine($"{e.Epoch} {e.Training:0.0000} {e.HeldOut:0.0000}"); return true; });
                var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                var bound = model.Evaluate(test, visits: 100);
                var limit = model.EvaluateContinuous(test, visits: 100);
                var entropy = shape.Entropy(test);
                var samples = new Points(model.Sample(2000, new() { Steps = 250 }), 2);
                var (classifier, kernel) = (ClassifierTest.Of(samples, other, Seed), KernelTest.Of(samples, other, seed: Seed));
                page.AppendLine(Invariant($"| {shape.Name} | {name} | {bound.Total.Value:0.000} ± {bound.Total.StandardError:0.000} | {limit.Total.Value:0.000} ± {limit.Total.StandardError:0.000} | {entropy.Value:0.000} ± {entropy.StandardError:0.000} | {limit.Total.Value - entropy.Value:0.000} | {bound.Prior.Value:0.0000} | {classifier.Accuracy:P1} | {classifier.PValue:G2} | {kernel.PValue:G2} | {seconds:0} |"));
                Console.Error.WriteLine(page.ToString().Split('\n')[^2]);
            }
        }
    }
}
