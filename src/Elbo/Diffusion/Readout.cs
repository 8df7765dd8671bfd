using Elbo.Compute;
using Elbo.Likelihoods;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>
/// The two ends of data in a diffusion model: the vector that a row is taken for, to which noise is added, and p(x|z₁), what the least noisy level says of the row. All of
/// it follows from the vector that the network makes of z₁, about which a number is normal with the standard deviation that the noise of that level leaves, σ₁/α₁.
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

    /// <summary>
    /// Columns of a table, each by its family: real numbers standardised, or their logarithms; levels as 1 among zeros, two on one line; counts by their
    /// logarithms. ln p is of densities in the units of the column and of probabilities of levels and counts, as that of other models of tables is. Cells may be missing.
    /// </summary>
    /// <param name="columns">The columns, with holes that say nothing.</param>
    /// <exception cref="ArgumentException">The holes are modelled.</exception>
    public static Readout Table(TableObservation columns) => new TableReadout(columns);

    /// <summary>Whether ln p is of probabilities, so that −ln p/ln 2 is bits.</summary>
    public abstract bool IsDiscrete { get; }

    /// <summary>Whether numbers of a row may be missing: then the network is told which are there.</summary>
    public virtual bool AllowsMissing => false;

    /// <summary>Numbers of the vector, of rows of so many.</summary>
    public virtual int WidthOf(int size) => size;

    /// <summary>What a row is taken for: as it is, unless it is drawn.</summary>
    /// <param name="values">[rows, numbers].</param>
    /// <param name="uniform">Uniform draws of a shape.</param>
    public virtual Tensor Observe(Tensor values, Func<Shape, Tensor> uniform) => values;

    /// <summary>The vectors of rows: [rows, width].</summary>
    /// <param name="values">[rows, numbers].</param>
    /// <param name="mask">1 where a number is there; null where all are. What is missing is 0 in the vector.</param>
    public abstract Tensor Embed(Tensor values, Tensor? mask);

    /// <summary>Something of each number of a row for each number of its vector: from [rows, numbers] to [rows, width].</summary>
    public virtual Tensor Repeat(Tensor ofNumbers) => ofNumbers;

    /// <summary>Of each number of the vector whether it is a mean over few values, each by its probability; none where no number is.</summary>
    public virtual IReadOnlyList<bool> IsMeanOfValues => [];

    /// <summary>
    /// The vectors that the network makes of noisy ones: as it says, unless values are so few that their probabilities follow from the noise and from what it says of each. Then what it says is no
    /// <see cref="Prediction"/> but the logarithm of what the noise's own probability of a value is multiplied with.
    /// </summary>
    /// <param name="output">What the network says, [rows, width].</param>
    /// <param name="seen">The vectors that this means.</param>
    /// <param name="noisy">z.</param>
    /// <param name="signal">α, [rows, 1] or a scalar.</param>
    /// <param name="noise">σ, likewise.</param>
    public virtual Tensor Seen(Tensor output, Tensor seen, Tensor noisy, Tensor signal, Tensor noise) => seen;

    /// <summary>ln p of each number of rows, nats: [rows, numbers]; of missing ones some finite number.</summary>
    /// <param name="seen">The vectors that the network makes of z₁.</param>
    /// <param name="values">The rows.</param>
    /// <param name="logDeviation">ln(σ₁/α₁), a scalar.</param>
    public abstract Tensor LogDensity(Tensor seen, Tensor values, Tensor logDeviation);

    /// <summary>What the network can have seen of a number of the vector: where data have ends, it is brought to them.</summary>
    public virtual double Limit(double seen) => seen;

    /// <summary>A row of the vector that the network makes of z₁.</summary>
    /// <param name="seen">The vector.</param>
    /// <param name="deviation">σ₁/α₁.</param>
    /// <param name="random">For a draw of p(x|z₁); null for the row that it has its middle at.</param>
    /// <param name="values">Room for the row.</param>
    public abstract void Read(ReadOnlySpan<double> seen, double deviation, RandomNumbers? random, Span<float> values);

    private sealed class DensityReadout : Readout
    {
        public override bool IsDiscrete => false;

        public override Tensor Embed(Tensor values, Tensor? mask) => values;

        public override void Read(ReadOnlySpan<double> seen, double deviation, RandomNumbers? random, Span<float> values)
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(seen[i] + (random is null ? 0 : deviation * random.NextNormal()));
        }

        public override Tensor LogDensity(Tensor seen, Tensor values, Tensor logDeviation)
        {
            var z = (values - seen) * Exp(-logDeviation);
            return -0.5 * (z * z) - logDeviation - 0.5 * Math.Log(2 * Math.PI);
        }
    }

    private sealed class ShadeReadout(int count) : Readout
    {
        private readonly double _steps = count - 1;

        // Half the distance of two shades, from −1 to 1.
        private double HalfShade => 1 / _steps;

        public override bool IsDiscrete => true;

        public override Tensor Embed(Tensor values, Tensor? mask) => 2.0 * values - 1.0;

        public override double Limit(double seen) => Math.Clamp(seen, -1, 1);

        // Noise of less than a shade is not worth adding.
        public override void Read(ReadOnlySpan<double> seen, double deviation, RandomNumbers? random, Span<float> values)
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(Math.Round(_steps * Math.Clamp(0.5 * seen[i] + 0.5, 0, 1)) / _steps);
        }

        public override Tensor LogDensity(Tensor seen, Tensor values, Tensor logDeviation)
        {
            var inverse = Exp(-logDeviation);
            var centred = Embed(values, null) - seen;
            var (above, below) = ((centred + HalfShade) * inverse, (centred - HalfShade) * inverse);
            var isWhite = values > 1 - 0.5 * HalfShade;
            var isBlack = values < 0.5 * HalfShade;
            return Where(isWhite, LogNormalCdf(-below), Where(isBlack, LogNormalCdf(above), CutNormal.LogBetween(below, above)));
        }
    }
}
