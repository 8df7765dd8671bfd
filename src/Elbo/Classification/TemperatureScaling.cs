namespace Elbo.Classification;

/// <summary>
/// Temperature scaling (Guo, Pleiss, Sun and Weinberger, 2017): one number that makes the probabilities of a classifier as sure as it is right, and changes
/// no decision.
/// </summary>
public static class TemperatureScaling
{
    // exp(±4): beyond, probabilities are all alike or all 0 and 1.
    private const double Widest = 4;
    private const double Exactness = 1e-6;
    private static readonly double Golden = (Math.Sqrt(5) - 1) / 2;

    /// <summary>
    /// The temperature under which labels are most probable, with ln T a draw of N(0, 1) to begin with, so that a few rows that are all right do not make
    /// the classifier certain of everything.
    /// </summary>
    /// <param name="probabilities">Of rows that the classifier has not learned the labels of.</param>
    /// <param name="labels">Their labels.</param>
    /// <returns>Above 1 where the classifier is too sure, below 1 where it is not sure enough.</returns>
    public static double Fit(ClassProbabilities probabilities, IReadOnlyList<int> labels)
    {
        ClassMeasures.Check(probabilities, labels);
        double Loss(double logTemperature) => ClassMeasures.LogLoss(probabilities.At(Math.Exp(logTemperature)), labels) * labels.Count + 0.5 * logTemperature * logTemperature;
        var (low, high) = (-Widest, Widest);
        var (a, b) = (high - Golden * (high - low), low + Golden * (high - low));
        var (ofA, ofB) = (Loss(a), Loss(b));
        while (high - low > Exactness)
        {
            if (ofA < ofB)
            {
                (high, b, ofB) = (b, a, ofA);
                a = high - Golden * (high - low);
                ofA = Loss(a);
            }
            else
            {
                (low, a, ofA) = (a, b, ofB);
                b = low + Golden * (high - low);
                ofB = Loss(b);
            }
        }
        return Math.Exp(0.5 * (low + high));
    }
}
