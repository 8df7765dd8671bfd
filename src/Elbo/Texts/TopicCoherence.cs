namespace Elbo.Texts;

/// <summary>
/// How much the words of a topic occur in the same documents: the mean over pairs of normalised pointwise mutual information (Bouma, 2009; for topics Aletras and
/// Stevenson, 2013), ln(p(a, b)/(p(a) p(b)))/(−ln p(a, b)), where p is the share of documents that have the word or both. From −1 for words that are never
/// together, a pair of which counts −1, over 0 for independent ones, to 1 for words that are only together.
/// </summary>
public static class TopicCoherence
{
    /// <summary>The coherence of some words.</summary>
    /// <param name="documents">The documents that say which words go together; those of the fit, or of a reference.</param>
    /// <param name="words">At least two different words by number.</param>
    /// <exception cref="ArgumentException">There are fewer than two words, or one comes twice or is in no document.</exception>
    public static double Npmi(WordCounts documents, IReadOnlyList<int> words)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(words);
        if (words.Count < 2 || words.Distinct().Count() != words.Count)
            throw new ArgumentException($"Coherence is of two different words or more, and these are {string.Join(", ", words)}.", nameof(words));
        var together = Together(documents, words);
        foreach (var (place, word) in words.Index())
        {
            if (together[place, place] == 0)
                throw new ArgumentException($"Word number {word} is in no document, so nothing is known of what it goes with.", nameof(words));
        }
        var sum = 0.0;
        for (var a = 0; a < words.Count; a++)
        {
            for (var b = a + 1; b < words.Count; b++)
                sum += Npmi(together[a, a], together[b, b], together[a, b], documents.Documents);
        }
        return sum / (words.Count * (words.Count - 1) / 2);
    }

    /// <summary>The share of words that are among the first of one topic only (Dieng, Ruiz and Blei, 2020): 1 where topics have no words in common.</summary>
    /// <param name="topics">The first words of each topic.</param>
    public static double Diversity(IReadOnlyList<IReadOnlyList<int>> topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        return topics.SelectMany(t => t).Distinct().Count() / (double)topics.Sum(t => t.Count);
    }

    internal static double Npmi(int a, int b, int both, int documents)
    {
        if (both == 0)
            return -1;
        // Words that are in all documents are always together, which says nothing; ln p(a, b) is 0.
        if (both == documents)
            return 0;
        return (Math.Log(both) + Math.Log(documents) - Math.Log(a) - Math.Log(b)) / (Math.Log(documents) - Math.Log(both));
    }

    private static int[,] Together(WordCounts documents, IReadOnlyList<int> words)
    {
        var place = words.Index().ToDictionary(w => w.Item, w => w.Index);
        var together = new int[words.Count, words.Count];
        var present = new List<int>();
        for (var d = 0; d < documents.Documents; d++)
        {
            present.Clear();
            foreach (var word in documents.WordsOf(d))
            {
                if (place.TryGetValue(word, out var at))
                    present.Add(at);
            }
            foreach (var a in present)
            {
                foreach (var b in present)
                    together[a, b]++;
            }
        }
        return together;
    }
}
