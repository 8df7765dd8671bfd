using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>
/// Codes of another model as data: each row has the means and the standard deviations of its q, and is taken for a draw of them, anew each time that it is
/// seen. Given the model's own code, each number is normal, and the decoder gives its mean and log-variance.
/// </summary>
/// <param name="numbers">Numbers of a code, at least 1. A row has twice as many: means, then standard deviations.</param>
public sealed class CodeObservation(int numbers) : Observation
{
    private const double SmallestLogVariance = -10;
    private const double LargestLogVariance = 6;

    // Φ⁻¹ is infinite at 0 and 1.
    private const double Edge = 1e-7;

    /// <summary>Numbers of a code.</summary>
    public int Numbers { get; } = numbers >= 1 ? numbers : throw new ArgumentOutOfRangeException(nameof(numbers), numbers, "A code has at least one number.");

    /// <inheritdoc/>
    public override int Size => 2 * Numbers;

    /// <inheritdoc/>
    public override int FeatureCount => Numbers;

    /// <inheritdoc/>
    public override int ParameterCount => 2 * Numbers;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Terms => [.. Enumerable.Range(1, Numbers).Select(i => $"z{i}")];

    /// <inheritdoc/>
    public override int TermOf(int number) => number % Numbers;

    /// <inheritdoc/>
    public override Tensor Observe(Tensor values, Func<Shape, Tensor> uniform)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(uniform);
        Shape half = [values.Shape[0], Numbers];
        var noise = NormalQuantile(Clamp(uniform(half), Edge, 1 - Edge));
        return Tensor.Concatenate(1, values.Slice(1, 0, Numbers) + values.Slice(1, Numbers, Numbers) * noise, Tensor.Full(half, 0, values.Type));
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Slice(1, 0, Numbers);
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        var (draws, rows) = (parameters.Shape[0], parameters.Shape[1]);
        var logVariance = Clamp(parameters.Slice(2, Numbers, Numbers), SmallestLogVariance, LargestLogVariance);
        var away = values.Slice(1, 0, Numbers).Reshape([1, rows, Numbers]) - parameters.Slice(2, 0, Numbers);
        var ofNumbers = -0.5 * (away * away * Exp(-logVariance) + logVariance) - 0.5 * Math.Log(2 * Math.PI);
        return Tensor.Concatenate(2, ofNumbers, Tensor.Full([draws, rows, Numbers], 0, values.Type));
    }

    /// <inheritdoc/>
    public override float[]? FirstOutputs(ReadOnlySpan<double> means)
    {
        var outputs = new float[ParameterCount];
        for (var i = 0; i < Numbers; i++)
            outputs[i] = (float)means[i];
        return outputs;
    }

    /// <inheritdoc/>
    public override void Mean(ReadOnlySpan<float> parameters, Span<float> values)
    {
        parameters[..Numbers].CopyTo(values);
        values[Numbers..].Clear();
    }

    /// <inheritdoc/>
    public override void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        values[Numbers..].Clear();
        for (var i = 0; i < Numbers; i++)
            values[i] = (float)(parameters[i] + Math.Exp(0.5 * Math.Clamp(parameters[Numbers + i], SmallestLogVariance, LargestLogVariance)) * random.NextNormal());
    }
}
