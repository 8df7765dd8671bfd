using Elbo.Compute;

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

    /// <summary>What the encoder sees: [rows, <see cref="FeatureCount"/>].</summary>
    /// <param name="values">[rows, <see cref="Size"/>], 0 where missing.</param>
    /// <param name="mask">1 where observed, of the same shape; null where nothing is missing.</param>
    public abstract Tensor Features(Tensor values, Tensor? mask);

    /// <summary>ln p of each number given the code, in nats, 0 where it is missing: [draws, rows, <see cref="Size"/>].</summary>
    /// <param name="parameters">Decoder outputs, [draws, rows, <see cref="ParameterCount"/>].</param>
    /// <param name="values">[rows, <see cref="Size"/>], 0 where missing.</param>
    /// <param name="mask">1 where observed, of the same shape; null where nothing is missing.</param>
    public abstract Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask);

    /// <summary>The mean of each number given the decoder outputs of a row, in the units of the values.</summary>
    public abstract void Mean(ReadOnlySpan<float> parameters, Span<float> values);

    /// <summary>A draw of each number given the decoder outputs of a row, in the units of the values.</summary>
    public abstract void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random);
}
