using Elbo.Texts;

namespace Elbo.Recording;

/// <summary>Topics and their first words.</summary>
internal static class TopicView
{
    private const int Words = 20;

    public static TableMade Of(TopicModel model)
    {
        var lines = Enumerable.Range(0, model.Topics).SelectMany(k => model.TopWords(k, Words).Select(w => (Topic: k, Word: w))).ToList();
        FitColumn[] columns =
        [
            FitColumn.Of("topic", [.. lines.Select(l => l.Topic + 1.0)]),
            FitColumn.Of("share", [.. lines.Select(l => model.TopicShares[l.Topic])]),
            FitColumn.Of("word", [.. lines.Select(l => (string?)l.Word.Text)]),
            FitColumn.Of("probability", [.. lines.Select(l => l.Word.Probability)]),
        ];
        return new(FitTableKind.Topics, "Topics and their most probable words", columns);
    }
}
