using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>
/// Codes of an autoencoder in a diffusion model: a row is taken for a draw of its q, anew each time that it is seen (<see cref="CodeObservation"/>), shifted and scaled to mean 0 and
/// variance 1 over rows. ln p is of the density of the code.
/// </summary>
internal sealed class CodeReadout : Readout
{
    private readonly double[] _means;
    private readonly double[] _deviations;
    private readonly CodeObservation _codes;

    private CodeReadout(double[] means, double[] deviations) => (_means, _deviations, _codes) = (means, deviations, new(means.Length));

    public override bool IsDiscrete => false;

    /// <summary>For codes such as these.</summary>
    public static CodeReadout Of(CodeRows rows)
    {
        var latent = rows.Size / 2;
        var (values, means, deviations) = (new float[rows.Size], new double[latent], new double[latent]);
        void ForEach(Action<int, double, double> action)
        {
            for (var row = 0; row < rows.Count; row++)
            {
                rows.Fill([row], values, []);
                for (var d = 0; d < latent; d++)
                    action(d, values[d], values[latent + d]);
            }
        }
        ForEach((d, mean, _) => means[d] += mean / rows.Count);
        ForEach((d, mean, deviation) => deviations[d] += ((mean - means[d]) * (mean - means[d]) + deviation * deviation) / rows.Count);
        return new(means, [.. deviations.Select(Math.Sqrt)]);
    }

    public override int WidthOf(int size) => _means.Length;

    public override Tensor Observe(Tensor values, Func<Shape, Tensor> uniform) => _codes.Observe(values, uniform);

    public override Tensor Embed(Tensor values, Tensor? mask) => (_codes.Features(values, mask) - Constant(_means)) / Constant(_deviations);

    public override Tensor LogDensity(Tensor seen, Tensor values, Tensor logDeviation)
    {
        var z = (Embed(values, null) - seen) * Exp(-logDeviation);
        var logDensity = -0.5 * (z * z) - logDeviation - Log(Constant(_deviations)) - 0.5 * Math.Log(2 * Math.PI);
        return Tensor.Concatenate(1, logDensity, Tensor.Full(logDensity.Shape, 0, logDensity.Type));
    }

    public override void Read(ReadOnlySpan<double> seen, double deviation, RandomNumbers? random, Span<float> values)
    {
        values.Clear();
        for (var d = 0; d < seen.Length; d++)
            values[d] = (float)(_means[d] + _deviations[d] * (seen[d] + (random is null ? 0 : deviation * random.NextNormal())));
    }

    private static Tensor Constant(double[] numbers) => Tensor.FromArray(numbers, [1, numbers.Length]);
}
