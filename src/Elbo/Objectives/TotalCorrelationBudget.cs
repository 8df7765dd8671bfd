using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Distributions;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>How the density of codes of all data, q(z) = (1/N) Σₙ q(z|xₙ), is estimated at a code z of row i of a batch of M of the N rows.</summary>
public enum AggregateEstimator
{
    /// <summary>
    /// q(z|xᵢ)/N + (N − 1)/(N(M − 1)) Σⱼ≠ᵢ q(z|xⱼ): the row that the code is of is in every batch that has the code, and each other row is there by chance, so
    /// it has the weight 1/N for itself and the others share the rest. Unbiased for q(z), and for each q(zⱼ); exact where the batch is all data.
    /// </summary>
    /// <remarks>
    /// The stratified estimator of Chen, Li, Grosse and Duvenaud (2018, appendix C.2) has the same mean: it gives one of the others another weight than the rest, which are here
    /// averaged over which one that is. Code in circulation has 1/N at a place beside the diagonal, which is then the weight of a row of chance.
    /// </remarks>
    Stratified,

    /// <summary>Σⱼ q(z|xⱼ)/(NM), minibatch-weighted sampling (the same, appendix C.1): too low by a factor that does not depend on the codes in the mean, so its values are biased by constants, and its
    /// gradients by the row itself counting as any other.</summary>
    Weighted,
}

/// <summary>A charge on total correlation, by densities of codes of a batch.</summary>
/// <param name="Weight">What a nat of it costs; 1 for the bound itself.</param>
/// <param name="Estimator">How densities of all codes are estimated.</param>
public sealed record TotalCorrelationBudget(double Weight, AggregateEstimator Estimator) : DivergenceBudget
{
    /// <inheritdoc/>
    public override string? Remark => Weight == 1 ? null : string.Create(CultureInfo.InvariantCulture, $"{Weight} times the total correlation of codes");

    internal override bool IsJudgedByBound => Weight == 1;

    internal override void Check()
    {
        if (!(Weight > 0 && double.IsFinite(Weight)))
            throw new ArgumentException($"The weight of the total correlation is {Weight}; it must be above 0, and 1 is the bound itself.");
    }

    internal override void Need(LatentNetwork network) => NeedDiagonal(network);

    internal override Tensor Of(RowTerms terms) => terms.Divergence + (Weight - 1) * AggregateDensity.TotalCorrelation(terms, Estimator);
}

/// <summary>Densities of codes of all data, estimated from a batch.</summary>
internal static class AggregateDensity
{
    // Beside any density this is 0.
    private const double Never = -1e30;

    /// <summary>E ln q(z) − Σⱼ ln q(zⱼ), a scalar.</summary>
    public static Tensor TotalCorrelation(RowTerms terms, AggregateEstimator estimator)
    {
        var (joint, marginals) = LogDensities(terms.Code, terms.RowWeights, terms.DataRows ?? terms.Rows, estimator);
        return terms.MeanOverRows((joint - marginals.Sum(2)).Mean(0));
    }

    /// <summary>ln q(z) [draws, rows] and ln q(zⱼ) [draws, rows, latent] of the codes of a batch, nats.</summary>
    /// <param name="code">Codes, means and log-variances.</param>
    /// <param name="rowWeights">1 for rows that count, [1, rows].</param>
    /// <param name="dataRows">N.</param>
    /// <param name="estimator">How rows are weighted.</param>
    public static (Tensor Joint, Tensor Marginals) LogDensities(CodeDraw code, Tensor rowWeights, int dataRows, AggregateEstimator estimator)
    {
        var (draws, rows, latent) = (code.Z.Shape[0], code.Z.Shape[1], code.Z.Shape[2]);
        // Each code against each row of the batch, which lie side by side: [draws · rows, latent, rows].
        var z = code.Z.Reshape([draws * rows, latent, 1]);
        var mean = code.Mean.Mean(0).Transpose(1, 0);
        var logVariance = code.LogVariance.Mean(0).Transpose(1, 0);
        var precision = Exp(-0.5 * logVariance);
        var each = -0.5 * Square((z - mean) * precision) - (0.5 * logVariance + Normal.HalfLogTwoPi);
        var weights = LogWeights(rows, rowWeights, dataRows, estimator);
        var ofCodes = weights.Reshape([1, rows, rows]).BroadcastTo([draws, rows, rows]).Reshape([draws * rows, rows]);
        var joint = LogSumExp(each.Sum(1) + ofCodes, 1);
        var marginals = LogSumExp(each + ofCodes.Reshape([draws * rows, 1, rows]), 2);
        return (joint.Reshape([draws, rows]), marginals.Reshape([draws, rows, latent]));
    }

    // Logarithms of the weights of rows, [code of row, row].
    private static Tensor LogWeights(int rows, Tensor rowWeights, int dataRows, AggregateEstimator estimator)
    {
        var present = rowWeights.Sum();
        Tensor others;
        if (estimator == AggregateEstimator.Weighted)
        {
            others = (-Log(present) - Math.Log(dataRows)).BroadcastTo([rows, rows]);
        }
        else
        {
            var own = Tensor.Iota([rows, rows], 0).EqualTo(Tensor.Iota([rows, rows], 1));
            // A batch of one row has no others that the rest could be shared by.
            var share = Math.Log(Math.Max(dataRows - 1, 1e-30) / dataRows) - Log(Maximum(present - 1.0, Tensor.Scalar(1)));
            others = Where(own, Tensor.Full([rows, rows], -Math.Log(dataRows)), share.BroadcastTo([rows, rows]));
        }
        return others + (1.0 - rowWeights) * Never;
    }
}
