namespace Elbo.Recording;

/// <summary>What there is to be seen of a diffusion model as it stands, beside its bound.</summary>
internal interface IDiffusionViews
{
    /// <summary>Tables and pictures.</summary>
    /// <param name="judged">Rows to look at, those that judge: indices in what the views are of.</param>
    /// <param name="epoch">After which epoch; null at the end.</param>
    IEnumerable<FitEvent> Of(IReadOnlyList<int> judged, int? epoch);
}
