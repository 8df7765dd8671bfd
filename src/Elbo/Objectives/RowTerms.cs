using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Objectives;

/// <summary>An estimate of an objective of an autoencoder by a batch of rows.</summary>
/// <param name="Value">In nats per row: a scalar.</param>
/// <param name="Gradients">Its derivatives by the variables of the encoder, then by those of the decoder and the likelihood.</param>
internal sealed record RowEstimate(Tensor Value, IReadOnlyList<Tensor> Gradients);

/// <summary>What objectives of autoencoders are made of: the terms of the bounds of a batch of rows.</summary>
/// <param name="LogLikelihood">ln p(x|z), [draws, rows], nats.</param>
/// <param name="Code">The draws.</param>
/// <param name="RowWeights">1 for each row, 0 where the batch is filled up: [1, rows].</param>
/// <param name="DivergenceWeight">What the divergence counts while warm-up lasts: a scalar.</param>
internal sealed record RowTerms(Tensor LogLikelihood, CodeDraw Code, Tensor RowWeights, Tensor DivergenceWeight)
{
    /// <summary>The variables of q(z|x).</summary>
    public required IReadOnlyList<Variable> GuideVariables { get; init; }

    /// <summary>The variables of p(z) and p(x|z).</summary>
    public required IReadOnlyList<Variable> ModelVariables { get; init; }

    /// <summary>Whether all latent numbers are drawn together.</summary>
    public bool HasOneGroup { get; init; } = true;

    /// <summary>How the divergence is held to a budget.</summary>
    public DivergenceBudget Budget { get; init; } = DivergenceBudget.None;

    /// <summary>What the budget keeps from step to step; null where that is nothing.</summary>
    public BudgetState? BudgetState { get; init; }

    /// <summary>Rows of all data that the batch is drawn from; null for the batch itself.</summary>
    public int? DataRows { get; init; }

    /// <summary>A constraint at work; null for none.</summary>
    public ConstraintState? Constraint { get; init; }

    /// <summary>How far the budget's capacity has grown, from 0 to 1: a scalar.</summary>
    public Tensor Grown { get; init; } = Tensor.Scalar(1);

    /// <summary>Rows of the batch.</summary>
    public int Rows => RowWeights.Shape[1];

    /// <summary>E_q ln p(x|z), a scalar.</summary>
    public Tensor Reconstruction => MeanOverRows(LogLikelihood.Mean(0));

    /// <summary>The parts of the divergence, [terms].</summary>
    public Tensor DivergenceTerms => (Code.Divergence.Mean(0) * RowWeights.Reshape([Rows, 1])).Sum(0) / RowWeights.Sum();

    /// <summary>KL(q(z|x)‖p(z)), a scalar.</summary>
    public Tensor Divergence => DivergenceTerms.Sum();

    /// <summary>The divergence as the budget and warm-up count it, a scalar.</summary>
    public Tensor WeightedDivergence => DivergenceWeight * Budget.Of(this);

    /// <summary>The mean over rows that count of [rows] numbers.</summary>
    public Tensor MeanOverRows(Tensor each) => (each.Reshape([1, Rows]) * RowWeights).Sum() / RowWeights.Sum();

    /// <summary>What is maximised where a constraint has to hold as well; the bound where there is none.</summary>
    public Tensor Constrained(Tensor bound) => Constraint is null ? bound : Constraint.Objective(this);

    /// <summary>The estimate whose gradients are those of its value.</summary>
    public RowEstimate Estimate(Tensor value) => new(value, Gradient.Of(value, [.. GuideVariables.Concat(ModelVariables).Select(v => v.Value)]));

    /// <summary>The estimate whose gradients by the guide are those of another function.</summary>
    public RowEstimate Estimate(Tensor ofGuide, Tensor value) => new(value, [.. GuideGradients(ofGuide), .. Gradient.Of(value, [.. ModelVariables.Select(v => v.Value)])]);

    /// <summary>Derivatives by the variables of the guide.</summary>
    public Tensor[] GuideGradients(Tensor function) => Gradient.Of(function, [.. GuideVariables.Select(v => v.Value)]);

    /// <summary>Derivatives by the variables of the model, and by the codes.</summary>
    public (Tensor[] ByModel, Tensor ByCode) ModelGradients(Tensor function)
    {
        var all = Gradient.Of(function, [.. ModelVariables.Select(v => v.Value), Code.Z]);
        return (all[..^1], all[^1]);
    }

    /// <summary>Says that an objective knows no budget and no constraint where there is one.</summary>
    public void NeedNoBudget(Objective objective)
    {
        if (Budget != DivergenceBudget.None || Constraint is not null)
            throw new ArgumentException($"The objective, {objective}, is no sum of reconstruction and divergence, so neither a budget of the divergence nor a constraint applies to it; use Objective.Elbo.");
    }
}
