using static Elbo.Texts.DirichletFunctions;

namespace Elbo.Texts;

/// <summary>What topics say of documents.</summary>
/// <param name="Weights">Weights of the Dirichlet q of each document's shares, [documents][topics].</param>
/// <param name="Bounds">Of each document the ELBO, nats, total, of its words in their order.</param>
public sealed record DocumentTopics(IReadOnlyList<double[]> Weights, IReadOnlyList<double> Bounds)
{
    /// <summary>The mean share of each topic in a document.</summary>
    public double[] Shares(int document)
    {
        var sum = Weights[document].Sum();
        return [.. Weights[document].Select(w => w / sum)];
    }

    /// <summary>The standard deviation of the share of each topic in a document.</summary>
    public double[] Deviations(int document)
    {
        var sum = Weights[document].Sum();
        return [.. Weights[document].Select(w => Math.Sqrt(w * (sum - w) / (sum + 1)) / sum)];
    }

    /// <summary>The topic with the largest share.</summary>
    public int Dominant(int document) => Array.IndexOf(Weights[document], Weights[document].Max());

    /// <summary>Moves the shares of a document towards the best ones given the topics.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="d">Which.</param>
    /// <param name="expWords">exp E ln of words in topics, [words, topics].</param>
    /// <param name="prior">Weights of the prior.</param>
    /// <param name="shares">Weights of q; what they are is where it begins.</param>
    /// <param name="expShares">Becomes exp E ln of the shares.</param>
    /// <param name="sweeps">The most steps.</param>
    /// <param name="settled">Steps that are smaller, on average and relative to the document's length, end it.</param>
    /// <returns>The bound there, nats.</returns>
    internal static double Settle(
        WordCounts documents, int d, double[] expWords, double[] prior, Span<double> shares, Span<double> expShares, int sweeps, double settled)
    {
        var words = documents.WordsOf(d);
        var counts = documents.CountsOf(d);
        var topics = shares.Length;
        var length = documents.LengthOf(d);
        Span<double> next = stackalloc double[topics <= 256 ? topics : 0];
        next = topics <= 256 ? next : new double[topics];
        if (words.IsEmpty)
            prior.CopyTo(shares);
        ExpMeanLogs(shares, expShares);
        for (var sweep = 0; sweep < sweeps && words.Length > 0; sweep++)
        {
            next.Clear();
            for (var i = 0; i < words.Length; i++)
            {
                var ofWord = expWords.AsSpan(words[i] * topics, topics);
                var weight = counts[i] / Dot(ofWord, expShares);
                for (var k = 0; k < topics; k++)
                    next[k] += weight * ofWord[k];
            }
            var moved = 0.0;
            for (var k = 0; k < topics; k++)
            {
                var weight = prior[k] + expShares[k] * next[k];
                moved += Math.Abs(weight - shares[k]);
                shares[k] = weight;
            }
            ExpMeanLogs(shares, expShares);
            if (moved < settled * length)
                break;
        }
        var bound = NegativeDivergence(shares, prior);
        for (var i = 0; i < words.Length; i++)
            bound += counts[i] * Math.Log(Dot(expWords.AsSpan(words[i] * topics, topics), expShares));
        return bound;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var k = 0; k < a.Length; k++)
            sum += a[k] * b[k];
        return sum;
    }
}
