using Elbo.Diffusion;

namespace Elbo.Cli.Commands;

/// <summary>Levels of noise next to each other, and what they come to together.</summary>
/// <param name="First">The first level, from 2: the step to level 1 is the first of the bound's steps.</param>
/// <param name="Last">The last.</param>
/// <param name="From">γ of the level before the first.</param>
/// <param name="To">γ of the last.</param>
/// <param name="Nats">Their terms of the bound together.</param>
/// <param name="SimpleShare">Their share of the squared error of the noise over all levels: what the simple loss looks at.</param>
internal sealed record NoiseBand(int First, int Last, double From, double To, double Nats, double SimpleShare)
{
    private const int Bands = 12;

    /// <summary>The levels of a bound in a dozen bands, evenly spaced in γ.</summary>
    public static IReadOnlyList<NoiseBand> Of(DiffusionBound bound, NoiseChain chain)
    {
        var (low, high) = (chain[1].LogNoise, chain[chain.Count].LogNoise);
        var steps = bound.Levels.Where(l => l.Level > 1).ToList();
        var bands = new List<NoiseBand>();
        // Levels that no row visited count as the mean of the others of their band do.
        double Mean(IEnumerable<LevelTerm> some, Func<LevelTerm, double> value) => some.Select(value).DefaultIfEmpty(0).Average();
        var errors = 0.0;
        foreach (var group in Enumerable.Range(2, chain.Count - 1).GroupBy(t => Math.Min(Bands - 1, (int)(Bands * (chain[t].LogNoise - low) / (high - low)))))
        {
            int[] levels = [.. group];
            var seen = steps.Where(l => l.Level >= levels[0] && l.Level <= levels[^1]).ToList();
            var error = Mean(seen, l => l.SquaredError.Value) * levels.Length;
            errors += error;
            bands.Add(new(levels[0], levels[^1], chain[levels[0] - 1].LogNoise, chain[levels[^1]].LogNoise, Mean(seen, l => l.Term.Value) * levels.Length, error));
        }

        return [.. bands.Select(b => b with { SimpleShare = b.SimpleShare / errors })];
    }
}
