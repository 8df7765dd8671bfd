namespace Elbo.Texts;

/// <summary>Which tokens of texts are counted.</summary>
public sealed record VocabularyOptions
{
    /// <summary>How texts are taken apart.</summary>
    public Tokeniser Tokeniser { get; init; } = Tokeniser.Words;

    /// <summary>Tokens in fewer texts are left out: those in one text say nothing of others.</summary>
    public int MinimumTexts { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A token is in at least one text."); } = 2;

    /// <summary>Tokens in a larger share of the texts are left out, in (0, 1]; 1 leaves none out. In place of a list of stop words: words that are everywhere tell no text from others.</summary>
    public double MaximumShare { get; init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A share of texts lies above 0, up to 1."); } = 1;

    /// <summary>The most tokens; those in the most texts are kept.</summary>
    public int Most { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There is at least one token."); } = 50_000;
}

/// <summary>The tokens that are counted in texts, and how texts are taken apart into them. It never changes once made.</summary>
public sealed class Vocabulary
{
    private readonly Dictionary<string, int> _numbers;

    /// <summary>A vocabulary of these tokens.</summary>
    /// <param name="tokeniser">How texts are taken apart.</param>
    /// <param name="tokens">The tokens, each once; a token's place is its number.</param>
    /// <exception cref="ArgumentException">A token comes twice.</exception>
    public Vocabulary(Tokeniser tokeniser, IReadOnlyList<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokeniser);
        ArgumentNullException.ThrowIfNull(tokens);
        (Tokeniser, Tokens, _numbers) = (tokeniser, [.. tokens], new(tokens.Count, StringComparer.Ordinal));
        foreach (var (number, token) in tokens.Index())
        {
            if (!_numbers.TryAdd(token, number))
                throw new ArgumentException($"The token '{token}' comes twice in the vocabulary.", nameof(tokens));
        }
    }

    /// <summary>How texts are taken apart.</summary>
    public Tokeniser Tokeniser { get; }

    /// <summary>The tokens by number.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>How many there are.</summary>
    public int Count => Tokens.Count;

    /// <summary>The tokens of texts, in the order of code points.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="options">Which tokens.</param>
    /// <exception cref="ArgumentException">No token is left.</exception>
    public static Vocabulary Of(IReadOnlyList<string> texts, VocabularyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        options ??= new();
        var textsWith = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var token in options.Tokeniser.Tokens(text).ToHashSet(StringComparer.Ordinal))
                textsWith[token] = textsWith.GetValueOrDefault(token) + 1;
        }
        var most = options.MaximumShare * texts.Count;
        string[] kept = [.. textsWith.Where(t => t.Value >= options.MinimumTexts && t.Value <= most)
            .OrderByDescending(t => t.Value).ThenBy(t => t.Key, StringComparer.Ordinal).Take(options.Most).Select(t => t.Key).Order(StringComparer.Ordinal)];
        return kept.Length > 0 ? new(options.Tokeniser, kept)
            : throw new ArgumentException($"Of {textsWith.Count} different tokens in {texts.Count} texts none is left: none is in at least {options.MinimumTexts} texts and in at most a share of {options.MaximumShare} of them. Lower the minimum, raise the share, or give more texts.", nameof(texts));
    }

    /// <summary>The number of a token; null for one that is unknown.</summary>
    public int? NumberOf(string token) => _numbers.TryGetValue(token, out var number) ? number : null;

    /// <summary>Counts the tokens of texts; those that are not in the vocabulary are counted as unknown.</summary>
    public WordCounts CountsOf(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var (starts, words, counts, unknown) = (new int[texts.Count + 1], new List<int>(), new List<float>(), new int[texts.Count]);
        var ofText = new SortedDictionary<int, int>();
        for (var i = 0; i < texts.Count; i++)
        {
            ofText.Clear();
            foreach (var token in Tokeniser.Tokens(texts[i]))
            {
                if (_numbers.TryGetValue(token, out var number))
                    ofText[number] = ofText.GetValueOrDefault(number) + 1;
                else
                    unknown[i]++;
            }
            words.AddRange(ofText.Keys);
            counts.AddRange(ofText.Values.Select(c => (float)c));
            starts[i + 1] = words.Count;
        }
        return new([.. starts], [.. words], [.. counts], unknown, Count);
    }
}
