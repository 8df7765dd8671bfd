using Elbo.Compute;
using Elbo.Likelihoods;
using static Elbo.Compute.TensorMath;

namespace Elbo.Texts;

/// <summary>
/// Documents as bags of words: ln p of the words of a document in their order, each from the softmax of the outputs of the decoder. The encoder sees ln(1 + count), so that long
/// documents and frequent words do not drown the rest.
/// </summary>
public sealed class CountObservation : Observation
{
    // What a word that never occurs begins with, beside one that occurs once in all documents.
    private const double Unseen = 0.1;

    /// <summary>Counts of so many words.</summary>
    /// <param name="words">How many.</param>
    /// <param name="drawn">Words of a document that is drawn; how long documents are is not modelled.</param>
    public CountObservation(int words, int drawn = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(words, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(drawn, 1);
        (Size, Drawn) = (words, drawn);
    }

    /// <summary>Words of a document that is drawn.</summary>
    public int Drawn { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override int FeatureCount => Size;

    /// <inheritdoc/>
    public override int ParameterCount => Size;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Terms => ["words"];

    /// <inheritdoc/>
    public override int TermOf(int number) => 0;

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Log1p(values);
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        return values.Reshape([1, values.Shape[0], Size]) * LogSoftmax(parameters);
    }

    /// <inheritdoc/>
    public override float[]? FirstOutputs(ReadOnlySpan<double> means)
    {
        var outputs = new float[Size];
        var (sum, least) = (0.0, double.PositiveInfinity);
        foreach (var mean in means)
        {
            sum += mean;
            least = mean > 0 ? Math.Min(least, mean) : least;
        }
        for (var w = 0; w < Size && sum > 0; w++)
            outputs[w] = (float)Math.Log((means[w] > 0 ? means[w] : Unseen * least) / sum);
        return outputs;
    }

    /// <inheritdoc/>
    /// <remarks>Of a document of <see cref="Drawn"/> words.</remarks>
    public override void Mean(ReadOnlySpan<float> parameters, Span<float> values)
    {
        var (greatest, sum) = (float.NegativeInfinity, 0.0);
        foreach (var parameter in parameters)
            greatest = Math.Max(greatest, parameter);
        for (var w = 0; w < values.Length; w++)
            sum += Math.Exp(parameters[w] - greatest);
        for (var w = 0; w < values.Length; w++)
            values[w] = (float)(Drawn * Math.Exp(parameters[w] - greatest) / sum);
    }

    /// <inheritdoc/>
    public override void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Mean(parameters, values);
        var cumulative = new double[values.Length];
        var sum = 0.0;
        for (var w = 0; w < values.Length; w++)
            cumulative[w] = sum += values[w];
        values.Clear();
        for (var i = 0; i < Drawn; i++)
        {
            var at = Array.BinarySearch(cumulative, sum * random.NextUniform());
            values[Math.Min(at < 0 ? ~at : at, values.Length - 1)]++;
        }
    }
}
