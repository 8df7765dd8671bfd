using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>Whose covariance is drawn to that of the prior.</summary>
public enum CovarianceOf
{
    /// <summary>Of the means of q(z|x) over rows (DIP-VAE I).</summary>
    Means,

    /// <summary>Of codes: that of the means, and the mean of the variances of q(z|x) (DIP-VAE II).</summary>
    Codes,
}

/// <summary>A charge on covariances of codes that differ from those of the prior.</summary>
/// <param name="OffDiagonal">What squares of covariances cost.</param>
/// <param name="Diagonal">What squares of the variances' distance from 1 cost.</param>
/// <param name="Whose">Whose covariance.</param>
public sealed record CovarianceBudget(double OffDiagonal, double Diagonal, CovarianceOf Whose) : DivergenceBudget
{
    /// <inheritdoc/>
    public override string? Remark => string.Create(CultureInfo.InvariantCulture, $"{OffDiagonal} for squared covariances of {(Whose == CovarianceOf.Means ? "means" : "codes")} and {Diagonal} for variances off 1");

    internal override void Check()
    {
        if (!(OffDiagonal >= 0 && Diagonal >= 0 && double.IsFinite(OffDiagonal) && double.IsFinite(Diagonal)))
            throw new ArgumentException($"What covariances and variances cost is at least 0; {OffDiagonal} and {Diagonal} were given.");
    }

    internal override void Need(LatentNetwork network) => NeedDiagonal(network);

    internal override Tensor Of(RowTerms terms) => terms.Divergence + Charge(Covariance(terms));

    /// <summary>The charge on a covariance, a scalar.</summary>
    internal Tensor Charge(Tensor covariance)
    {
        var latent = covariance.Shape[0];
        var isDiagonal = Tensor.Iota([latent, latent], 0).EqualTo(Tensor.Iota([latent, latent], 1));
        return Where(isDiagonal, Diagonal * Square(covariance - 1.0), OffDiagonal * Square(covariance)).Sum();
    }

    /// <summary>The covariance over the rows of a batch, [latent, latent].</summary>
    internal Tensor Covariance(RowTerms terms)
    {
        var weights = terms.RowWeights.Reshape([terms.Rows, 1]) / terms.RowWeights.Sum();
        var means = terms.Code.Mean.Mean(0);
        var centred = means - (means * weights).SumKeeping(0);
        var covariance = centred.MatMul(centred * weights, transposeLeft: true);
        if (Whose == CovarianceOf.Means)
            return covariance;
        var variances = (Exp(terms.Code.LogVariance.Mean(0)) * weights).Sum(0);
        var latent = variances.Shape[0];
        var isDiagonal = Tensor.Iota([latent, latent], 0).EqualTo(Tensor.Iota([latent, latent], 1));
        return covariance + Where(isDiagonal, variances.BroadcastTo([latent, latent]), Tensor.Full([latent, latent], 0));
    }
}
