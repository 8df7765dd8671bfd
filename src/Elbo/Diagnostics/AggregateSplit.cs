using System.Globalization;
using System.Text;
using Elbo.Autoencoders;
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
/// Each draw gives a value of every term, which add up as the terms do. Those of the divergence have known means, so what their chance errors tell is taken out
/// of the others by regression: these add up exactly, and with less noise.
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
    // Draws for each slope of a regression, so that it does not follow their chance.
    private const int DrawsOfControl = 20;

    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    /// <summary>ln N: what it takes to name a row.</summary>
    public double MostInformation => Math.Log(Rows);

    /// <summary>
    /// Whether a code is near fewer than two rows on average. The information is then as much as N rows can show, so it is at least so much of the population
    /// that they are from, and the codes of the population may be that much nearer to the prior. The parts of single dimensions are not affected.
    /// </summary>
    public bool IsSaturated => Information.Value > MostInformation - Math.Log(2);

    /// <summary>Splits the divergence of a model, against its own prior.</summary>
    /// <param name="model">The model; its q(z|x) must be a diagonal normal (<see cref="LatentNetwork.HasDiagonalPosterior"/>).</param>
    /// <param name="rows">All rows of a data set.</param>
    /// <param name="options">Draws, seed.</param>
    /// <exception cref="ArgumentException">q(z|x) is of another family.</exception>
    public static AggregateSplit OfModel(Vae model, IRows rows, AggregateSplitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.Network.HasDiagonalPosterior)
            throw new ArgumentException("The split needs a q(z|x) whose means and variances say all of it, and this model's is of another family; use CodePosterior.Diagonal, or give means and variances of the group it is wanted for.", nameof(model));
        var (means, logVariances) = model.Codes(rows);
        options ??= new();
        return Of(means, logVariances, model.Network.HasStandardNormalPrior ? options : options with { LogPrior = options.LogPrior ?? (codes => LogPrior(model, codes)) });
    }

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

        var (codes, logPosteriors) = Draw(means, logVariances, options);
        var (joint, marginals) = new CodeMixture(means, logVariances).LogDensities(codes, options.Threads);
        var (logPosterior, product) = (SumsOf(logPosteriors, codes), SumsOf(marginals, codes));
        if (options.LogPrior is { } prior)
        {
            var logPrior = prior(codes);
            return new(
                means.Count, codes.Count, Mean(logPosterior, logPrior), Mean(logPosterior, joint), Mean(joint, logPrior), Mean(joint, product), [], null);
        }

        double[] standard = [.. codes.Values.ToArray().Select(z => -0.5 * ((double)z * z + LogTwoPi))];
        var (atPrior, each) = (SumsOf(standard, codes), Divergences(means, logVariances));
        double[][] controls = [.. each.Select((_, j) => OfDimension(logPosteriors, standard, codes, j))];
        // Each latent number by itself tells more of the errors than their sum, if draws are enough for so many slopes.
        var variates = each.Length <= options.Draws / DrawsOfControl ? new ControlVariates(controls, each) : new([Less(logPosterior, atPrior)], [each.Sum()]);
        return new(
            means.Count, codes.Count, new(each.Sum(), 0), variates.MeanOf(Less(logPosterior, joint)), variates.MeanOf(Less(joint, atPrior)), variates.MeanOf(Less(joint, product)),
            [.. each.Select((_, j) => variates.MeanOf(OfDimension(marginals, standard, codes, j)))], variates.MeanOf(Less(product, atPrior)));
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

    private static double[] LogPrior(Vae model, Points codes)
    {
        const int Block = 256;
        var z = Tensor.Input("z", [Block, codes.Dimensions]);
        var logPrior = model.Network.Score(z).LogPrior;
        using var function = model.Cpu.Compile([logPrior]);
        var all = new double[codes.Count];
        for (var first = 0; first < all.Length; first += Block)
        {
            var count = Math.Min(Block, all.Length - first);
            codes.Values.Slice(first * codes.Dimensions, count * codes.Dimensions).CopyTo(function.Input<float>(z));
            function.Run();
            for (var i = 0; i < count; i++)
                all[first + i] = function.Output<float>(logPrior)[i];
        }
        return all;
    }

    // Codes of rows in a random order, over and over, and ln q(z|x) of their own rows.
    private static (Points Codes, double[] LogPosteriors) Draw(Points means, Points logVariances, AggregateSplitOptions options)
    {
        var (d, random) = (means.Dimensions, new RandomNumbers(options.Seed, Streams.AggregateSplit));
        int[] order = [.. Enumerable.Range(0, means.Count)];
        var codes = new float[(long)options.Draws * d];
        var logPosteriors = new double[codes.Length];
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
                logPosteriors[m * d + j] = -0.5 * (off * off + logVariance + LogTwoPi);
            }
        }
        return (new(codes, d), logPosteriors);
    }

    // Of each latent number, KL(q(zⱼ|x)‖N(0, 1)) on average over rows.
    private static double[] Divergences(Points means, Points logVariances)
    {
        var sums = new double[means.Dimensions];
        for (var i = 0; i < means.Values.Length; i++)
        {
            var (mean, logVariance) = ((double)means.Values[i], (double)logVariances.Values[i]);
            sums[i % sums.Length] += 0.5 * (mean * mean + Math.Exp(logVariance) - logVariance - 1) / means.Count;
        }
        return sums;
    }

    // [codes, dimensions] summed over dimensions.
    private static double[] SumsOf(double[] each, Points codes)
    {
        var sums = new double[codes.Count];
        for (var i = 0; i < each.Length; i++)
            sums[i / codes.Dimensions] += each[i];
        return sums;
    }

    private static double[] OfDimension(double[] first, double[] second, Points codes, int j)
    {
        var values = new double[codes.Count];
        for (var m = 0; m < values.Length; m++)
            values[m] = first[m * codes.Dimensions + j] - second[m * codes.Dimensions + j];
        return values;
    }

    private static Estimate Mean(double[] left, double[] right) => Estimate.OfMean(Less(left, right));

    private static double[] Less(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a - b)];
}
