using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>The initial weights of layers (Glorot and Bengio, 2010).</summary>
internal static class GlorotWeights
{
    /// <summary>The number of taps.</summary>
    public static int Area(ReadOnlySpan<int> taps)
    {
        var area = 1;
        foreach (var count in taps)
            area *= count;
        return area;
    }

    /// <summary>Weights drawn uniformly within √(6/fans) (eq. 16).</summary>
    public static Variable Draw(string name, Shape shape, double fans, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var weights = new Variable(name, shape);
        var limit = Math.Sqrt(6 / fans);
        foreach (ref var weight in weights.AsSpan<float>())
            weight = (float)(limit * (2 * random.NextUniform() - 1));
        return weights;
    }
}
