namespace Elbo.Classification;

/// <summary>What comes of answering only where the most probable class is at least so probable.</summary>
/// <param name="Threshold">The least probability at which there is an answer.</param>
/// <param name="Coverage">The share of rows with an answer.</param>
/// <param name="Risk">The share of the answers that are wrong; 0 where there is none.</param>
public sealed record CoveragePoint(double Threshold, double Coverage, double Risk);

/// <summary>How often a classifier that abstains where it is not sure is wrong, by how often it answers (El-Yaniv and Wiener, 2010).</summary>
public sealed class RiskCoverage
{
    private RiskCoverage(IReadOnlyList<CoveragePoint> points) => Points = points;

    /// <summary>A point for each different probability of the most probable class, from the surest rows alone to all.</summary>
    public IReadOnlyList<CoveragePoint> Points { get; }

    /// <summary>The mean risk over all coverages, the area under the curve: smaller where wrong answers are less sure than right ones.</summary>
    public double Area
    {
        get
        {
            var (area, before) = (0.0, 0.0);
            foreach (var point in Points)
            {
                area += (point.Coverage - before) * point.Risk;
                before = point.Coverage;
            }
            return area;
        }
    }

    /// <summary>The curve of some probabilities.</summary>
    /// <param name="probabilities">The probabilities.</param>
    /// <param name="labels">The labels of the rows.</param>
    public static RiskCoverage Of(ClassProbabilities probabilities, IReadOnlyList<int> labels)
    {
        ClassMeasures.Check(probabilities, labels);
        var answers = labels.Select((label, row) => (probabilities.Best(row).Probability, IsWrong: probabilities.Best(row).Label != label)).OrderByDescending(a => a.Probability).ToList();
        var (points, wrong) = (new List<CoveragePoint>(), 0);
        for (var i = 0; i < answers.Count; i++)
        {
            wrong += answers[i].IsWrong ? 1 : 0;
            // Rows that are as sure as each other are answered together.
            if (i + 1 == answers.Count || answers[i + 1].Probability < answers[i].Probability)
                points.Add(new(answers[i].Probability, (i + 1.0) / answers.Count, wrong / (i + 1.0)));
        }
        return new(points);
    }

    /// <summary>Coverage and risk where there is an answer from some probability up.</summary>
    public CoveragePoint At(double threshold)
    {
        var last = Points.LastOrDefault(p => p.Threshold >= threshold);
        return last is null ? new(threshold, 0, 0) : last with { Threshold = threshold };
    }
}
