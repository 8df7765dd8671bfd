using Elbo.Compute;

namespace Elbo.Distributions;

public abstract partial class Distribution
{
    /// <summary>The improper uniform density 1 on all numbers. It cannot be drawn from; a posterior may exist all the same.</summary>
    public static Flat Flat() => new(Support.Real);

    /// <summary>The improper uniform density 1 on the positive numbers.</summary>
    public static Flat FlatPositive() => new(Support.Positive);

    /// <summary>The improper uniform density 1 on a set.</summary>
    public static Flat Flat(Support support) => new(support);
}

/// <summary>An improper prior: density 1 everywhere on a set. A draw from it, where one is needed for its shape alone, is the image of 0.</summary>
public sealed class Flat : Distribution
{
    private readonly Shape _batch;
    private readonly DType? _type;

    internal Flat(Support support, Shape batch = default, DType? type = null) => (Support, _batch, _type) = (support, batch, type);

    /// <inheritdoc/>
    public override DType Type => _type ?? DType.Float64;

    /// <inheritdoc/>
    public override bool HasOpenType => _type is null;

    /// <inheritdoc/>
    public override Shape BatchShape => _batch;

    /// <inheritdoc/>
    public override Support Support { get; }

    /// <inheritdoc/>
    public override Tensor LogProbability(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Tensor.Full(Shape.Create(value.Shape.AsSpan()[..^Support.EventRank]), 0, value.Type);
    }

    /// <inheritdoc/>
    public override Tensor Draw(RandomDraws random, Shape batch) => Support.FromReal!.Forward(Tensor.Full(Support.FromReal.InverseShape(batch), 0, Type));

    /// <inheritdoc/>
    public override Distribution Expand(Shape batch) => new Flat(Support, batch, _type);

    /// <inheritdoc/>
    public override Distribution Convert(DType type) => new Flat(Support, _batch, type);

    /// <inheritdoc/>
    protected override Distribution WithParameters(Value[] parameters) => this;
}
