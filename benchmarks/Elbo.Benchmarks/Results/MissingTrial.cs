using System.Diagnostics;
using System.Globalization;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Benchmarks.Results;

/// <summary>What came of filling in what was known.</summary>
/// <param name="SquaredError">The mean squared error of the filled cells.</param>
/// <param name="Coverage">The share of the true values within intervals of 90 %; NaN where there are none.</param>
/// <param name="Seconds">For fit and fills.</param>
/// <param name="Measured">The share of known cells of held-out rows within intervals that are as the model takes them; null where it was not measured.</param>
internal sealed record FillResult(double SquaredError, double Coverage, double Seconds, double? Measured = null);

/// <summary>A table with holes of which the truth is known.</summary>
internal sealed class MissingTrial(NumberTable table, Func<int, int, bool> isMissing)
{
    private readonly List<(int Column, int Row)> _cells = [.. Enumerable.Range(0, table.Columns).SelectMany(c => Enumerable.Range(0, table.Rows).Where(row => isMissing(c, row)).Select(row => (c, row)))];

    /// <summary>Fills the holes by a model.</summary>
    public FillResult Fill(TableVaeOptions options, TrainingOptions training)
    {
        const int samples = 2048;
        var start = Stopwatch.GetTimestamp();
        var holed = table.Without(isMissing);
        using var model = TableVae.Fit(holed, options, training);
        var calibration = model.Description.Missing is IgnorableMissingness ? model.CalibrateIntervals(holed) : null;
        var filled = model.Impute(holed, samples: samples, interval: 0.9, calibration: calibration);
        var (squares, covered) = (0.0, 0);
        foreach (var (column, row) in _cells)
        {
            var (truth, name) = (table[column, row], NumberTable.Name(column));
            squares += Math.Pow(filled.Point(row, name)!.Value - truth, 2);
            covered += filled.Interval(row, name) is var (lower, upper) && lower <= truth && truth <= upper ? 1 : 0;
        }
        return new(squares / _cells.Count, covered / (double)_cells.Count, Stopwatch.GetElapsedTime(start).TotalSeconds, calibration?.Coverage(0.9));
    }

    /// <summary>Fills the holes by what scikit-learn has: mean, nearest and iterative; null where it is not installed.</summary>
    public IReadOnlyDictionary<string, FillResult>? Peers()
    {
        var folder = Directory.CreateTempSubdirectory("elbo-missing-");
        try
        {
            var (truth, holed) = (Path.Combine(folder.FullName, "truth.csv"), Path.Combine(folder.FullName, "holed.csv"));
            table.Write(truth, (_, _) => false);
            table.Write(holed, isMissing);
            return Benchmarks.Peers.RunPython(MissingResults.Peer, truth, holed)?.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .ToDictionary(f => f[0], f => new FillResult(double.Parse(f[1], CultureInfo.InvariantCulture), double.NaN, double.Parse(f[2], CultureInfo.InvariantCulture)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
