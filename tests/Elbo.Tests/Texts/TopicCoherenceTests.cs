using Elbo.Texts;

namespace Elbo.Tests.Texts;

/// <summary>Coherence by hand.</summary>
public class TopicCoherenceTests
{
    // Of four documents a is in three, b in two, both in one; c is with a and never with b; d and e are only together.
    private static readonly WordCounts Documents = WordCounts.Of([[0, 1, 0], [0, 2], [0, 2], [1, 3, 4]], 6);

    [Fact]
    public void It_is_the_mean_over_pairs_of_what_the_definition_says()
    {
        var ofAAndB = Math.Log(0.25 / (0.75 * 0.5)) / -Math.Log(0.25);
        var ofAAndC = Math.Log(0.5 / (0.75 * 0.5)) / -Math.Log(0.5);
        Assert.Equal(ofAAndB, TopicCoherence.Npmi(Documents, [0, 1]), 1e-12);
        Assert.Equal(ofAAndC, TopicCoherence.Npmi(Documents, [0, 2]), 1e-12);
        Assert.Equal((ofAAndB + ofAAndC - 1) / 3, TopicCoherence.Npmi(Documents, [2, 0, 1]), 1e-12);
        Assert.Equal(1, TopicCoherence.Npmi(Documents, [3, 4]), 1e-12);
        Assert.Equal(0, TopicCoherence.Npmi(WordCounts.Of([[0, 1], [0, 1]], 2), [0, 1]), 1e-12);
    }

    [Fact]
    public void Words_that_say_nothing_are_refused()
    {
        Assert.Contains("two different words", Assert.Throws<ArgumentException>(() => TopicCoherence.Npmi(Documents, [0, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("number 5 is in no document", Assert.Throws<ArgumentException>(() => TopicCoherence.Npmi(Documents, [0, 5])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Diversity_is_the_share_of_different_words() => Assert.Equal(5 / 6.0, TopicCoherence.Diversity([[0, 1, 2], [3, 4, 0]]), 1e-12);
}
