using System.Globalization;
using Elbo.Autoencoders;

namespace Elbo.Diagnostics.Factors;

/// <summary>Whether latent numbers tell of known factors one by one, by all usual scores. No two of these mean the same; see docs/disentangling.md.</summary>
/// <param name="OfPosterior">The mutual information gap by draws of q(z|x); null where codes were given without variances.</param>
/// <param name="OfMeans">The same by means in 20 bins.</param>
/// <param name="Importances">Disentanglement, completeness, informativeness.</param>
/// <param name="Predictability">The separated attribute predictability.</param>
/// <param name="Votes">The FactorVAE score.</param>
/// <param name="Rows">Rows scored.</param>
public sealed record DisentanglementScores(
    MutualInformationGap? OfPosterior, MutualInformationGap OfMeans, FactorImportances Importances, SeparatedPredictability Predictability, FixedFactorVotes Votes, int Rows)
{
    /// <summary>Scores any codes.</summary>
    /// <param name="means">A code for each row: the means of q(z|x), where there is such.</param>
    /// <param name="logVariances">Logarithms of the variances of q(z|x); null where codes are points.</param>
    /// <param name="factors">The factors of the rows, as all their combinations or drawn from these.</param>
    /// <param name="seed">Of all that is drawn.</param>
    public static DisentanglementScores Of(Points means, Points? logVariances, FactorTable factors, ulong seed = 1) => new(
        logVariances is null ? null : MutualInformationGap.OfPosterior(means, logVariances, factors), MutualInformationGap.OfMeans(means, factors),
        FactorImportances.Of(means, factors, seed), SeparatedPredictability.Of(means, factors, seed), FixedFactorVotes.Of(means, factors, new() { Seed = seed }), factors.Rows);

    /// <summary>Scores the codes of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="factors">Their factors.</param>
    /// <param name="seed">Of all that is drawn.</param>
    public static DisentanglementScores OfModel(Vae model, IRows rows, FactorTable factors, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (means, logVariances) = model.Codes(rows);
        return Of(means, model.Network.HasDiagonalPosterior ? logVariances : null, factors, seed);
    }

    /// <summary>The scores, a line each.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {(OfPosterior is null ? "" : $"{OfPosterior}{Environment.NewLine}")}{OfMeans}
        DCI: disentanglement {Importances.Disentanglement:F3}, completeness {Importances.Completeness:F3}, informativeness {Importances.Informativeness:F3}
        SAP {Predictability.Score:F3}
        FactorVAE score {Votes.Accuracy:F3} (chance {1.0 / OfMeans.Factors.Count:F3})
        """);
}
