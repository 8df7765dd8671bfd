using Elbo.Autoencoders;
using Elbo.Models;
using Elbo.Tables;

namespace Elbo.Recording;

/// <summary>What is to be seen of an autoencoder of a table: codes, samples beside data, and cells that were hidden and filled in.</summary>
internal sealed class TableViews(TableVae model, Table table) : IModelViews
{
    private const int MostColours = 20;
    private const int DrawsOfCodes = 64;
    private const int HiddenCells = 300;

    private readonly TableComparison _comparison = new(table, model.Description.Columns, model.Description.Label);

    public string Kind => "table-vae";

    public IEnumerable<FitSetting> Settings => FitSettings.Of(model.Description);

    public IEnumerable<FitEvent> Of(Vae vae, IReadOnlyList<int> judged, int? epoch)
    {
        var shown = LatentView.Rows(judged, epoch);
        var data = table.SelectRows(shown);
        yield return LatentView.Of(vae.CodeMeans(LabelledRows.Without(model.Rows(data))), shown, _comparison.Columns.Take(MostColours).Select(c => TableComparison.Cells(data, c)), epoch);
        foreach (var view in _comparison.Samples(shown, model.Sample(TableComparison.SampledRows, model.Description.Seed), epoch))
            yield return view;
        if (_comparison.Imputations([.. shown.Take(HiddenCells)], hidden => model.Impute(hidden, samples: DrawsOfCodes, interval: TableComparison.IntervalLevel), epoch) is { } imputations)
            yield return imputations;
    }
}
