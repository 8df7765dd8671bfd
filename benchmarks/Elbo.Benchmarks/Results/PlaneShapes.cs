using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Benchmarks.Results;

/// <summary>Densities of the plane that are known: of a curve, or of points, with normal noise around them.</summary>
internal sealed record PlaneShape(string Name, IReadOnlyList<(double X, double Y)> Centres, double Noise)
{
    /// <summary>Eight heaps around a ring.</summary>
    public static PlaneShape Ring { get; } = new("eight heaps", [.. Enumerable.Range(0, 8).Select(i => (1.5 * Math.Cos(i * Math.PI / 4), 1.5 * Math.Sin(i * Math.PI / 4)))], 0.15);

    /// <summary>A spiral of one and a half turns.</summary>
    public static PlaneShape Swirl { get; } = new("swirl", [.. Enumerable.Range(0, 2000).Select(i => 1.5 * Math.PI * (1 + 2 * (i + 0.5) / 2000)).Select(a => (0.15 * a * Math.Cos(a), 0.15 * a * Math.Sin(a)))], 0.08);

    public Points Draw(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 7);
        var values = new float[2 * count];
        for (var i = 0; i < count; i++)
        {
            var (x, y) = Centres[random.NextBelow(Centres.Count)];
            (values[2 * i], values[2 * i + 1]) = ((float)(x + Noise * random.NextNormal()), (float)(y + Noise * random.NextNormal()));
        }
        return new(values, 2);
    }

    /// <summary>ln p(x, y), nats.</summary>
    public double LogDensity(double x, double y)
    {
        var sum = 0.0;
        foreach (var (a, b) in Centres)
            sum += Math.Exp(-((x - a) * (x - a) + (y - b) * (y - b)) / (2 * Noise * Noise));
        return Math.Log(sum / Centres.Count / (2 * Math.PI * Noise * Noise));
    }

    /// <summary>The mean of −ln p over points.</summary>
    public Estimate Entropy(Points points) => Estimate.OfMean([.. Enumerable.Range(0, points.Count).Select(i => -LogDensity(points[i][0], points[i][1]))]);
}
