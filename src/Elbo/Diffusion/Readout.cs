using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>
/// The two ends of data in a diffusion model: what numbers of a row are taken for where noise is added, and p(x|z₁), what the least noisy level says of them. All of them
/// are normal about the data that the network makes of z₁, with the standard deviation that the noise of that level leaves, σ₁/α₁.
/// </summary>
public abstract class Readout
{
    /// <summary>Numbers as they are: ln p is of a density.</summary>
    public static Readout Density { get; } = new DensityReadout();

    /// <summary>Shades from 0 to 1 in steps of 1/255, taken for numbers from −1 to 1: ln p is of the probability of the shade, by a normal that is cut into them (Ho, Jain and Abbeel, 2020, eq. 13).</summary>
    public static Readout Shades { get; } = new ShadeReadout(256);

    /// <summary>Shades from 0 to 1 in equal steps, as <see cref="Shades"/> has 256 of them.</summary>
    /// <param name="count">How many, at least 2: of scans that count 16 dots a pixel, 17.</param>
    public static Readout ShadesOf(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return count == 256 ? Shades : new ShadeReadout(count);
    }

    /// <summary>Whether ln p is of probabilities, so that −ln p/ln 2 is bits.</summary>
    public abstract bool IsDiscrete { get; }

    /// <summary>What the network makes of values.</summary>
    public abstract Tensor Embed(Tensor values);

    /// <summary>Values of what the network makes.</summary>
    public abstract float Value(double embedded);

    /// <summary>A number that the network knows of, from its values.</summary>
    public abstract float Embed(float value);

    /// <summary>ln p of each number, nats: of the shape of the values.</summary>
    /// <param name="mean">What the network makes of z₁.</param>
    /// <param name="values">The data.</param>
    /// <param name="logDeviation">ln(σ₁/α₁), a scalar.</param>
    public abstract Tensor LogDensity(Tensor mean, Tensor values, Tensor logDeviation);

    private sealed class DensityReadout : Readout
    {
        public override bool IsDiscrete => false;

        public override Tensor Embed(Tensor values) => values;

        public override float Value(double embedded) => (float)embedded;

        public override float Embed(float value) => value;

        public override Tensor LogDensity(Tensor mean, Tensor values, Tensor logDeviation)
        {
            var z = (values - mean) * Exp(-logDeviation);
            return -0.5 * (z * z) - logDeviation - 0.5 * Math.Log(2 * Math.PI);
        }
    }

    private sealed class ShadeReadout(int count) : Readout
    {
        private readonly double _steps = count - 1;

        // Half the distance of two shades, from −1 to 1.
        private double HalfShade => 1 / _steps;

        public override bool IsDiscrete => true;

        public override Tensor Embed(Tensor values) => 2.0 * values - 1.0;

        public override float Value(double embedded) => (float)(Math.Round(_steps * Math.Clamp(0.5 * embedded + 0.5, 0, 1)) / _steps);

        public override float Embed(float value) => 2 * value - 1;

        // ln(Φ(b) − Φ(a)) by the side on which both are small: Φ(b) − Φ(a) = Φ(−a) − Φ(−b), and ln(e^u − e^v) = u + ln(1 − e^(v − u)).
        public override Tensor LogDensity(Tensor mean, Tensor values, Tensor logDeviation)
        {
            var inverse = Exp(-logDeviation);
            var centred = Embed(values) - mean;
            var (above, below) = ((centred + HalfShade) * inverse, (centred - HalfShade) * inverse);
            var isWhite = values > 1 - 0.5 * HalfShade;
            var isBlack = values < 0.5 * HalfShade;
            var isHigh = centred > 0.0;
            var (far, near) = (Where(isHigh, -below, above), Where(isHigh, -above, below));
            var (u, v) = (LogNormalCdf(far), LogNormalCdf(near));
            var within = u + Log(-Expm1(Minimum(v - u, Tensor.Scalar(-1e-7, u.Type))));
            return Where(isWhite, LogNormalCdf(-below), Where(isBlack, LogNormalCdf(above), within));
        }
    }
}
