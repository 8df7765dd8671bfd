using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Examples.Objectives;

/// <summary>Points along a spiral of one turn and a half, with normal noise around it: a density that is known.</summary>
internal static class Swirl
{
    public const double Noise = 0.08;
    private const int Places = 2000;

    private static readonly (double X, double Y)[] Curve =
        [.. Enumerable.Range(0, Places).Select(i => 1.5 * Math.PI * (1 + 2 * (i + 0.5) / Places)).Select(a => (0.15 * a * Math.Cos(a), 0.15 * a * Math.Sin(a)))];

    public static Points Draw(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 7);
        var values = new float[2 * count];
        for (var i = 0; i < count; i++)
        {
            var (x, y) = Curve[random.NextBelow(Places)];
            (values[2 * i], values[2 * i + 1]) = ((float)(x + Noise * random.NextNormal()), (float)(y + Noise * random.NextNormal()));
        }
        return new(values, 2);
    }

    /// <summary>The mean of ln p over points, nats.</summary>
    public static double MeanLogDensity(Points points) => Enumerable.Range(0, points.Count).Average(i => LogDensity(points[i][0], points[i][1]));

    private static double LogDensity(double x, double y) =>
        Math.Log(Curve.Average(c => Math.Exp(-((x - c.X) * (x - c.X) + (y - c.Y) * (y - c.Y)) / (2 * Noise * Noise))) / (2 * Math.PI * Noise * Noise));
}
