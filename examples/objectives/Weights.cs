using Elbo.Data.Pictures;
using Elbo.Diffusion;
using static System.FormattableString;

namespace Elbo.Examples.Objectives;

/// <summary>What a squared error of the noise counts in the bound and in the simple loss, by level and by noise: closed forms of the schedules, no model.</summary>
internal static class Weights
{
    private const int Levels = 1000;
    private const double From = -14;
    private const double To = 8;

    private static readonly (string Name, NoiseSchedule Schedule)[] Schedules =
    [
        ("linear variances", NoiseSchedule.LinearVariances()),
        ("squared cosine", NoiseSchedule.Cosine()),
        ("straight line of γ", NoiseSchedule.LinearLogNoise()),
    ];

    public static void Write(string folder)
    {
        var byLevel = new Plot("Cost of an error in the bound, level by level")
        {
            X = new("level t of 1,000, from least noise to most"),
            Y = new("½·expm1(γ_t − γ_t−1), over that of level 500") { IsLogarithmic = true, From = 0.1, To = 1e3 },
            Width = 560,
            Height = 360,
        };
        var byNoise = new Plot("Weight of the simple loss beside the bound")
        {
            X = new("γ = ln(σ²/α²)") { From = From, To = To },
            Y = new("dt/dγ, over its mean") { IsLogarithmic = true, From = 1e-2, To = 1e1 },
            Width = 560,
            Height = 360,
        };
        foreach (var (name, schedule) in Schedules)
        {
            var chain = new NoiseChain(schedule, Levels);
            // Each fifth level, and the first ones all.
            int[] levels = [.. Enumerable.Range(2, Levels - 1).Where(t => t < 20 || t % 5 == 0)];
            double[] costs = [.. levels.Select(t => chain.StepTo(t).Cost)];
            var middle = chain.StepTo(Levels / 2).Cost;
            byLevel.Line(name, [.. levels.Select(t => (double)t)], [.. costs.Select(c => c / middle)]);
            // How often a unit of γ is visited where each level is alike: the simple loss counts an error there that much.
            double[] middles = [.. levels.Select(t => 0.5 * (chain[t].LogNoise + chain[t - 1].LogNoise))];
            double[] visits = [.. levels.Select(t => 1 / chain.StepTo(t).Increase)];
            var total = Enumerable.Range(2, Levels - 1).Count(t => chain[t].LogNoise is > From and < To) / (To - From);
            byNoise.Line(name, middles, [.. visits.Select(v => v / total)]);
            Console.WriteLine(Invariant($"{name}: γ from {chain[1].LogNoise:0.00} to {chain[Levels].LogNoise:0.00}; an error at level 2 costs {chain.StepTo(2).Cost / middle:0.0} times what it does at level 500, at level 900 {chain.StepTo(900).Cost / middle:0.00} times"));
        }
        new Panels("", 2, byLevel, byNoise).Save(Path.Combine(folder, "diffusion-weights.svg"));
    }
}
