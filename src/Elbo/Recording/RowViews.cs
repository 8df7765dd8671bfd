using Elbo.Autoencoders;

namespace Elbo.Recording;

/// <summary>What is to be seen of a model of rows of which no more is known: their codes.</summary>
internal sealed class RowViews(Vae of, IRows rows) : IModelViews
{
    public string Kind => "vae";

    public IEnumerable<FitSetting> Settings => FitSettings.Of(of);

    public IEnumerable<FitEvent> Of(Vae model, IReadOnlyList<int> judged, int? epoch)
    {
        var shown = LatentView.Rows(judged, epoch);
        yield return LatentView.Of(model.CodeMeans(LabelledRows.Without(new SelectedRows(rows, shown))), shown, LatentView.Labels(rows, shown, null), epoch);
    }
}
