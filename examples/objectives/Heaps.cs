using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Examples.Objectives;

/// <summary>Points of eight heaps around a ring, each a normal: a density that is known.</summary>
internal static class Heaps
{
    public const int Count = 8;
    public const double Noise = 0.15;
    private const double Radius = 1.5;

    private static readonly (double X, double Y)[] Centres = [.. Enumerable.Range(0, Count).Select(i => (Radius * Math.Cos(2 * Math.PI * i / Count), Radius * Math.Sin(2 * Math.PI * i / Count)))];

    public static Points Draw(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 7);
        var values = new float[2 * count];
        for (var i = 0; i < count; i++)
        {
            var (x, y) = Centres[random.NextBelow(Count)];
            (values[2 * i], values[2 * i + 1]) = ((float)(x + Noise * random.NextNormal()), (float)(y + Noise * random.NextNormal()));
        }
        return new(values, 2);
    }

    /// <summary>The mean of ln p over points, nats.</summary>
    public static double MeanLogDensity(Points points) => Enumerable.Range(0, points.Count).Average(i =>
        Math.Log(Centres.Average(c => Math.Exp(-Square(points[i], c) / (2 * Noise * Noise))) / (2 * Math.PI * Noise * Noise)));

    /// <summary>The share of points within three deviations of a centre, heap by heap.</summary>
    public static IReadOnlyList<double> Shares(Points points) =>
        [.. Centres.Select(c => Enumerable.Range(0, points.Count).Count(i => Square(points[i], c) < 9 * Noise * Noise) / (double)points.Count)];

    private static double Square(ReadOnlySpan<float> point, (double X, double Y) centre) => (point[0] - centre.X) * (point[0] - centre.X) + (point[1] - centre.Y) * (point[1] - centre.Y);
}
