using Elbo.Tables;

namespace Elbo.Likelihoods;

/// <summary>Which likelihood a column gets when nobody says, and what of its data the model remembers.</summary>
public static class LikelihoodChoice
{
    // The excess kurtosis of a Laplace distribution: tails that a Gaussian would chase with its scale.
    private const double HeavyTails = 3;

    // Above this a count is as good as continuous, and single precision loses its log-mass to cancellation.
    private const double LargestModelledCount = 500;

    /// <summary>The likelihoods that suit a kind of column.</summary>
    public static IReadOnlyList<LikelihoodKind> Suitable(ColumnKind kind) => kind switch
    {
        ColumnKind.Real or ColumnKind.Date => [LikelihoodKind.Gaussian, LikelihoodKind.StudentT],
        ColumnKind.Positive => [LikelihoodKind.LogNormal, LikelihoodKind.Gaussian, LikelihoodKind.StudentT],
        ColumnKind.Count => [LikelihoodKind.NegativeBinomial, LikelihoodKind.Poisson, LikelihoodKind.LogNormal, LikelihoodKind.Gaussian, LikelihoodKind.StudentT],
        ColumnKind.Binary => [LikelihoodKind.Bernoulli],
        ColumnKind.Category => [LikelihoodKind.Categorical],
        ColumnKind.Ordinal => [LikelihoodKind.Ordinal, LikelihoodKind.Categorical],
        _ => [],
    };

    /// <summary>A column with its likelihood: the one asked for, or the one its values suggest.</summary>
    /// <param name="column">Name, kind and levels.</param>
    /// <param name="values">Its values in training; NaN is missing.</param>
    /// <param name="asked">A family of <see cref="Suitable"/>, or null.</param>
    /// <exception cref="ArgumentException">The column has no values, is an identifier, or the family asked for does not suit it; the message names the column and the families that do.</exception>
    public static ModelledColumn Choose(Column column, ReadOnlySpan<double> values, LikelihoodKind? asked = null)
    {
        ArgumentNullException.ThrowIfNull(column);
        var suitable = Suitable(column.Kind);
        if (suitable.Count == 0)
            throw new ArgumentException($"Column '{column.Name}' is an {column.Kind}: it says nothing that a model could learn. Leave it out.");
        if (asked is { } family && !suitable.Contains(family))
            throw new ArgumentException($"Column '{column.Name}' of kind {column.Kind} cannot be given a {family} likelihood; {string.Join(", ", suitable)} suit it.");
        var facts = Moments.Of(values, x => x);
        if (facts.Count == 0)
            throw new ArgumentException($"Column '{column.Name}' has no observed values: there is nothing to learn. Leave it out.");
        return Describe(column, values, asked ?? Default(column.Kind, facts), facts);
    }

    private static LikelihoodKind Default(ColumnKind kind, Moments facts) => kind switch
    {
        ColumnKind.Positive => LikelihoodKind.LogNormal,
        ColumnKind.Count when facts.Maximum > LargestModelledCount => LikelihoodKind.LogNormal,
        ColumnKind.Count => facts.Variance > 1.2 * facts.Mean ? LikelihoodKind.NegativeBinomial : LikelihoodKind.Poisson,
        ColumnKind.Binary => LikelihoodKind.Bernoulli,
        ColumnKind.Category => LikelihoodKind.Categorical,
        ColumnKind.Ordinal => LikelihoodKind.Ordinal,
        _ => facts.ExcessKurtosis > HeavyTails ? LikelihoodKind.StudentT : LikelihoodKind.Gaussian,
    };

    private static ModelledColumn Describe(Column column, ReadOnlySpan<double> values, LikelihoodKind likelihood, Moments facts)
    {
        // Counts may be 0, if not in training then in a table that comes later.
        var shift = likelihood == LikelihoodKind.LogNormal && column.Kind == ColumnKind.Count ? 1.0 : 0;
        var scaled = likelihood switch
        {
            LikelihoodKind.LogNormal => Moments.Of(values, x => Math.Log(x + shift)),
            LikelihoodKind.Poisson or LikelihoodKind.NegativeBinomial => Moments.Of(values, x => Math.Log(1 + x)),
            LikelihoodKind.Gaussian or LikelihoodKind.StudentT => facts,
            _ => new Moments(facts.Count, 0, 1, 0, facts.Minimum, facts.Maximum),
        };
        var scale = Math.Sqrt(scaled.Variance);
        return new(column, likelihood, scaled.Mean, scale > 0 && double.IsFinite(scale) ? scale : 1, shift, facts.Minimum, facts.Maximum);
    }

    /// <summary>Moments of the observed values, two passes for accuracy.</summary>
    private sealed record Moments(int Count, double Mean, double Variance, double ExcessKurtosis, double Minimum, double Maximum)
    {
        public static Moments Of(ReadOnlySpan<double> values, Func<double, double> transform)
        {
            var (count, sum, minimum, maximum) = (0, 0.0, double.PositiveInfinity, double.NegativeInfinity);
            foreach (var value in values)
            {
                if (double.IsNaN(value))
                    continue;
                var x = transform(value);
                count++;
                sum += x;
                minimum = Math.Min(minimum, x);
                maximum = Math.Max(maximum, x);
            }
            // A mean of equal numbers need not be that number in floating point, and the rest is no spread.
            var mean = count == 0 ? 0 : minimum == maximum ? minimum : sum / count;
            var (second, fourth) = (0.0, 0.0);
            foreach (var value in values)
            {
                if (double.IsNaN(value))
                    continue;
                var square = Math.Pow(transform(value) - mean, 2);
                second += square;
                fourth += square * square;
            }
            var variance = count == 0 ? 0 : second / count;
            return new(count, mean, variance, variance > 0 ? fourth / count / (variance * variance) - 3 : 0, minimum, maximum);
        }
    }
}
