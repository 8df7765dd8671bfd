using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Networks;

/// <summary>
/// Multi-head attention (Vaswani et al., 2017): every place of a sequence asks, in several subspaces at once, which places of the same
/// or of another sequence matter to it, and gets their average.
/// </summary>
public sealed class Attention
{
    private readonly Variable _queries;
    private readonly Variable _keys;
    private readonly Variable _values;
    private readonly Variable _out;
    private readonly int _heads;

    /// <summary>Attention with weights drawn uniformly within √(6/(inputs + outputs)) (Glorot and Bengio, 2010), without biases.</summary>
    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="features">Features of a place, which the result has as well.</param>
    /// <param name="heads">Subspaces: a divisor of the number of features.</param>
    /// <param name="random">Where weights come from.</param>
    /// <param name="contextFeatures">Features of a place that is attended to; <paramref name="features"/> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">Features cannot be parted into so many heads.</exception>
    public Attention(string name, int features, int heads, RandomNumbers random, int? contextFeatures = null)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (features % heads != 0)
            throw new ArgumentOutOfRangeException(nameof(heads), heads, $"Attention '{name}': {features} features cannot be parted into {heads} heads of one size; choose a divisor.");
        var context = contextFeatures ?? features;
        _queries = GlorotWeights.Draw($"{name}.query", [features, features], features + features, random);
        _keys = GlorotWeights.Draw($"{name}.key", [context, features], context + features, random);
        _values = GlorotWeights.Draw($"{name}.value", [context, features], context + features, random);
        _out = GlorotWeights.Draw($"{name}.out", [features, features], features + features, random);
        _heads = heads;
    }

    /// <summary>The weights of queries, keys, values and of what is made of all heads together.</summary>
    public IEnumerable<Variable> Variables => [_queries, _keys, _values, _out];

    /// <summary>Self-attention: [batch, length, features] for [batch, length, features].</summary>
    /// <param name="x">The sequence.</param>
    /// <param name="isCausal">Whether a place attends only to itself and those before it.</param>
    public Tensor Apply(Tensor x, bool isCausal = false) => Apply(x, x, isCausal);

    /// <summary>Cross-attention: [batch, length, features] for [batch, length, features] and a context of [batch, its length, its features].</summary>
    /// <param name="x">The sequence that asks.</param>
    /// <param name="context">The sequence that is attended to.</param>
    /// <param name="isCausal">Whether a place attends only to the same place of the context and those before it.</param>
    /// <exception cref="ShapeException">Batches or features do not fit.</exception>
    public Tensor Apply(Tensor x, Tensor context, bool isCausal = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(context);
        if (x.Rank != 3 || context.Rank != 3 || x.Shape[0] != context.Shape[0] || x.Shape[2] != _queries.Shape[0] || context.Shape[2] != _keys.Shape[0])
            throw new ShapeException($"Attention '{_queries.Name}' needs [batch, length, {_queries.Shape[0]}] and a context of [batch, length, {_keys.Shape[0]}]; {x.Type}{x.Shape} and {context.Type}{context.Shape} were given.");
        var heads = Attend(Heads(x.MatMul(_queries)), Heads(context.MatMul(_keys)), Heads(context.MatMul(_values)), isCausal);
        return heads.Transpose(0, 2, 1, 3).Reshape(x.Shape).MatMul(_out);
    }

    // [batch, length, features] to [batch, heads, length, features of a head].
    private Tensor Heads(Tensor x) => x.Reshape([x.Shape[0], x.Shape[1], _heads, x.Shape[2] / _heads]).Transpose(0, 2, 1, 3);
}
