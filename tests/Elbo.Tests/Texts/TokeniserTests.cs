using Elbo.Autoencoders;
using Elbo.Texts;

namespace Elbo.Tests.Texts;

/// <summary>From texts to counts.</summary>
public class TokeniserTests
{
    [Theory]
    [InlineData("The cat's pyjamas, 2 pairs!", "the cat's pyjamas 2 pairs")]
    [InlineData("don’t 'quote' it'", "don't quote it")]
    [InlineData("Größe ÉTÉ Ελλάδα наука", "größe été ελλάδα наука")]
    [InlineData("well-known e-mail", "well known e mail")]
    [InlineData("नमस्ते दुनिया", "नमस्ते दुनिया")]
    [InlineData("𝒜bc 𐐀x", "𝒜bc 𐐨x")]
    [InlineData(" ,.; \t\n", "")]
    public void Words_are_runs_of_letters_marks_and_digits_in_lower_case(string text, string words) =>
        Assert.Equal(words, string.Join(' ', Tokeniser.Words.Tokens(text)));

    [Fact]
    public void Words_and_characters_in_a_row_are_all_of_them()
    {
        Assert.Equal(["a", "a b", "b", "b c", "c"], Tokeniser.WordsInARow(2).Tokens("A b, c"));
        Assert.Equal([" a", "ab", "b ", " ab", "ab "], Tokeniser.Characters(2, 3).Tokens("ab"));
        Assert.Equal([" 𐐨", "𐐨 "], Tokeniser.Characters(2, 2).Tokens("𐐨"));
        Assert.Equal(["b c"], new Tokeniser { Shortest = 2, Longest = 2, StopWords = ["A"] }.Tokens("a b a c a"));
    }

    [Fact]
    public void Words_in_too_few_or_too_many_texts_are_left_out_and_the_rest_is_counted()
    {
        string[] texts = ["the cat sat", "the dog sat sat", "the bird flew"];
        var vocabulary = Vocabulary.Of(texts, new() { MinimumTexts = 2, MaximumShare = 0.9 });
        Assert.Equal(["sat"], vocabulary.Tokens);
        var counts = vocabulary.CountsOf(texts);
        Assert.Equal([1.0, 2, 0], Enumerable.Range(0, 3).Select(counts.LengthOf));
        Assert.Equal([2, 2, 3], Enumerable.Range(0, 3).Select(counts.UnknownOf));
        Assert.Equal(["cat", "sat"], Vocabulary.Of(["cat sat", "sat cat", "the"], new() { Most = 2, MinimumTexts = 1 }).Tokens);
        Assert.Contains("none is left", Assert.Throws<ArgumentException>(() => Vocabulary.Of(["a", "b"])).Message, StringComparison.Ordinal);
        Assert.Contains("'a' comes twice", Assert.Throws<ArgumentException>(() => new Vocabulary(Tokeniser.Words, ["a", "a"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sparse_counts_are_the_rows_they_stand_for()
    {
        var counts = WordCounts.Of([[2, 0, 2], [], [1]], 3);
        var values = new float[9];
        ((IRows)counts).Fill([0, 2, 1], values, []);
        Assert.Equal([1f, 0, 2, 0, 1, 0, 0, 0, 0], values);
        Assert.Equal([1.0, 1, 2], counts.WordTotals());
        var some = counts.Select([2, 0]);
        Assert.Equal((1.0, 3.0, 4.0), (some.LengthOf(0), some.LengthOf(1), some.Total));
        Assert.Equal(3, counts.Presence().Total);
        Assert.Contains("word number 3", Assert.Throws<ArgumentException>(() => WordCounts.Of([[3]], 3)).Message, StringComparison.Ordinal);
    }
}
