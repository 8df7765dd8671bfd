using Elbo.Models;
using Elbo.Tables;

namespace Elbo.Recording;

/// <summary>What is to be seen of a diffusion model of a table: samples beside data, and cells that were hidden and filled in.</summary>
internal sealed class TableDiffusionViews(TableDiffusion model, Table table) : IDiffusionViews
{
    // Each cell takes a way through all steps for each of its draws.
    private const int HiddenCells = 100;
    private const int DrawsOfACell = 20;

    private readonly TableComparison _comparison = new(table, model.Description.Columns, model.Description.Label);

    public IEnumerable<FitEvent> Of(IReadOnlyList<int> judged, int? epoch)
    {
        foreach (var view in _comparison.Samples(judged, model.Sample(TableComparison.SampledRows, DiffusionRecording.QuickSamples(model.Model), model.Description.Parts.Seed), epoch))
            yield return view;
        if (_comparison.Imputations([.. judged.Take(HiddenCells)], hidden => model.Impute(hidden, samples: DrawsOfACell, interval: TableComparison.IntervalLevel), epoch) is { } imputations)
            yield return imputations;
    }
}
