using Elbo.Texts;

namespace Elbo.Recording;

/// <summary>How often a classifier of texts is right, the surer it is asked to be.</summary>
internal static class AnswersView
{
    private const int Shown = 20;

    /// <summary>The table; null where no labels were hidden.</summary>
    public static TableMade? Of(TextClassifier model)
    {
        var answers = model.Hidden.OrderByDescending(h => h.Probability).ToArray();
        if (answers.Length == 0)
            return null;
        int[] counts = [.. Enumerable.Range(1, Shown).Select(k => (int)Math.Ceiling(k * answers.Length / (double)Shown)).Distinct()];
        return new(FitTableKind.Answers, "Texts whose labels were hidden, answered from a probability up",
        [
            FitColumn.Of("probability", [.. counts.Select(n => answers[n - 1].Probability)]),
            FitColumn.Of("answered", [.. counts.Select(n => n / (double)answers.Length)]),
            FitColumn.Of("wrong", [.. counts.Select(n => answers.Take(n).Count(a => !a.IsRight) / (double)n)]),
        ]);
    }
}
