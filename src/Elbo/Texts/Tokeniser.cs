using System.Globalization;
using System.Text;

namespace Elbo.Texts;

/// <summary>How a text is taken apart into tokens, all in lower case: a recipe, so that new texts are taken apart as those were that a model was fitted to.</summary>
public sealed record Tokeniser
{
    /// <summary>Words: runs of letters, their marks and digits of any script, with apostrophes inside (don't).</summary>
    public static Tokeniser Words { get; } = new();

    /// <summary>Words and so many of them in a row, joined by spaces.</summary>
    /// <param name="most">Words in the longest token, at least 1.</param>
    public static Tokeniser WordsInARow(int most) => new() { Longest = most };

    /// <summary>Characters in a row inside words, whose ends count as a character of their own (written as a space): what spelling, inflection and compounds share.</summary>
    /// <param name="least">Characters in the shortest token, at least 1.</param>
    /// <param name="most">In the longest.</param>
    public static Tokeniser Characters(int least = 2, int most = 5) => new() { OfCharacters = true, Shortest = least, Longest = most };

    /// <summary>Whether tokens are characters in a row rather than words.</summary>
    public bool OfCharacters { get; init; }

    /// <summary>Words, or characters, in the shortest token.</summary>
    public int Shortest { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A token has at least one word or character."); } = 1;

    /// <summary>Words, or characters, in the longest token.</summary>
    public int Longest { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A token has at least one word or character."); } = 1;

    /// <summary>Words that are passed over, in lower case; none unless they are given.</summary>
    public IReadOnlyList<string> StopWords { get; init => field = [.. value.Select(w => w.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)]; } = [];

    /// <summary>The tokens of a text, in its order, as often as they occur.</summary>
    public IEnumerable<string> Tokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Shortest > Longest)
            throw new InvalidOperationException($"The shortest token has {Shortest} words or characters and the longest {Longest}; it must not be longer.");
        var stop = StopWords.ToHashSet(StringComparer.Ordinal);
        List<string> words = [.. WordsOf(text).Where(w => !stop.Contains(w))];
        return OfCharacters ? words.SelectMany(CharactersOf) : InARow(words);
    }

    /// <summary>The words of a text, in lower case.</summary>
    public static IEnumerable<string> WordsOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var word = new StringBuilder();
        var pending = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsInWord(rune))
            {
                if (pending)
                    word.Append('\'');
                pending = false;
                word.Append(Rune.ToLowerInvariant(rune));
            }
            else if (rune.Value is '\'' or '\u2019' && word.Length > 0 && !pending)
            {
                // An apostrophe counts if a letter follows.
                pending = true;
            }
            else
            {
                if (word.Length > 0)
                    yield return word.ToString();
                word.Clear();
                pending = false;
            }
        }
        if (word.Length > 0)
            yield return word.ToString();
    }

    private static bool IsInWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private IEnumerable<string> InARow(List<string> words)
    {
        for (var at = 0; at < words.Count; at++)
        {
            for (var length = Shortest; length <= Longest && at + length <= words.Count; length++)
                yield return length == 1 ? words[at] : string.Join(' ', words.Skip(at).Take(length));
        }
    }

    private IEnumerable<string> CharactersOf(string word)
    {
        // Characters are code points: half of one would be none.
        var padded = $" {word} ";
        int[] starts = [.. Enumerable.Range(0, padded.Length).Where(i => !char.IsLowSurrogate(padded[i])), padded.Length];
        for (var length = Shortest; length <= Math.Min(Longest, starts.Length - 1); length++)
        {
            for (var at = 0; at + length < starts.Length; at++)
                yield return padded[starts[at]..starts[at + length]];
        }
    }

    /// <summary>Whether texts are taken apart alike.</summary>
    public bool Equals(Tokeniser? other) => other is not null && (OfCharacters, Shortest, Longest) == (other.OfCharacters, other.Shortest, other.Longest)
        && StopWords.SequenceEqual(other.StopWords, StringComparer.Ordinal);

    /// <summary>A hash of the same.</summary>
    public override int GetHashCode() => HashCode.Combine(OfCharacters, Shortest, Longest, StopWords.Count);
}
