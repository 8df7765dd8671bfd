namespace Elbo.Classification;

/// <summary>Rows whose most probable class has a probability within some bounds.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Confidence">The mean of that probability.</param>
/// <param name="Accuracy">The share whose most probable class is their label.</param>
public sealed record ConfidenceBin(int Rows, double Confidence, double Accuracy);

/// <summary>
/// The expected calibration error (Naeini, Cooper and Hauskrecht, 2015): the distance of how often a classifier is right from how sure it is, as a mean over bins of equal
/// width of its confidence, by rows. Of n rows a calibrated classifier has one of the order of √(bins/n), not 0.
/// </summary>
/// <param name="Value">The error, from 0 to 1.</param>
/// <param name="Bins">The bins that have rows, from the least sure.</param>
public sealed record CalibrationError(double Value, IReadOnlyList<ConfidenceBin> Bins)
{
    /// <summary>The error of some probabilities.</summary>
    /// <param name="probabilities">The probabilities.</param>
    /// <param name="labels">The labels of the rows.</param>
    /// <param name="bins">How many bins, at least 1.</param>
    public static CalibrationError Of(ClassProbabilities probabilities, IReadOnlyList<int> labels, int bins = 15)
    {
        ClassMeasures.Check(probabilities, labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var (rows, confidence, right) = (new int[bins], new double[bins], new int[bins]);
        for (var row = 0; row < labels.Count; row++)
        {
            var (label, probability) = probabilities.Best(row);
            var bin = Math.Min(bins - 1, (int)(probability * bins));
            rows[bin]++;
            confidence[bin] += probability;
            right[bin] += label == labels[row] ? 1 : 0;
        }
        ConfidenceBin[] filled = [.. Enumerable.Range(0, bins).Where(b => rows[b] > 0).Select(b => new ConfidenceBin(rows[b], confidence[b] / rows[b], (double)right[b] / rows[b]))];
        return new(filled.Sum(b => b.Rows * Math.Abs(b.Confidence - b.Accuracy)) / labels.Count, filled);
    }
}
