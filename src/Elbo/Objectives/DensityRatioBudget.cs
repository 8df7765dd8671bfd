using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Networks;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>A charge on total correlation, by a network that learns to tell codes from such whose numbers were exchanged between rows.</summary>
/// <param name="Weight">What a nat of it costs beside its nat of divergence.</param>
/// <param name="Hidden">Hidden layers of the network.</param>
/// <param name="LearningRate">Adam's step size for it.</param>
public sealed record DensityRatioBudget(double Weight, IReadOnlyList<int> Hidden, double LearningRate) : DivergenceBudget
{
    /// <inheritdoc/>
    public override string? Remark => string.Create(CultureInfo.InvariantCulture, $"{1 + Weight} times the total correlation of codes, by a density ratio");

    internal override void Check()
    {
        if (!(Weight > 0 && double.IsFinite(Weight) && LearningRate > 0 && double.IsFinite(LearningRate) && Hidden.Count > 0 && Hidden.All(h => h > 0)))
            throw new ArgumentException($"A density ratio has a weight and a step size above 0 and at least one hidden layer with a unit; {Weight}, {LearningRate} and ({string.Join(", ", Hidden)}) were given.");
    }

    internal override void Need(LatentNetwork network)
    {
        if (network.Latent < 2)
            throw new ArgumentException("One latent number has no total correlation; give the model more of them, or leave the charge out.");
    }

    internal override BudgetState Begin(int latent, ulong seed) => new DensityRatio(latent, Hidden, LearningRate, new RandomNumbers(seed, (ulong)RandomUse.DensityRatio));

    internal override Tensor Of(RowTerms terms) => terms.Divergence + Weight * ((DensityRatio)terms.BudgetState!).TotalCorrelation(terms);

    /// <inheritdoc/>
    public bool Equals(DensityRatioBudget? other) => other is not null && (Weight, LearningRate) == (other.Weight, other.LearningRate) && Hidden.SequenceEqual(other.Hidden);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Weight, LearningRate, Hidden.Count);
}

/// <summary>
/// A network whose outputs are the log-odds that a code is one of q(z) rather than of Πⱼ q(zⱼ). With as many of both, those of the best one are ln q(z) − Σⱼ ln q(zⱼ), whose mean over codes is their total
/// correlation (Kim and Mnih, 2018, section 3).
/// </summary>
internal sealed class DensityRatio : BudgetState
{
    private readonly Mlp _network;
    private readonly Adam _adam;
    private readonly double _rate;

    public DensityRatio(int latent, IReadOnlyList<int> hidden, double rate, RandomNumbers random)
    {
        _network = new("ratio", [latent, .. hidden, 1], Activation.Silu, random, outputScale: 0.1);
        _adam = new("ratio.adam", _network.Variables) { Beta1 = 0.5, Beta2 = 0.9 };
        _rate = rate;
    }

    public override IEnumerable<Variable> Variables => [.. _network.Variables, .. _adam.State];

    /// <summary>The total correlation as the network has it, with gradients by the codes alone: a scalar.</summary>
    public Tensor TotalCorrelation(RowTerms terms)
    {
        var z = terms.Code.Z;
        var odds = _network.ApplyHeld(z.Reshape([z.Shape[0] * z.Shape[1], z.Shape[2]]));
        return terms.MeanOverRows(odds.Reshape([z.Shape[0], z.Shape[1]]).Mean(0));
    }

    /// <summary>A step up ln σ(odds of codes) + ln σ(−odds of exchanged codes).</summary>
    public override IEnumerable<Update> Updates(RowTerms terms, Tensor accept)
    {
        var codes = StopGradient(terms.Code.Z.Slice(0, 0, 1).Reshape([terms.Rows, terms.Code.Z.Shape[2]]));
        var weights = terms.RowWeights.Reshape([terms.Rows, 1]);
        var (exchanged, exchangedWeights) = Exchanged(codes, weights);
        var told = (LogSigmoid(_network.Apply(codes)) * weights).Sum() / weights.Sum();
        var toldExchanged = (LogSigmoid(-_network.Apply(exchanged)) * exchangedWeights).Sum() / Maximum(exchangedWeights.Sum(), Tensor.Scalar(1));
        var gradients = Gradient.Of(-0.5 * (told + toldExchanged), [.. _network.Variables.Select(v => v.Value)]);
        return _adam.Step(gradients, Tensor.Scalar(_rate), accept);
    }

    /// <summary>
    /// Codes each of whose numbers is of another row of the batch, and whether all these rows are there. Rows come in random order, so it is enough to move the numbers down by different distances.
    /// </summary>
    public static (Tensor Codes, Tensor Weights) Exchanged(Tensor codes, Tensor weights)
    {
        var (rows, latent) = (codes.Shape[0], codes.Shape[1]);
        var columns = new Tensor[latent];
        var all = weights;
        for (var j = 0; j < latent; j++)
        {
            var by = (int)((long)j * rows / latent);
            columns[j] = Moved(codes.Slice(1, j, 1), by);
            all = j == 0 ? weights : all * Moved(weights, by);
        }
        return (Tensor.Concatenate(1, columns), all);
    }

    private static Tensor Moved(Tensor column, int by)
    {
        var rows = column.Shape[0];
        return by == 0 ? column : Tensor.Concatenate(0, column.Slice(0, rows - by, by), column.Slice(0, 0, rows - by));
    }
}
