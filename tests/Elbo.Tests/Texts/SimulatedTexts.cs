using Elbo.Compute;
using Elbo.Texts;

namespace Elbo.Tests.Texts;

/// <summary>Documents of known topics: topic k has the letters 4k to 4k + 3, and most documents have much of one.</summary>
internal static class SimulatedTexts
{
    public static Vocabulary Letters { get; } = new(Tokeniser.Words, [.. Enumerable.Range('a', 12).Select(c => ((char)c).ToString())]);

    public static int[][] Documents(int count, int length, ulong seed = 3, double[]? concentrations = null)
    {
        var random = new RandomNumbers(seed, 1);
        concentrations ??= [0.3, 0.3, 0.3];
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var shares = concentrations.Select(random.NextGamma).ToArray();
            return Enumerable.Range(0, length).Select(_ =>
            {
                var (left, topic) = (random.NextUniform() * shares.Sum(), 0);
                while (topic < 2 && (left -= shares[topic]) > 0)
                    topic++;
                return 4 * topic + Math.Min(random.NextBelow(4), random.NextBelow(4));
            }).ToArray();
        })];
    }

    public static WordCounts Counts(int count, int length, ulong seed = 3, double[]? concentrations = null) => WordCounts.Of(Documents(count, length, seed, concentrations), 12);
}
