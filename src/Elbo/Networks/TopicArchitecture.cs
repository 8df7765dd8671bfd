using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Networks;

/// <summary>
/// Networks of topics (ProdLDA: Srivastava and Sutton, 2017). A code of standard normal numbers, scaled to the Laplace approximation of a symmetric Dirichlet prior in the basis of the
/// softmax, becomes shares of topics; a product of experts, the softmax of what the topics say of each word weighted by their shares, makes the words. What is common to all
/// documents is the bias, which begins as the shares of words in all of them, so that no topic is spent on it.
/// </summary>
/// <param name="Concentration">The weight of each topic in the Dirichlet prior of shares that is approximated, above 0.</param>
/// <param name="Hidden">Sizes of the hidden layers of the encoder.</param>
/// <param name="Activation">The nonlinearity between them.</param>
internal sealed record TopicArchitecture(double Concentration, IReadOnlyList<int> Hidden, Activation Activation = Activation.Silu) : Architecture
{
    private FullyConnectedArchitecture Encoders => new(Hidden, Activation);

    /// <summary>The standard deviation of each number of the approximation in a basis of so many topics: √((1 − 1/K)/α) (MacKay, 1998; Hennig et al., 2012, eq. 24).</summary>
    public double Scale(int topics) => Math.Sqrt((1 - 1.0 / topics) / Concentration);

    internal override void Check()
    {
        if (!(Concentration > 0 && double.IsFinite(Concentration)))
            throw new ArgumentException($"The concentration of topics is {Concentration}; it must be a positive number.");
        Encoders.Check();
    }

    internal override INetwork Encoder(RowShape rows, int features, int outputs, RandomNumbers random, string name = "encoder") => Encoders.Encoder(rows, features, outputs, random, name);

    internal override (INetwork Network, int Width, Activation? Activation) Trunk(RowShape rows, int features, int outputs, RandomNumbers random, string name) =>
        Encoders.Trunk(rows, features, outputs, random, name);

    internal override INetwork Decoder(RowShape rows, int inputs, int outputs, RandomNumbers random, double outputScale) => new TopicDecoder(inputs, outputs, Scale(inputs), random, outputScale);
}

/// <summary>From codes to what is said of each word.</summary>
internal sealed class TopicDecoder : INetwork
{
    private readonly double _scale;
    private readonly Variable _topics;

    public TopicDecoder(int topics, int words, double scale, RandomNumbers random, double outputScale)
    {
        (_scale, _topics, OutputBias) = (scale, new("decoder.topics", [topics, words]), new("decoder.bias", [words]));
        foreach (ref var weight in _topics.AsSpan<float>())
            weight = (float)(outputScale * 0.1 * random.NextNormal());
    }

    public IEnumerable<Variable> Variables => [_topics, OutputBias];

    /// <summary>What each topic says of each word, beside the bias: [topics, words].</summary>
    public Variable Topics => _topics;

    public Variable OutputBias { get; }

    public Tensor Apply(Tensor x) => Softmax(_scale * x).MatMul(_topics.Value) + OutputBias.Value;
}
