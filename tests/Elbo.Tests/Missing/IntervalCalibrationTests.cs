using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Tests.Models;

namespace Elbo.Tests.Missing;

/// <summary>What intervals of filled cells hold, measured on known cells that were hidden.</summary>
public class IntervalCalibrationTests
{
    [Fact]
    public void A_model_that_is_right_is_left_as_it_is()
    {
        var calibration = new IntervalCalibration(400, [.. Enumerable.Range(1, 99).Select(k => k / 100.0)]);
        foreach (var level in (double[])[0.005, 0.1, 0.5, 0.9, 0.995])
        {
            Assert.Equal(level, calibration.Coverage(level), 1e-9);
            Assert.Equal(level, calibration.LevelFor(level), 1e-9);
        }
        Assert.Equal((0, 1), (calibration.Coverage(0), calibration.Coverage(1)));
    }

    // Hidden values of which a share of √level lies within intervals of a level: those are too wide, and level² would do.
    [Theory]
    [InlineData(1_000_000, 0.81, 1e-3)]
    [InlineData(50, 0.8682, 1e-4)]
    public void Intervals_that_hold_too_much_are_taken_narrower_the_more_the_more_cells_say_so(int cells, double expected, double tolerance)
    {
        var calibration = new IntervalCalibration(cells, [.. Enumerable.Range(1, 99).Select(k => Math.Pow(k / 100.0, 2))]);
        Assert.Equal(0.9, calibration.Coverage(0.81), 1e-9);
        // With as many cells granted as hidden the level x has (√x + x)/2 = 0.9.
        Assert.Equal(expected, calibration.LevelFor(0.9), tolerance);
    }

    [Fact]
    public void What_is_no_calibration_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new IntervalCalibration(0, [0.5]));
        Assert.Throws<ArgumentException>(() => new IntervalCalibration(3, []));
        Assert.Throws<ArgumentException>(() => new IntervalCalibration(3, [0.5, 0.4]));
        Assert.Throws<ArgumentException>(() => new IntervalCalibration(3, [double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IntervalCalibration(3, [0.5]).LevelFor(1));
    }

    [Fact]
    public void Every_known_number_is_hidden_once()
    {
        var values = Enumerable.Range(0, 13).Select(c => Enumerable.Range(0, 20).Select(row => (row * 7 + c * 3) % 5 == 0 ? double.NaN : row + c / 100.0).ToArray()).ToArray();
        // Of the last row nothing is known, and the last column is not to be hidden.
        foreach (var column in values)
            column[19] = double.NaN;
        var table = FactorData.TableOf(values);
        string[] names = [.. table.Columns.Select(c => c.Name)];
        var (times, tables) = (new int[13, 20], 0);
        foreach (var hidden in HiddenNumbers.Of(table, names[..12], 3))
        {
            tables++;
            for (var c = 0; c < 13; c++)
            {
                for (var row = 0; row < 20; row++)
                {
                    var (was, now, truth) = (values[c][row], hidden.Table.Values(c)[row], hidden.Truth(row, names[c]));
                    Assert.Equal(truth is null ? was : double.NaN, now);
                    if (truth is null)
                        continue;
                    Assert.Equal(was, truth);
                    times[c, row]++;
                }
            }
        }
        Assert.Equal(10, tables);
        for (var c = 0; c < 13; c++)
        {
            for (var row = 0; row < 20; row++)
                Assert.Equal(c < 12 && !double.IsNaN(values[c][row]) ? 1 : 0, times[c, row]);
        }
    }

    [Fact]
    public void Calibrated_intervals_hold_what_they_say_where_those_of_the_model_do_not()
    {
        // A model of a noise of 0.3 meets rows with one of 0.9.
        var (clean, noisy) = (new FactorData(2000, 5, 2, 0.3, seed: 8), new FactorData(2000, 5, 2, 0.9, seed: 8));
        var columns = noisy.Columns;
        Table Holed(FactorData data) => FactorData.TableOf([.. data.Values.Select((column, c) => column.Select((v, row) => (row + c) % columns == 0 ? double.NaN : v).ToArray())]);
        using var model = TableVae.Fit(Holed(clean), new() { Latent = 2, Hidden = [] }, new() { Epochs = 80, HoldOut = 0.25, Threads = 1 });
        var right = model.CalibrateIntervals(Holed(clean))!;
        Assert.Equal(500 * (columns - 1), right.Cells);
        Assert.InRange(right.Coverage(0.9), 0.87, 0.93);
        var calibration = model.CalibrateIntervals(Holed(noisy))!;
        var (asTheyAre, taken) = (Share(null), Share(calibration));
        Assert.InRange(asTheyAre, 0.3, 0.75);
        Assert.InRange(asTheyAre - calibration.Coverage(0.9), -0.05, 0.05);
        // A hidden cell leaves one fewer to tell it by than a missing one does, so that calibrated intervals are a little off.
        Assert.InRange(taken, 0.85, 0.93);

        double Share(IntervalCalibration? by)
        {
            var filled = model.Impute(Holed(noisy), interval: 0.9, calibration: by);
            Assert.Equal(0.9, filled.IntervalLevel);
            return filled.Cells.Average(cell =>
            {
                var (lower, upper) = filled.Interval(cell.Row, cell.Column)!.Value;
                var truth = noisy.Values[noisy.Table.IndexOf(cell.Column)][cell.Row];
                return lower <= truth && truth <= upper ? 1.0 : 0;
            });
        }
    }

    [Fact]
    public void What_cannot_be_calibrated_says_why()
    {
        var table = new FactorData(40, 3, 1, 0.3, seed: 8).Table;
        using (var all = TableVae.Fit(table, new() { Hidden = [] }, new() { Epochs = 1, HoldOut = 0, Threads = 1 }))
            Assert.Contains("HoldOut", Assert.Throws<InvalidOperationException>(() => all.CalibrateIntervals(table)).Message, StringComparison.Ordinal);
        var holed = FactorData.TableOf([.. new FactorData(40, 3, 1, 0.3, seed: 8).Values.Select(column => column.Select((v, row) => row % 3 == 0 ? double.NaN : v).ToArray())]);
        using (var masked = TableVae.Fit(holed, new() { Hidden = [], Missing = Missingness.SelfMasking() }, new() { Epochs = 1, Threads = 1 }))
            Assert.Contains("because of their values", Assert.Throws<InvalidOperationException>(() => masked.CalibrateIntervals(holed)).Message, StringComparison.Ordinal);
        var levels = new Table([new("k", ColumnKind.Category, ["a", "b"])], [Enumerable.Range(0, 40).Select(row => (double)(row % 2)).ToArray()]);
        using var ofLevels = TableVae.Fit(levels, new() { Hidden = [] }, new() { Epochs = 1, Threads = 1 });
        Assert.Null(ofLevels.CalibrateIntervals(levels));
    }
}
