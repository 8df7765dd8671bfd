using System.Globalization;
using System.Text;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>How the divergence of codes is split.</summary>
public sealed record AggregateSplitOptions
{
    /// <summary>How many codes are drawn, from rows in turn, each set against all rows. Errors fall with the root of it.</summary>
    public int Draws { get; init; } = 2000;

    /// <summary>The seed of the draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads to share the work among; null for all the machine has. Results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>ln p(z) of codes, nats, where the prior is not N(0, I).</summary>
    public Func<Points, double[]>? LogPrior { get; init; }
}

/// <summary>
/// The divergence of a bound, split by what it pays for (Hoffman and Johnson, 2016; Chen, Li, Grosse and Duvenaud, 2018), in nats per row:
/// E KL(q(z|x)‖p(z)) = I(x; z) + KL(q(z)‖p(z)), and KL(q(z)‖p(z)) = TC(z) + Σⱼ KL(q(zⱼ)‖p(zⱼ)) where the prior's numbers are independent. Here
/// q(z) = (1/N) Σₙ q(z|xₙ) is the mixture over all N rows, x one of these.
/// </summary>
/// <remarks>
/// Each draw gives a value of every term, which add up as the terms do. That of the divergence has a known mean, so what is known of it is taken out
/// of the others by regression: they add up exactly, and with less noise.
/// </remarks>
/// <param name="Rows">N.</param>
/// <param name="Draws">Codes drawn.</param>
/// <param name="Divergence">E KL(q(z|x)‖p(z)); exact, so without an error, where the prior is N(0, I).</param>
/// <param name="Information">I(x; z): what a code tells about which row it is of. At most <see cref="MostInformation"/>.</param>
/// <param name="Marginal">KL(q(z)‖p(z)): by how much codes of the data are not spread as the prior is, so that samples from the prior decode what the decoder has not learned.</param>
/// <param name="TotalCorrelation">KL(q(z)‖Πⱼ q(zⱼ)): by how much latent numbers depend on each other.</param>
/// <param name="Dimensions">KL(q(zⱼ)‖p(zⱼ)) of each number; empty where the prior is not N(0, I).</param>
/// <param name="DimensionWise">Their sum; null where the prior is not N(0, I).</param>
public sealed record AggregateSplit(
    int Rows, int Draws, Estimate Divergence, Estimate Information, Estimate Marginal, Estimate TotalCorrelation, IReadOnlyList<Estimate> Dimensions, Estimate? DimensionWise)
{
    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    /// <summary>ln N: what it takes to name a row.</summary>
    public double MostInformation => Math.Log(Rows);

    /// <summary>
    /// Whether a code is near fewer than two rows on average. The information is then as much as N rows can show, so it is at least so much of the population
    /// that they are from, and the codes of the population may be that much nearer to the prior. The parts of single dimensions are not affected.
    /// </summary>
    public bool IsSaturated => Information.Value > MostInformation - Math.Log(2);

    /// <summary>Splits the divergence of diagonal normal posteriors.</summary>
    /// <param name="means">Posterior means of all rows of a data set.</param>
    /// <param name="logVariances">Logarithms of the posterior variances, of the same shape.</param>
    /// <param name="options">Draws, seed, prior.</param>
    /// <exception cref="ArgumentException">Shapes differ, or there are no draws.</exception>
    public static AggregateSplit Of(Points means, Points logVariances, AggregateSplitOptions? options = null)
    {
        options ??= new();
        Points.RequireSame(means, logVariances);
        if (means.Count != logVariances.Count)
            throw new ArgumentException($"There are means of {means.Count} rows and variances of {logVariances.Count}; every row has both.", nameof(logVariances));
        if (options.Draws < 2)
            throw new ArgumentException($"Draws is {options.Draws}; it must be at least 2, and some thousand for small errors.", nameof(options));

        var (codes, logPosterior) = Draw(means, logVariances, options);
        var (joint, marginals) = new CodeMixture(means, logVariances).LogDensities(codes, options.Threads);
        var d = means.Dimensions;
        double[] product = [.. Enumerable.Range(0, codes.Count).Select(m => Sum(marginals.AsSpan(m * d, d)))];
        var logPrior = options.LogPrior?.Invoke(codes) ?? [.. Enumerable.Range(0, codes.Count).Select(m => StandardNormal(codes[m]))];
        var whole = Less(logPosterior, logPrior);
        var known = options.LogPrior is null ? MeanDivergence(means, logVariances) : (double?)null;
        Estimate Term(double[] values) => known is { } mean ? Regressed(values, whole, mean) : Estimate.OfMean(values);

        Estimate[] dimensions = known is null ? [] : [.. Enumerable.Range(0, d).Select(j => Term(OfDimension(codes, marginals, j)))];
        return new(
            means.Count, codes.Count, known is { } exact ? new(exact, 0) : Estimate.OfMean(whole),
            Term(Less(logPosterior, joint)), Term(Less(joint, logPrior)), Term(Less(joint, product)), dimensions, known is null ? null : Term(Less(product, logPrior)));
    }

    /// <summary>The split, a line for each level.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"divergence {Divergence.Value:F3} nats a row");
        text.AppendLine(CultureInfo.InvariantCulture, $"  = information {Short(Information)} (at most ln {Rows} = {MostInformation:F2}{(IsSaturated ? ": more rows would show more of it, and fewer nats off the prior" : "")})");
        text.AppendLine(CultureInfo.InvariantCulture, $"  + codes off the prior {Short(Marginal)}");
        if (DimensionWise is { } sum)
            text.AppendLine(CultureInfo.InvariantCulture, $"      = total correlation {Short(TotalCorrelation)} + dimension by dimension {Short(sum)}");
        else
            text.AppendLine(CultureInfo.InvariantCulture, $"      total correlation {Short(TotalCorrelation)}");
        if (Dimensions.Count > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"        {string.Join(", ", Dimensions.Select((e, j) => (e.Value, Name: $"z{j + 1}")).OrderByDescending(e => e.Value).Take(8).Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Name} {e.Value:F3}")))}{(Dimensions.Count > 8 ? ", …" : "")}");
        return text.ToString().TrimEnd();
    }

    private static string Short(Estimate e) => string.Create(CultureInfo.InvariantCulture, $"{e.Value:F3} ± {e.StandardError:F3}");

    // Codes of rows in a random order, over and over, and ln q(z|x) of their own rows.
    private static (Points Codes, double[] LogPosterior) Draw(Points means, Points logVariances, AggregateSplitOptions options)
    {
        var (d, random) = (means.Dimensions, new RandomNumbers(options.Seed, Streams.AggregateSplit));
        int[] order = [.. Enumerable.Range(0, means.Count)];
        var codes = new float[(long)options.Draws * d];
        var logPosterior = new double[options.Draws];
        for (var m = 0; m < options.Draws; m++)
        {
            if (m % order.Length == 0)
                random.Shuffle<int>(order);
            var row = order[m % order.Length];
            for (var j = 0; j < d; j++)
            {
                var (mean, logVariance) = ((double)means[row][j], (double)logVariances[row][j]);
                codes[m * d + j] = (float)(mean + Math.Exp(0.5 * logVariance) * random.NextNormal());
                // Of the number as it was rounded, which is the one that the other densities are of.
                var off = (codes[m * d + j] - mean) * Math.Exp(-0.5 * logVariance);
                logPosterior[m] -= 0.5 * (off * off + logVariance + LogTwoPi);
            }
        }
        return (new(codes, d), logPosterior);
    }

    private static double MeanDivergence(Points means, Points logVariances)
    {
        var sum = 0.0;
        for (var i = 0; i < means.Values.Length; i++)
        {
            var (mean, logVariance) = ((double)means.Values[i], (double)logVariances.Values[i]);
            sum += 0.5 * (mean * mean + Math.Exp(logVariance) - logVariance - 1);
        }
        return sum / means.Count;
    }

    private static double StandardNormal(ReadOnlySpan<float> z)
    {
        var sum = 0.0;
        foreach (var number in z)
            sum -= 0.5 * ((double)number * number + LogTwoPi);
        return sum;
    }

    private static double[] OfDimension(Points codes, double[] marginals, int j)
    {
        var values = new double[codes.Count];
        for (var m = 0; m < values.Length; m++)
            values[m] = marginals[m * codes.Dimensions + j] - StandardNormal(codes[m].Slice(j, 1));
        return values;
    }

    // The mean of values, less what a control variate of a known mean tells of their chance error.
    private static Estimate Regressed(double[] values, double[] control, double mean)
    {
        var (ofValues, ofControl) = (values.Average(), control.Average());
        var (both, square) = (0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            both += (values[i] - ofValues) * (control[i] - ofControl);
            square += (control[i] - ofControl) * (control[i] - ofControl);
        }
        var slope = square > 0 ? both / square : 0;
        return Estimate.OfMean([.. values.Zip(control, (v, c) => v - slope * (c - mean))]);
    }

    private static double[] Less(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a - b)];

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum;
    }
}
