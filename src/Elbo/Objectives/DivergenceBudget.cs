using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>How the divergence KL(q(z|x)‖p(z)) of an autoencoder is held to a budget while it is trained. What is reported is always the bound itself.</summary>
public abstract record DivergenceBudget
{
    private protected DivergenceBudget()
    {
    }

    /// <summary>None: the divergence counts as it is.</summary>
    public static DivergenceBudget None { get; } = new NoBudget();

    /// <summary>
    /// Each part of the divergence costs nothing up to an allowance, as a mean over the batch (Kingma et al., 2016), so that no latent number
    /// has to give up before it is of use.
    /// </summary>
    /// <param name="nats">The allowance of each part: of each latent number where its divergence has a closed form, otherwise of each group.</param>
    public static DivergenceBudget FreeBits(double nats) => new FreeBitsBudget(nats);

    /// <summary>The divergence is drawn to a capacity, which grows in training: weight·|KL − capacity| (Burgess et al., 2018).</summary>
    /// <param name="nats">The capacity in the end, nats per row.</param>
    /// <param name="weight">What a nat beside it costs.</param>
    /// <param name="epochs">Epochs over which the capacity grows from 0.</param>
    public static DivergenceBudget Capacity(double nats, double weight = 10, int epochs = 10) => new CapacityBudget(nats, weight, epochs);

    /// <exception cref="ArgumentException">A number is out of its range; the message names it.</exception>
    internal virtual void Check()
    {
    }

    /// <summary>Epochs over which it grows.</summary>
    internal virtual int GrowingEpochs => 0;

    /// <summary>What the parts of a divergence cost, a scalar.</summary>
    internal abstract Tensor Of(Tensor terms, Tensor grown);
}

/// <summary>No budget.</summary>
public sealed record NoBudget : DivergenceBudget
{
    internal override Tensor Of(Tensor terms, Tensor grown) => terms.Sum();
}

/// <summary>An allowance for each part of the divergence.</summary>
/// <param name="Nats">The allowance.</param>
public sealed record FreeBitsBudget(double Nats) : DivergenceBudget
{
    internal override void Check()
    {
        if (!(Nats >= 0 && double.IsFinite(Nats)))
            throw new ArgumentException($"Free bits are an allowance in nats of at least 0; {Nats} was given.");
    }

    internal override Tensor Of(Tensor terms, Tensor grown) => Maximum(terms, Tensor.Scalar(Nats)).Sum();
}

/// <summary>A capacity that the divergence is drawn to.</summary>
/// <param name="Nats">In the end.</param>
/// <param name="Weight">What a nat beside it costs.</param>
/// <param name="Epochs">Epochs over which it grows from 0.</param>
public sealed record CapacityBudget(double Nats, double Weight, int Epochs) : DivergenceBudget
{
    internal override int GrowingEpochs => Epochs;

    internal override void Check()
    {
        if (!(Nats >= 0 && double.IsFinite(Nats) && Weight > 0 && double.IsFinite(Weight) && Epochs >= 0))
            throw new ArgumentException($"A capacity has nats of at least 0, a weight above 0, and epochs of at least 0; {Nats}, {Weight} and {Epochs} were given.");
    }

    internal override Tensor Of(Tensor terms, Tensor grown) => Weight * Abs(terms.Sum() - Nats * grown);
}
