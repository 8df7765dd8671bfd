namespace Elbo.Classification;

/// <summary>How good probabilities of classes are, by the labels of the rows.</summary>
public static class ClassMeasures
{
    /// <summary>The share of rows whose most probable class is their label.</summary>
    public static double Accuracy(ClassProbabilities probabilities, IReadOnlyList<int> labels)
    {
        Check(probabilities, labels);
        return labels.Where((label, row) => probabilities.Best(row).Label == label).Count() / (double)labels.Count;
    }

    /// <summary>The mean of −ln p of the label, nats a row.</summary>
    public static double LogLoss(ClassProbabilities probabilities, IReadOnlyList<int> labels)
    {
        Check(probabilities, labels);
        return labels.Select((label, row) => -probabilities.Logarithms(row)[label]).Average();
    }

    /// <exception cref="ArgumentException">There are no rows, not as many labels as rows, or a label is no class.</exception>
    internal static void Check(ClassProbabilities probabilities, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count != probabilities.Rows || labels.Count == 0)
            throw new ArgumentException($"There are probabilities of {probabilities.Rows} rows and {labels.Count} labels; there must be as many, and at least one.", nameof(labels));
        for (var row = 0; row < labels.Count; row++)
        {
            if (labels[row] < 0 || labels[row] >= probabilities.Classes)
                throw new ArgumentException($"The label of row {row} is {labels[row]}, and there are {probabilities.Classes} classes, from 0.", nameof(labels));
        }
    }
}
