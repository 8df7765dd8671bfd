using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>
/// What the divergence KL(q(z|x)‖p(z)) of an autoencoder is charged with while it is trained: a budget that it is held to, or parts of it that cost more than others, so that latent numbers come to
/// tell of hidden factors one by one. What is reported is always the bound itself.
/// </summary>
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

    /// <summary>
    /// The total correlation of codes, KL(q(z)‖Πⱼ q(zⱼ)), is charged more than the rest of the divergence: KL(q(z|x)‖p(z)) + (weight − 1)·TC (β-TCVAE; Chen, Li, Grosse and Duvenaud, 2018, equation 4). It
    /// is estimated from each batch, see <see cref="AggregateEstimator"/>. For a diagonal q(z|x).
    /// </summary>
    /// <param name="weight">β, what a nat of total correlation costs, above 0; 1 for the bound itself.</param>
    /// <param name="estimator">How densities of all codes are estimated from those of a batch.</param>
    public static DivergenceBudget TotalCorrelation(double weight, AggregateEstimator estimator = AggregateEstimator.Stratified) => new TotalCorrelationBudget(weight, estimator);

    /// <summary>
    /// The same with the total correlation estimated by a network that learns, beside the autoencoder, to tell codes from codes whose numbers were exchanged between rows: its log-odds are ln q(z)/Πⱼ q(zⱼ)
    /// (FactorVAE; Kim and Mnih, 2018): KL(q(z|x)‖p(z)) + weight·TC. For any q(z|x).
    /// </summary>
    /// <param name="weight">γ, what a nat of total correlation costs beside its nat of divergence, above 0.</param>
    /// <param name="hidden">Hidden layers of the network; null for three of 256.</param>
    /// <param name="learningRate">Adam's step size for it.</param>
    public static DivergenceBudget DensityRatio(double weight, IReadOnlyList<int>? hidden = null, double learningRate = 5e-4) => new DensityRatioBudget(weight, hidden ?? [256, 256, 256], learningRate);

    /// <summary>
    /// Codes of the whole data are drawn to the prior's unit covariance: KL(q(z|x)‖p(z)) + offDiagonal·Σᵢ≠ⱼ Cᵢⱼ² + diagonal·Σᵢ (Cᵢᵢ − 1)² (DIP-VAE; Kumar, Sattigeri and Balakrishnan, 2018), with C taken from
    /// each batch. For a diagonal q(z|x).
    /// </summary>
    /// <param name="offDiagonal">What squares of covariances cost, at least 0.</param>
    /// <param name="diagonal">What squares of the variances' distance from 1 cost, at least 0; null for ten times as much for means and as much for codes, as in the paper.</param>
    /// <param name="of">Whose covariance: of the means of q(z|x) (DIP-VAE I), or of codes drawn from it (II).</param>
    public static DivergenceBudget Covariance(double offDiagonal, double? diagonal = null, CovarianceOf of = CovarianceOf.Means) =>
        new CovarianceBudget(offDiagonal, diagonal ?? (of == CovarianceOf.Means ? 10 : 1) * offDiagonal, of);

    /// <summary>What was charged in place of the divergence, in words; null where training still maximises the bound.</summary>
    public virtual string? Remark => null;

    /// <summary>Whether the bound of held-out rows tells which epoch is best.</summary>
    internal virtual bool IsJudgedByBound => false;

    /// <exception cref="ArgumentException">A number is out of its range; the message names it.</exception>
    internal virtual void Check()
    {
    }

    /// <exception cref="ArgumentException">It is not for codes of this network; the message says why and what is.</exception>
    internal virtual void Need(LatentNetwork network)
    {
    }

    /// <summary>What it keeps from step to step; null where that is nothing.</summary>
    internal virtual BudgetState? Begin(int latent, ulong seed) => null;

    /// <summary>Epochs over which it grows.</summary>
    internal virtual int GrowingEpochs => 0;

    /// <summary>What the divergence of a batch costs, a scalar in nats per row.</summary>
    internal virtual Tensor Of(RowTerms terms) => Of(terms.DivergenceTerms, terms.Grown);

    /// <summary>What the parts of a divergence cost, a scalar.</summary>
    internal virtual Tensor Of(Tensor terms, Tensor grown) => terms.Sum();

    private protected void NeedDiagonal(LatentNetwork network)
    {
        if (!network.HasDiagonalPosterior)
            throw new ArgumentException($"The charge asked for ({Remark}) takes a q(z|x) whose means and variances say all of it, in one group of latent numbers, and this model's is of another family; use CodePosterior.Diagonal, or DivergenceBudget.DensityRatio, which takes any.");
    }
}

/// <summary>What a budget keeps from step to step.</summary>
internal abstract class BudgetState : IDisposable
{
    public abstract IEnumerable<Variable> Variables { get; }

    /// <summary>Its own learning at a step, where the step is taken.</summary>
    public abstract IEnumerable<Update> Updates(RowTerms terms, Tensor accept);

    public void Dispose()
    {
        foreach (var variable in Variables)
            variable.Dispose();
    }
}

/// <summary>No budget.</summary>
public sealed record NoBudget : DivergenceBudget
{
    internal override bool IsJudgedByBound => true;
}

/// <summary>An allowance for each part of the divergence.</summary>
/// <param name="Nats">The allowance.</param>
public sealed record FreeBitsBudget(double Nats) : DivergenceBudget
{
    /// <inheritdoc/>
    public override string? Remark => string.Create(CultureInfo.InvariantCulture, $"{Nats} nats of each part of the divergence at no cost");

    internal override bool IsJudgedByBound => true;

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
    /// <inheritdoc/>
    public override string? Remark => string.Create(CultureInfo.InvariantCulture, $"{Weight} for each nat of divergence beside {Nats}");

    internal override int GrowingEpochs => Epochs;

    internal override void Check()
    {
        if (!(Nats >= 0 && double.IsFinite(Nats) && Weight > 0 && double.IsFinite(Weight) && Epochs >= 0))
            throw new ArgumentException($"A capacity has nats of at least 0, a weight above 0, and epochs of at least 0; {Nats}, {Weight} and {Epochs} were given.");
    }

    internal override Tensor Of(Tensor terms, Tensor grown) => Weight * Abs(terms.Sum() - Nats * grown);
}
