namespace Elbo.Models;

/// <summary>
/// What share of true values the intervals of a model hold, found by hiding known numbers of rows that it was not trained on, one after another; and by that how wide intervals are to be taken
/// (Kuleshov, Fenner and Ermon, 2018).
/// </summary>
/// <remarks>Cells of all columns count alike, so the share is right over all, not for each column. It is that of cells that were known: where the missing ones are of another kind, it says nothing of them.</remarks>
public sealed record IntervalCalibration
{
    // So many cells that agree with the model are taken for granted: of a few hidden cells nothing much follows.
    private const double Granted = 50;

    /// <summary>A calibration.</summary>
    /// <param name="cells">Cells that were hidden, at least one.</param>
    /// <param name="levels">The k-th of them, k from 1, is what the model takes for the probability of the intervals that hold k in <c>levels.Count + 1</c> of the hidden cells: from 0 to 1, none below the one before.</param>
    /// <exception cref="ArgumentException">That is not so.</exception>
    public IntervalCalibration(int cells, IReadOnlyList<double> levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        ArgumentNullException.ThrowIfNull(levels);
        if (levels.Count == 0 || levels.Any(l => !(l is >= 0 and <= 1)) || levels.Zip(levels.Skip(1)).Any(p => p.First > p.Second))
            throw new ArgumentException("Levels of intervals are probabilities that rise.", nameof(levels));
        (Cells, Levels) = (cells, [.. levels]);
    }

    /// <summary>Cells that were hidden.</summary>
    public int Cells { get; }

    /// <summary>What the model takes for the probability of intervals that hold 1, 2, … in <c>Levels.Count + 1</c> of the hidden cells.</summary>
    public IReadOnlyList<double> Levels { get; }

    /// <summary>The share of hidden cells that intervals hold to which the model gives a probability.</summary>
    /// <param name="level">The probability, from 0 to 1.</param>
    public double Coverage(double level)
    {
        var (below, from) = (0, 0.0);
        while (below < Levels.Count && Levels[below] <= level)
            from = Levels[below++];
        var to = below < Levels.Count ? Levels[below] : 1;
        return (below + (to > from ? (level - from) / (to - from) : 1)) / (Levels.Count + 1);
    }

    /// <summary>The probability that intervals have to have by the model, so that they hold a share of true values.</summary>
    /// <param name="share">The share, between 0 and 1.</param>
    public double LevelFor(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        var (low, high) = (0.0, 1.0);
        for (var halving = 0; halving < 50; halving++)
        {
            var middle = (low + high) / 2;
            (low, high) = (Cells * Coverage(middle)) + (Granted * middle) < (Cells + Granted) * share ? (middle, high) : (low, middle);
        }
        return high;
    }

    /// <summary>The calibration by hidden cells.</summary>
    /// <param name="reached">Of each, the least probability by the model of the intervals that hold its value.</param>
    internal static IntervalCalibration Of(IEnumerable<double> reached)
    {
        const int Steps = 100;
        double[] sorted = [.. reached.Order()];
        double At(double place)
        {
            var (index, part) = ((int)place, place - (int)place);
            return index + 1 < sorted.Length ? ((1 - part) * sorted[index]) + (part * sorted[index + 1]) : sorted[^1];
        }
        return new(sorted.Length, [.. Enumerable.Range(1, Steps - 1).Select(k => At((double)k / Steps * (sorted.Length - 1)))]);
    }
}
