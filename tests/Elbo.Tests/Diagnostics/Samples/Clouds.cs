using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Tests.Diagnostics.Samples;

/// <summary>Points drawn from known distributions.</summary>
internal static class Clouds
{
    /// <summary>Normal points around a centre that is the same in the first dimension alone.</summary>
    public static Points Normal(int count, int dimensions, ulong seed, double shift = 0, double sd = 1)
    {
        var random = new RandomNumbers(seed, 77);
        var values = new float[count * dimensions];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(sd * random.NextNormal() + (i % dimensions == 0 ? shift : 0));
        return new(values, dimensions);
    }

    /// <summary>Each number changed.</summary>
    public static Points Map(this Points points, Func<float, double> change) => new(points.Values.ToArray().Select(v => (float)change(v)).ToArray(), points.Dimensions);

    /// <summary>The squared distance as it is defined.</summary>
    public static double SquaredDistance(Points a, int i, Points b, int j)
    {
        var sum = 0.0;
        for (var k = 0; k < a.Dimensions; k++)
            sum += ((double)a[i][k] - b[j][k]) * ((double)a[i][k] - b[j][k]);
        return sum;
    }
}
