using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>
/// Initial weights for deep networks without norms: normal, with a variance of gain²/inputs, so that what a layer sums has the size of its
/// inputs times the gain (LeCun et al., 1998; He et al., 2015).
/// </summary>
internal static class FanInWeights
{
    /// <summary>The gain after which a SiLU of a standard normal is about standard again.</summary>
    public const double Silu = 1.7;

    public static Variable Draw(string name, Shape shape, double inputs, double gain, RandomNumbers random)
    {
        var weights = new Variable(name, shape);
        var deviation = gain / Math.Sqrt(inputs);
        foreach (ref var weight in weights.AsSpan<float>())
            weight = (float)(deviation * random.NextNormal());
        return weights;
    }

    public static Variable Bias(string name, int outputs) => new(name, [outputs]);
}
