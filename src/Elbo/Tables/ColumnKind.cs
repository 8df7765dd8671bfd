namespace Elbo.Tables;

/// <summary>What the numbers of a column mean, and so which likelihoods suit it.</summary>
public enum ColumnKind
{
    /// <summary>Any real number.</summary>
    Real,

    /// <summary>A real number above zero, best thought of on a logarithmic scale: incomes, concentrations, durations.</summary>
    Positive,

    /// <summary>A whole number from zero up that counts or measures something.</summary>
    Count,

    /// <summary>One of two things, coded 0 and 1.</summary>
    Binary,

    /// <summary>One of several things without an order, coded 0..K−1.</summary>
    Category,

    /// <summary>One of several things in a known order, coded 0..K−1 from the lowest to the highest.</summary>
    Ordinal,

    /// <summary>A day, or a moment, in days since 1970-01-01; the fraction is the time of day.</summary>
    Date,

    /// <summary>A name or a number that tells rows apart and says nothing else.</summary>
    Identifier,
}
