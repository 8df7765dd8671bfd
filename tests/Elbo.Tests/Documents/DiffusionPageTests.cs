using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Diffusion;

namespace Elbo.Tests.Documents;

/// <summary>docs/diffusion.md against the library: its code stands here, is compiled and run.</summary>
public class DiffusionPageTests
{
    [Fact]
    public void Its_code_runs()
    {
        var random = new RandomNumbers(1, 1);
        Points Draw(int count) => new(Enumerable.Range(0, 2 * count).Select(_ => (float)random.NextNormal()).ToArray(), 2);
        var (points, others, epochs) = (Draw(500), Draw(500), 5);
        // Begin.
        using var model = DiffusionModel.Fit(points, new()
        {
            Schedule = NoiseSchedule.LinearLogNoise(-8, 8),
            Prediction = Prediction.Velocity,
            Objective = DiffusionObjective.Bound,
        }, DiffusionModel.Usual with { Epochs = epochs });

        var bound = model.Evaluate(others);
        Console.WriteLine($"-ELBO {bound.Total} = prior {bound.Prior} + steps {bound.Steps} + reconstruction {bound.Reconstruction}");
        var limit = model.EvaluateContinuous(others);
        Console.WriteLine($"with steps without end {limit.Total}");
        var samples = model.Sample(100, new() { Path = SamplingPath.Heun, Steps = 20 });
        // End.
        Assert.Equal(bound.Total.Value, bound.Prior.Value + bound.Steps.Value + bound.Reconstruction.Value, 1e-9);
        Assert.Equal(200, samples.Length);
        PageCode.StandsOn("DiffusionPageTests.cs", "diffusion.md");
    }
}
