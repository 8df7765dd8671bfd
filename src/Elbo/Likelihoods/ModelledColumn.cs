using Elbo.Tables;

namespace Elbo.Likelihoods;

/// <summary>A column of a table with its likelihood and what the training data said about its scale.</summary>
/// <param name="Column">Name, kind and levels.</param>
/// <param name="Likelihood">The family of its values given the code.</param>
/// <param name="Location">Subtracted before dividing by <paramref name="Scale"/>: in the column's units, or of its logarithm (of x + <paramref name="Shift"/>) for log-normal columns and counts.</param>
/// <param name="Scale">The standard deviation in the same units; above 0.</param>
/// <param name="Shift">Added before taking logarithms: 1 for log-normal counts, otherwise 0.</param>
/// <param name="Minimum">The least value seen in training.</param>
/// <param name="Maximum">The greatest value seen in training.</param>
public sealed record ModelledColumn(Column Column, LikelihoodKind Likelihood, double Location, double Scale, double Shift, double Minimum, double Maximum)
{
    /// <summary>A value of the column in the units the network works in.</summary>
    public double Encode(double value) => Likelihood switch
    {
        LikelihoodKind.Gaussian or LikelihoodKind.StudentT => (value - Location) / Scale,
        LikelihoodKind.LogNormal => (Math.Log(value + Shift) - Location) / Scale,
        _ => value,
    };

    /// <summary>A value in the units of the network in those of the column.</summary>
    public double Decode(double encoded) => Likelihood switch
    {
        LikelihoodKind.Gaussian or LikelihoodKind.StudentT => encoded * Scale + Location,
        LikelihoodKind.LogNormal => Math.Exp(encoded * Scale + Location) - Shift,
        _ => encoded,
    };

    /// <summary>The value nearest to a number that the kind of the column allows: a whole one for counts. Where nothing above zero was drawn for a positive column, the least value seen in training.</summary>
    public double Nearest(double value) => Column.Kind switch
    {
        ColumnKind.Count => Math.Clamp(Math.Round(value), 0, Table.LargestCount),
        ColumnKind.Positive when value <= 0 => Minimum,
        _ => Math.Clamp(value, -double.MaxValue, double.MaxValue),
    };

    /// <summary>Whether a value can have this column's likelihood at all.</summary>
    public bool Supports(double value) => Likelihood switch
    {
        LikelihoodKind.LogNormal => value + Shift > 0,
        LikelihoodKind.Poisson or LikelihoodKind.NegativeBinomial => value >= 0 && value == Math.Floor(value),
        LikelihoodKind.Bernoulli => value is 0 or 1,
        LikelihoodKind.Categorical or LikelihoodKind.Ordinal => value >= 0 && value < Column.Levels.Count && value == Math.Floor(value),
        _ => double.IsFinite(value),
    };
}
