using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Classification;

/// <summary>
/// How sure a model with a label may be, found by hiding labels from it: those of one fold after another, each time with a fit of its own, whose
/// classes of the hidden rows are then compared with their labels.
/// </summary>
/// <param name="Temperature">What probabilities are to be scaled by: <see cref="ClassProbabilities.At"/>.</param>
/// <param name="Rows">Rows whose labels were hidden.</param>
/// <param name="Accuracy">The share of them whose label was found.</param>
/// <param name="LogLoss">The mean of −ln p of the label, nats, by probabilities scaled by a temperature that other rows than the one they are of decided.</param>
/// <param name="Error">The expected calibration error of the same probabilities.</param>
/// <param name="ErrorBefore">That of probabilities that are not scaled.</param>
public sealed record LabelCalibration(double Temperature, int Rows, double Accuracy, double LogLoss, double Error, double ErrorBefore)
{
    /// <summary>Folds that labels are dealt into where nothing else is said.</summary>
    public const int UsualFolds = 5;

    /// <summary>Finds it by some fits.</summary>
    /// <param name="rows">Rows of which at least two have labels.</param>
    /// <param name="fit">Fits a model to the rows with fewer labels; it is let go here.</param>
    /// <param name="folds">Folds that the labelled rows are dealt into, class by class, at least 2; no more than there are of them.</param>
    /// <param name="fits">How many of the folds are hidden in turn; null for all.</param>
    /// <param name="seed">Decides the folds.</param>
    /// <exception cref="ArgumentException">There are fewer than two labelled rows.</exception>
    public static LabelCalibration Of(IRows rows, Func<IRows, Vae> fit, int folds = UsualFolds, int? fits = null, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var dealt = Deal(rows, folds, seed);
        var (logarithms, labels, foldOf) = (new List<IReadOnlyList<double>>(), new List<int>(), new List<int>());
        for (var fold = 0; fold < Math.Min(fits ?? dealt.Count, dealt.Count); fold++)
        {
            int[] hidden = dealt[fold];
            var isHidden = hidden.ToHashSet();
            using var model = fit(new LabelledRows(rows, [.. Enumerable.Range(0, rows.Count).Select(row => isHidden.Contains(row) ? null : rows.LabelOf(row))]));
            var classes = model.Classify(new SelectedRows(rows, hidden));
            for (var i = 0; i < hidden.Length; i++)
            {
                logarithms.Add(classes.Logarithms(i));
                labels.Add(rows.LabelOf(hidden[i])!.Value);
                // One fold is split in two, so that there are others.
                foldOf.Add(fits == 1 ? i % 2 : fold);
            }
        }
        return Of(new(logarithms), labels, foldOf);
    }

    /// <summary>The same from probabilities of rows whose labels were hidden.</summary>
    /// <param name="probabilities">The probabilities.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="folds">The fold of each row: what is said of a row is by a temperature that the rows of other folds decided.</param>
    public static LabelCalibration Of(ClassProbabilities probabilities, IReadOnlyList<int> labels, IReadOnlyList<int> folds)
    {
        ClassMeasures.Check(probabilities, labels);
        ArgumentNullException.ThrowIfNull(folds);
        var scaled = new IReadOnlyList<double>[labels.Count];
        foreach (var fold in folds.Distinct())
        {
            int[] others = [.. Enumerable.Range(0, labels.Count).Where(i => folds[i] != fold)];
            var temperature = others.Length == 0 ? 1 : TemperatureScaling.Fit(probabilities.Select(others), [.. others.Select(i => labels[i])]);
            int[] own = [.. Enumerable.Range(0, labels.Count).Where(i => folds[i] == fold)];
            var ownScaled = probabilities.Select(own).At(temperature);
            for (var i = 0; i < own.Length; i++)
                scaled[own[i]] = ownScaled.Logarithms(i);
        }
        var after = new ClassProbabilities(scaled);
        return new(
            TemperatureScaling.Fit(probabilities, labels), labels.Count, ClassMeasures.Accuracy(probabilities, labels), ClassMeasures.LogLoss(after, labels),
            CalibrationError.Of(after, labels).Value, CalibrationError.Of(probabilities, labels).Value);
    }

    // The rows of each class are dealt one after another, so that each fold has about as many of them.
    private static List<int[]> Deal(IRows rows, int folds, ulong seed)
    {
        int[] labelled = [.. Enumerable.Range(0, rows.Count).Where(row => rows.LabelOf(row) is not null)];
        if (labelled.Length < 2)
            throw new ArgumentException($"{labelled.Length} rows have labels; to hide some there must be at least two.", nameof(rows));
        new RandomNumbers(seed, (ulong)RandomUse.LabelFolds).Shuffle<int>(labelled);
        int[] byClass = [.. labelled.OrderBy(row => rows.LabelOf(row))];
        var count = Math.Min(folds, labelled.Length);
        return [.. Enumerable.Range(0, count).Select(fold => byClass.Where((_, i) => i % count == fold).ToArray())];
    }
}
