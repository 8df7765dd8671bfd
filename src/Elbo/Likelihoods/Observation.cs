using Elbo.Compute;
using Elbo.Distributions;

namespace Elbo.Likelihoods;

/// <summary>
/// p(x|z) of a row as a whole: what the encoder sees of it, and what the outputs of the decoder say about its numbers. Numbers are
/// independent of each other given the outputs.
/// </summary>
public abstract class Observation
{
    /// <summary>Numbers a row, missing or not.</summary>
    public abstract int Size { get; }

    /// <summary>Numbers a row that the encoder sees.</summary>
    public abstract int FeatureCount { get; }

    /// <summary>Numbers a row that the decoder gives.</summary>
    public abstract int ParameterCount { get; }

    /// <summary>What is learned of the likelihood itself and is the same for all rows: scales, dispersions, thresholds.</summary>
    public virtual IReadOnlyList<Variable> Variables => [];

    /// <summary>Names of the parts that the reconstruction is reported in: columns, or blocks of pixels.</summary>
    public abstract IReadOnlyList<string> Terms { get; }

    /// <summary>The part that a number of a row belongs to, as an index into <see cref="Terms"/>.</summary>
    public abstract int TermOf(int number);

    /// <summary>What a row is taken for: as it is, unless it is made binary.</summary>
    /// <param name="values">[rows, <see cref="Size"/>].</param>
    /// <param name="uniform">Uniform draws of the same shape, the same each time that the same rows are to be taken for the same.</param>
    public virtual Tensor Observe(Tensor values, Func<Shape, Tensor> uniform) => values;

    /// <summary>What the encoder sees: [rows, <see cref="FeatureCount"/>].</summary>
    /// <param name="values">[rows, <see cref="Size"/>], 0 where missing.</param>
    /// <param name="mask">1 where observed, of the same shape; null where nothing is missing.</param>
    public abstract Tensor Features(Tensor values, Tensor? mask);

    /// <summary>ln p of each number given the code, in nats, 0 where it is missing: [draws, rows, <see cref="Size"/>].</summary>
    /// <param name="parameters">Decoder outputs, [draws, rows, <see cref="ParameterCount"/>].</param>
    /// <param name="values">[rows, <see cref="Size"/>], 0 where missing.</param>
    /// <param name="mask">1 where observed, of the same shape; null where nothing is missing.</param>
    public abstract Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask);

    /// <summary>
    /// The same where what is missing of a row may have to be drawn, and the rows with these draws in their holes, [draws, rows, <see cref="Size"/>]; null where nothing is drawn.
    /// </summary>
    /// <param name="parameters">As of <see cref="LogDensity"/>.</param>
    /// <param name="values">As of <see cref="LogDensity"/>.</param>
    /// <param name="mask">As of <see cref="LogDensity"/>.</param>
    /// <param name="random">Where draws come from.</param>
    internal virtual (Tensor LogDensity, Tensor? Completed) Score(Tensor parameters, Tensor values, Tensor? mask, RandomDraws random) => (LogDensity(parameters, values, mask), null);

    /// <summary>Outputs of a decoder that knows nothing of a row but the mean of all, to begin with; null for zeros.</summary>
    /// <param name="means">The mean of each number over rows.</param>
    public virtual float[]? FirstOutputs(ReadOnlySpan<double> means) => null;

    /// <summary>The mean of each number given the decoder outputs, as an expression: [draws, rows, <see cref="Size"/>].</summary>
    /// <exception cref="ArgumentException">Not every number has a mean.</exception>
    public virtual Tensor Means(Tensor parameters) =>
        throw new ArgumentException("A squared error needs numbers that have means, and columns of a table need not have any; constrain the reconstruction instead.");

    /// <summary>The mean of each number given the decoder outputs of a row, in the units of the values.</summary>
    public abstract void Mean(ReadOnlySpan<float> parameters, Span<float> values);

    /// <summary>A draw of each number given the decoder outputs of a row, in the units of the values.</summary>
    public abstract void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random);
}
