using Elbo.Autoencoders;

namespace Elbo.Texts;

/// <summary>How often each word of a vocabulary occurs in each document, only what is not 0 stored. As rows of an autoencoder they are filled in as they are asked for.</summary>
public sealed class WordCounts : IRows
{
    private readonly int[] _starts;
    private readonly int[] _words;
    private readonly float[] _counts;
    private readonly int[] _unknown;

    internal WordCounts(int[] starts, int[] words, float[] counts, int[] unknown, int vocabulary)
    {
        (_starts, _words, _counts, _unknown, Vocabulary) = (starts, words, counts, unknown, vocabulary);
    }

    /// <summary>Counts from the words of documents by number.</summary>
    /// <param name="documents">The words of each document, as numbers from 0.</param>
    /// <param name="vocabulary">How many words there are.</param>
    /// <exception cref="ArgumentException">A number has no word.</exception>
    public static WordCounts Of(IReadOnlyList<IReadOnlyList<int>> documents, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        var (starts, words, counts) = (new int[documents.Count + 1], new List<int>(), new List<float>());
        for (var d = 0; d < documents.Count; d++)
        {
            foreach (var (word, count) in documents[d].CountBy(w => w).OrderBy(c => c.Key))
            {
                if (word < 0 || word >= vocabulary)
                    throw new ArgumentException($"Document {d} has word number {word}, and the vocabulary has {vocabulary}, numbered from 0.", nameof(documents));
                words.Add(word);
                counts.Add(count);
            }
            starts[d + 1] = words.Count;
        }
        return new(starts, [.. words], [.. counts], new int[documents.Count], vocabulary);
    }

    /// <summary>How many documents.</summary>
    public int Documents => _starts.Length - 1;

    /// <summary>How many words the vocabulary has.</summary>
    public int Vocabulary { get; }

    /// <summary>Words in all, each as often as it occurs.</summary>
    public double Total => _counts.Sum(c => (double)c);

    /// <summary>Words in all that are not in the vocabulary.</summary>
    public long Unknown => _unknown.Sum(u => (long)u);

    /// <summary>The different words of a document by number, ascending.</summary>
    public ReadOnlySpan<int> WordsOf(int document) => _words.AsSpan(_starts[document].._starts[document + 1]);

    /// <summary>How often each of them occurs.</summary>
    public ReadOnlySpan<float> CountsOf(int document) => _counts.AsSpan(_starts[document].._starts[document + 1]);

    /// <summary>Words of a document, each as often as it occurs.</summary>
    public double LengthOf(int document)
    {
        var sum = 0.0;
        foreach (var count in CountsOf(document))
            sum += count;
        return sum;
    }

    /// <summary>Words of a document that are not in the vocabulary.</summary>
    public int UnknownOf(int document) => _unknown[document];

    /// <summary>How often each word occurs in all documents.</summary>
    public double[] WordTotals()
    {
        var totals = new double[Vocabulary];
        for (var i = 0; i < _words.Length; i++)
            totals[_words[i]] += _counts[i];
        return totals;
    }

    /// <summary>Some of the documents.</summary>
    public WordCounts Select(IReadOnlyList<int> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var starts = new int[documents.Count + 1];
        for (var i = 0; i < documents.Count; i++)
            starts[i + 1] = starts[i] + _starts[documents[i] + 1] - _starts[documents[i]];
        var (words, counts) = (new int[starts[^1]], new float[starts[^1]]);
        for (var i = 0; i < documents.Count; i++)
        {
            WordsOf(documents[i]).CopyTo(words.AsSpan(starts[i]));
            CountsOf(documents[i]).CopyTo(counts.AsSpan(starts[i]));
        }
        return new(starts, words, counts, [.. documents.Select(d => _unknown[d])], Vocabulary);
    }

    /// <summary>Whether words occur in documents or not: each that does once.</summary>
    public WordCounts Presence() => new(_starts, _words, [.. Enumerable.Repeat(1f, _counts.Length)], _unknown, Vocabulary);

    int IRows.Count => Documents;

    int IRows.Size => Vocabulary;

    bool IRows.HasMissing => false;

    void IRows.Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        values.Clear();
        if (!mask.IsEmpty)
            mask.Clear();
        for (var i = 0; i < rows.Length; i++)
        {
            var to = values.Slice(i * Vocabulary, Vocabulary);
            var words = WordsOf(rows[i]);
            var counts = CountsOf(rows[i]);
            for (var j = 0; j < words.Length; j++)
                to[words[j]] = counts[j];
            if (!mask.IsEmpty)
                mask.Slice(i * Vocabulary, Vocabulary).Fill(1);
        }
    }
}
